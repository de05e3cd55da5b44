import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FleetIndex } from '../../../src/cluster/fleet-index.ts';
import type { Node } from '../../../src/domain/fleet/node.ts';
import type { Pod } from '../../../src/domain/fleet/pod.ts';
import { SILENCE_LIMIT } from '../../../src/domain/fleet/silence.ts';
import { parseResources } from '../../../src/domain/resources/resource-list.ts';
import { predicate } from '../../../src/scheduler/volcano/predicate.ts';
import { readNode } from '../../../src/workloads/core/node.ts';
import { fleetOf, marked, nodeOf, podOf, servingGroup } from '../../builders/fleet.ts';
import { serving } from '../../builders/workload.ts';
import { askedFor, recorded } from './volcano-bodies.ts';

const llama = serving(1, { decode: 1 });
/** A scale-down is freeing n1, which the recorded request asks about; other nodes and pods are as given. */
const freeing = (nodes: readonly Node[], pods: readonly Pod[] = []): FleetIndex =>
  fleetOf([...servingGroup(llama, 0, () => ({ node: 'n1', ...marked(0, 'llama-0') })), ...pods], [llama], nodes);
const full = podOf('full', { node: 'n2', requests: parseResources({ 'nvidia.com/gpu': 8 }) });
const PASSES = '{"status":"","code":0}';
const REJECTED = '{"status":"packdown: a scale-down is freeing this node","code":3}';

