import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { cleanUp } from '../../src/background/clean-up.ts';
import { fillingInCosts } from '../../src/background/coarse-costs.ts';
import { SlowWriter } from '../../src/background/slow-writer.ts';
import { removingWhatIsSwitchedOff } from '../../src/background/switched-off.ts';
import { takingBack } from '../../src/background/take-back.ts';
import { COST_OWNER, POD_DELETION_COST } from '../../src/domain/fleet/annotations.ts';
import { namespacedName } from '../../src/domain/fleet/namespaced-name.ts';
import { markedUnit, type Pod } from '../../src/domain/fleet/pod.ts';
import type { Workload } from '../../src/domain/fleet/workload.ts';
import { objectAt, stringsAt, textOf } from '../../src/workloads/core/json.ts';
import { configOf, webhook } from '../admission/webhook.ts';
import { appsPod, fleetOf, servingGroup } from '../builders/fleet.ts';
import { bindingReview, scaleReview } from '../builders/review.ts';
import { deployment, serving } from '../builders/workload.ts';
import { applyPatch } from '../cluster/live/json-patch.ts';
import { runs } from '../domain/victims/properties.ts';
import { annotationsOf } from './stage.ts';

const llama = serving(4, { prefill: 1, decode: { replicas: 2, workers: 1 } });
const web = deployment(6, { kind: 'ReplicaSet', uid: 'uid-of-web' });
const db = deployment(3, { kind: 'StatefulSet', name: 'db', uid: 'uid-of-db' });
const workloads: readonly Workload[] = [llama, web, db];
const pods: readonly Pod[] = [
  ...[0, 1, 2, 3].flatMap((group) => servingGroup(llama, group)),
  ...[0, 1, 2, 3, 4, 5].map((index) => appsPod(web, index)),
  ...[0, 1, 2].map((index) => appsPod(db, index)),
];
/** Values that packdown itself would not think of. */
const foreignCost = fc.constantFrom('123456789', '-987654', '0x7', 'keep me', '');
const podNumber = fc.nat(pods.length - 1);
const workloadNumber = fc.nat(workloads.length - 1);

/** What may happen to a fleet; of a scale-down that is refused elsewhere, only our marks are left. */
const step = fc.oneof(
  fc.record({ what: fc.constant('bind' as const), pod: podNumber, node: fc.nat(4) }),
  fc.record({
    what: fc.constant('scale' as const),
    workload: workloadNumber,
    to: fc.nat(5),
    end: fc.constantFrom('refused' as const, 'admitted' as const, 'carried out' as const),
  }),
  fc.record({ what: fc.constant('other' as const), pod: podNumber, cost: foreignCost }),
  fc.record({ what: fc.constant('delete' as const), pod: podNumber }),
  fc.record({ what: fc.constant('fill' as const) }),
  fc.record({ what: fc.constant('take back' as const) }),
  fc.record({ what: fc.constant('switch' as const), workload: workloadNumber, mode: fc.constantFrom('off', 'steer') }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** A fleet that packdown comes to, and what others have written there. */
class Story {
  readonly #hook = webhook({
    index: fleetOf(pods, workloads),
    config: configOf('background: true\nsteering: {settle: 0ms}'),
  });
  /** By pod: the cost that is not ours. */
  readonly #theirs = new Map<string, string>();
  readonly #writer = new SlowWriter({ fleet: this.#hook.fleet, now: this.#hook.clock.now, writesPerSecond: 20 });
  readonly #pace = { goesOn: () => true, wait: this.#hook.clock.wait };

  async tell(step: Step): Promise<void> {
    const { fleet, config, clock, index } = this.#hook;
    switch (step.what) {
      case 'bind':
        return this.#bind(step.pod, `n${step.node}`);
      case 'scale':
        return this.#scale(step.workload, step.to, step.end);
      case 'other':
        return this.#overwrite(step.pod, step.cost);
      case 'delete':
        return this.#change(step.pod, (pod) => index.deletePod(pod.namespace, pod.name));
      case 'fill':
        return fillingInCosts(fleet, config, clock.now, this.#writer).run(this.#pace);
      case 'take back':
        clock.time += 300_000;
        return takingBack(fleet, config, clock.now, this.#writer).run(this.#pace);
      case 'switch':
        return this.#switch(step.workload, step.mode);
      default:
        step satisfies never;
    }
  }

  async end(): Promise<void> {
    const { fleet, clock, index } = this.#hook;
    assert.deepEqual((await cleanUp({ fleet, now: clock.now, wait: clock.wait })).left, []);
    const left = [...index.pods()].map((pod) => [
      namespacedName(pod),
      [this.#theirs.get(namespacedName(pod)) ?? null, null, null],
    ]);
    assert.deepEqual(annotationsOf(index), Object.fromEntries(left));
  }

  async #bind(number: number, node: string): Promise<void> {
    const { index, mutate } = this.#hook;
    const pod = this.#pod(number);
    if (pod === undefined) return;
    const review = bindingReview(pod, node);
    const { patch } = objectAt(await mutate(review), 'response');
    const binding = objectAt(review, 'request', 'object');
    const operations = JSON.parse(Buffer.from(textOf(patch) ?? 'W10=', 'base64').toString());
    const annotations = stringsAt(applyPatch(binding, operations), 'metadata', 'annotations');
    const { cost, costOwner } = pod;
    index.putPod({
      ...pod,
      node,
      cost: annotations[POD_DELETION_COST] ?? cost,
      costOwner: annotations[COST_OWNER] ?? costOwner,
    });
  }

  async #scale(number: number, to: number, end: 'refused' | 'admitted' | 'carried out'): Promise<void> {
    const { index, validate } = this.#hook;
    const known = workloads[number];
    const workload = known && index.workload(known);
    if (workload === undefined) return;
    await validate(scaleReview(workload, to));
    if (end !== 'refused') index.putWorkload({ ...workload, replicas: to });
    if (end !== 'carried out') return;
    const units = new Set(index.podsOf(workload.uid).flatMap((pod) => markedUnit(pod) ?? []));
    for (const { namespace, name } of index.podsOf(workload.uid))
      if ([...units].some((unit) => name === unit || name.startsWith(`${unit}-`))) index.deletePod(namespace, name);
  }

  async #overwrite(number: number, cost: string): Promise<void> {
    return this.#change(number, (pod) => {
      this.#theirs.set(namespacedName(pod), cost);
      this.#hook.index.putPod({ ...pod, cost });
    });
  }

  async #switch(number: number, mode: string): Promise<void> {
    const { fleet, config, clock, index } = this.#hook;
    const known = workloads[number];
    const workload = known && index.workload(known);
    if (workload === undefined) return;
    index.putWorkload({ ...workload, annotations: { 'packdown.io/steering': mode } });
    await removingWhatIsSwitchedOff(fleet, config, clock.now, this.#writer).run(this.#pace);
  }

  async #change(number: number, change: (pod: Pod) => void): Promise<void> {
    const pod = this.#pod(number);
    if (pod !== undefined) change(pod);
  }

  #pod(number: number): Pod | undefined {
    const known = pods[number];
    return known && this.#hook.index.pod(known.namespace, known.name);
  }
}

it('stamping, steering, taking back, filling in and switching off leave nothing of ours once it is cleaned up', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(podNumber, foreignCost), { maxLength: 6 }),
      fc.array(step, { maxLength: 30 }),
      async (others, steps) => {
        const story = new Story();
        for (const [pod, cost] of others) await story.tell({ what: 'other', pod, cost });
        for (const step of steps) await story.tell(step);
        await story.end();
      },
    ),
    runs(300),
  ));
