import fc from 'fast-check';
import type { Pod, PodPhase } from '../../../src/domain/fleet/pod.ts';
import type { Workload } from '../../../src/domain/fleet/workload.ts';
import { POLICIES, type Policy } from '../../../src/domain/victims/policies.ts';
import { appsPod, NOW, ours, theirs } from '../../builders/fleet.ts';
import { deployment } from '../../builders/workload.ts';

interface PodDraw {
  /** null is not assigned yet. */
  readonly node: number | null;
  readonly phase: PodPhase;
  readonly ready: boolean;
  /** Index into READY_AGES; null is a time that nobody wrote down. */
  readonly readyAge: number | null;
  readonly restarts: number;
  readonly sidecarRestarts: number;
  readonly deleting: boolean;
  readonly cost: { readonly text: string; readonly ours: boolean } | null;
  readonly keep: number;
}

export interface ReplicaSetDraw {
  readonly pods: readonly PodDraw[];
  /** Minutes; the ages of the pods, each once. */
  readonly ages: readonly number[];
  /** Nodes of the pods that another ReplicaSet of the same Deployment has; null where no Deployment owns it. */
  readonly siblings: readonly number[] | null;
  /**
   * Scale-downs that came before: how many pods, whether packdown steered them, whether the controller has deleted them
   * yet.
   */
  readonly steps: readonly { readonly drop: number; readonly steered: boolean; readonly deleted: boolean }[];
  readonly to: number;
  readonly policy: Policy;
  readonly seed: number;
}

/** Seconds, every one in a power of two of its own: within one the order of three pods could be a circle. */
const READY_AGES = [5, 70, 900, 9_000, 90_000];

const MIXED_COSTS = ['-7', '-2147483648', '0', '5', '60', '2147483647', '+12', '007', '1.5', 'keep me', ''];

const cost = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 100 }).map((value) => ({ text: `${value}`, ours: true })) },
  { weight: 3, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.constantFrom('-1000', '-500').map((text) => ({ text, ours: true })) },
  { weight: 1, arbitrary: fc.constantFrom(...MIXED_COSTS).map((text) => ({ text, ours: false })) },
);

const often = <T>(usual: T, arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 8, arbitrary: fc.constant(usual) }, { weight: 2, arbitrary });

const pod: fc.Arbitrary<PodDraw> = fc.record({
  node: often<number | null>(0, fc.constant(null)).chain((node) => (node === null ? fc.constant(node) : fc.nat(5))),
  phase: often<PodPhase>('Running', fc.constantFrom('Pending', 'Unknown', 'Running', 'Succeeded', 'Failed')),
  ready: often(true, fc.constant(false)),
  readyAge: fc.option(fc.nat(READY_AGES.length - 1), { freq: 9 }),
  restarts: often(0, fc.nat(3)),
  sidecarRestarts: often(0, fc.nat(2)),
  deleting: often(false, fc.boolean()),
  cost,
  keep: often(0, fc.integer({ min: -3, max: 3 })),
});

const step = fc.record({
  drop: fc.integer({ min: 1, max: 3 }),
  steered: often(true, fc.boolean()),
  deleted: fc.boolean(),
});

const MOST = 20;

export const replicaSetDraw: fc.Arbitrary<ReplicaSetDraw> = fc
  .record({
    pods: fc.array(pod, { minLength: 1, maxLength: MOST, size: 'max' }),
    ages: fc.uniqueArray(fc.integer({ min: 1, max: 100_000 }), { minLength: MOST, maxLength: MOST }),
    siblings: fc.option(fc.array(fc.nat(5), { maxLength: 6 })),
    steps: fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      { weight: 2, arbitrary: fc.array(step, { maxLength: 3 }) },
    ),
    to: fc.nat(MOST),
    policy: fc.constantFrom(...POLICIES),
    seed: fc.nat(1_000_000),
  })
  .map((draw) => ({ ...draw, [fc.toStringMethod]: () => shortForm(draw) }));

const uidOfDeployment = 'uid-of-the-deployment';

export function drawnReplicaSets({ pods, siblings }: ReplicaSetDraw): { own: Workload; sibling: Workload } {
  const owner =
    siblings === null ? null : { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: uidOfDeployment };
  const replicaSet = (name: string, replicas: number) =>
    deployment(replicas, { kind: 'ReplicaSet', name, uid: `uid-of-${name}`, owner });
  return { own: replicaSet('web-new', pods.length), sibling: replicaSet('web-old', siblings?.length ?? 0) };
}

export function drawnReplicas(draw: ReplicaSetDraw): { own: readonly Pod[]; siblings: readonly Pod[] } {
  const { own, sibling } = drawnReplicaSets(draw);
  return {
    own: draw.pods.map(({ node, phase, ready, readyAge, restarts, sidecarRestarts, deleting, cost, keep }, index) => ({
      ...appsPod(own, `${index}`),
      node: node === null ? null : `n${node}`,
      phase,
      ready,
      readySince: readyAge === null ? null : NOW - (READY_AGES[readyAge] ?? 0) * 1000,
      created: NOW - (draw.ages[index] ?? 0) * 60_000,
      restarts,
      sidecarRestarts,
      deleting,
      keep,
      ...(cost === null ? {} : cost.ours ? ours(Number(cost.text)) : theirs(cost.text)),
    })),
    siblings: (draw.siblings ?? []).map((node, index) => appsPod(sibling, index, { node: `n${node}` })),
  };
}

function shortForm({ pods, ages, ...rest }: ReplicaSetDraw): string {
  const podText = ({ node, phase, ready, readyAge, restarts, sidecarRestarts, deleting, cost }: PodDraw) =>
    [
      node === null ? 'no node' : `n${node}`,
      `${phase === 'Running' ? '' : phase}${ready ? '' : '!'}${deleting ? 'x' : ''}`,
      `age ${readyAge}`,
      `${restarts}+${sidecarRestarts} restarts`,
      cost === null ? 'no cost' : `${cost.text}${cost.ours ? '' : ' (theirs)'}`,
    ]
      .filter((text) => text !== '' && text !== '0+0 restarts' && text !== 'age 3')
      .join(' ');
  return `pods=[${pods.map(podText).join(' | ')}] ages=${ages.slice(0, pods.length)} ${JSON.stringify(rest)}`;
}