describe('Volcano’s predicate', () => {
  const labelled = nodeOf('n2', { labels: { pool: 'a' } });
  const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: {} } };
  const term = { labelSelector: {}, topologyKey: 'kubernetes.io/hostname' };
  const tainted = (effect: string) =>
    readNode({
      metadata: { name: 'n2' },
      spec: { taints: [{ key: 'team', value: 'a', effect }] },
      status: { allocatable: { cpu: '64', memory: '512Gi', 'nvidia.com/gpu': '8' } },
    });
  const cases: readonly [title: string, answer: string, fleet: FleetIndex, spec?: object, staleness?: number | null][] =
    [
      ['lets a task on a node that nothing is freeing', PASSES, fleetOf([], [], [nodeOf('n1'), nodeOf('n2')])],
      ['lets a task on a node that it does not know', PASSES, fleetOf([], [], [nodeOf('n2')])],
      ['keeps a task off a node that is being freed, while another has room', REJECTED, freeing([nodeOf('n2')])],
      ['lets a task on it where there is no other', PASSES, freeing([])],
      ['lets a task on it where the others are full', PASSES, freeing([], [full])],
      ['lets a task on it where the others are cordoned', PASSES, freeing([nodeOf('n2', { unschedulable: true })])],
      ...(['NoSchedule', 'NoExecute'] as const).flatMap((effect): (typeof cases)[number][] => [
        [`lets a task on it where the others have a ${effect} taint`, PASSES, freeing([tainted(effect)])],
        ...[
          { key: 'team', operator: 'Equal', value: 'a', effect },
          { key: 'team', value: 'a' },
          { key: 'team', operator: 'Exists' },
          { operator: 'Exists' },
        ].map((toleration): (typeof cases)[number] => [
          `keeps a task off it that tolerates the ${effect} taint of another by ${JSON.stringify(toleration)}`,
          REJECTED,
          freeing([tainted(effect)]),
          { tolerations: [{ key: 'other', operator: 'Exists' }, toleration] },
        ]),
        ...[
          { key: 'team', operator: 'Equal', value: 'b', effect },
          { key: 'pool', operator: 'Exists' },
          { key: 'team', operator: 'Exists', effect: 'PreferNoSchedule' },
          { key: 'team', operator: 'Gt', value: 'a' },
        ].map((toleration): (typeof cases)[number] => [
          `lets a task on it that does not tolerate the ${effect} taint of another by ${JSON.stringify(toleration)}`,
          PASSES,
          freeing([tainted(effect)]),
          { tolerations: [toleration] },
        ]),
      ]),
      [
        'keeps a task off it that may go to another node, though it had better not',
        REJECTED,
        freeing([tainted('PreferNoSchedule')]),
      ],
      [
        'lets a task on it where the others have none of a resource',
        PASSES,
        freeing([nodeOf('n2', { allocatable: parseResources({ cpu: 64, memory: '512Gi' }) })]),
      ],
      [
        'lets a task on it where the others are being freed too',
        PASSES,
        freeing([], [...servingGroup(serving(2, { decode: 1 }), 1, () => ({ node: 'n2', ...marked(0, 'llama-1') }))]),
      ],
      ['reads its selector of nodes', REJECTED, freeing([labelled]), { nodeSelector: { pool: 'a' } }],
      [
        'reads its selector of nodes, which may leave none',
        PASSES,
        freeing([labelled]),
        { nodeSelector: { pool: 'b' } },
      ],
      ['does not judge node affinity', PASSES, freeing([nodeOf('n2')]), { affinity }],
      ...['podAffinity', 'podAntiAffinity'].flatMap((kind): (typeof cases)[number][] => [
        [
          `does not judge a required ${kind}`,
          PASSES,
          freeing([nodeOf('n2')]),
          { affinity: { [kind]: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } },
        ],
        [
          `judges a task that would like a ${kind}`,
          REJECTED,
          freeing([nodeOf('n2')]),
          {
            affinity: {
              [kind]: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: term }] },
            },
          },
        ],
      ]),
      ...(
        [
          [
            'a spread that must hold',
            { topologySpreadConstraints: [{ ...term, maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule' }] },
          ],
          ['a port of the host', { containers: [{ name: 'c', ports: [{ containerPort: 80, hostPort: 80 }] }] }],
          [
            'a port of the host, of a sidecar',
            { initContainers: [{ name: 'i', ports: [{ containerPort: 80, hostPort: 80 }] }] },
          ],
          ['a volume that it claims', { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'model' } }] }],
          ['a volume that is made for it', { volumes: [{ name: 'v', ephemeral: { volumeClaimTemplate: {} } }] }],
          ['a device that it claims', { resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 'gpu' }] }],
        ] as const
      ).map(([what, spec]): (typeof cases)[number] => [
        `does not judge ${what}`,
        PASSES,
        freeing([nodeOf('n2')]),
        spec,
      ]),
      [
        'judges a task whose ports, volumes and spread leave it all nodes',
        REJECTED,
        freeing([nodeOf('n2')]),
        {
          containers: [{ name: 'c', ports: [{ containerPort: 80 }] }],
          volumes: [{ name: 'v', emptyDir: {} }],
          topologySpreadConstraints: [{ ...term, maxSkew: 1, whenUnsatisfiable: 'ScheduleAnyway' }],
        },
      ],
      ['does not judge by a stale fleet', PASSES, freeing([nodeOf('n2')]), {}, SILENCE_LIMIT + 1],
      ['does not judge by a fleet that was never read', PASSES, freeing([nodeOf('n2')]), {}, null],
    ];
  for (const [title, answer, fleet, spec = {}, staleness = 0] of cases) {
    it(title, () => {
      assert.equal(JSON.stringify(predicate(askedFor('predicate', { spec }), fleet, staleness)), answer);
    });
  }

  it('lets a task on it where the others have no room for its init containers', () => {
    const amounts = (gpus: number) => ({
      MilliCPU: 4000,
      Memory: 0,
      ScalarResources: { 'nvidia.com/gpu': 1000 * gpus },
    });
    const seven = podOf('seven', { node: 'n2', requests: parseResources({ 'nvidia.com/gpu': 7 }) });
    const answer = (InitResreq: object) =>
      JSON.stringify(
        predicate(askedFor('predicate', { task: { Resreq: amounts(1), InitResreq } }), freeing([], [seven]), 0),
      );
    assert.deepEqual([answer(amounts(1)), answer(amounts(2))], [REJECTED, PASSES]);
  });

  for (const body of [null, [], {}, { task: recorded('predicate').task }, { ...recorded('predicate'), node: 'n1' }]) {
    it(`refuses ${JSON.stringify(body).slice(0, 40)}`, () => {
      assert.throws(() => predicate(body, fleetOf([]), 0), { code: 'InvalidVolcanoRequest' });
    });
  }
});
