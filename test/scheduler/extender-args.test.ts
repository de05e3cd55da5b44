import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { binpackWeights, defaultConfig } from '../../src/config/config.ts';
import { CodedError } from '../../src/domain/coded-error.ts';
import { filter } from '../../src/scheduler/filter.ts';
import { fleetOf } from '../builders/fleet.ts';
import { byName, byNode, nodeObject, pendingPod, prioritized } from './extender-bodies.ts';

const fleet = fleetOf([]);
const tooMany = 'has 100001 entries, and no object that Kubernetes stores over 100000; leave some out';
const noQuantity = 'write a number with an optional suffix, such as 500m, 2, 1.5Gi or 1e3.';
const asTheApiHasIt = "write it as Kubernetes' API has it";

describe('a body that is no ExtenderArgs is refused', () => {
  const cases: readonly [title: string, body: unknown, what: string][] = [
    ['when it is null', null, 'Pod is missing'],
    ['when it is a list', [], 'Pod is missing'],
    ['when it is empty', {}, 'Pod is missing'],
    ['when its keys are in lower case', { pod: pendingPod(), nodenames: ['n1'] }, 'Pod is missing'],
    ['when its Pod is a name', byName(['n1'], 'llama-0'), 'Pod is missing'],
    ['when it has neither names nor nodes', byName(null), 'both NodeNames and Nodes are missing'],
    ['when its Nodes are a list', { Pod: {}, Nodes: [] }, 'both NodeNames and Nodes are missing'],
    [
      'when a name is a number',
      { Pod: pendingPod(), Nodes: null, NodeNames: ['n1', 5] },
      'NodeNames holds something that is no name',
    ],
    [
      'when the items are a text',
      { Pod: pendingPod(), Nodes: { items: 'n1' } },
      `Nodes cannot be read: items is no list of objects; ${asTheApiHasIt}`,
    ],
    ['when a node is a name', byNode(['n1']), `Nodes cannot be read: items is no list of objects; ${asTheApiHasIt}`],
    [
      'when the pod requests what is no quantity',
      byName(['n1'], pendingPod({ cpu: 'lots' })),
      `Pod cannot be read: The quantity of cpu, "lots" is not valid: ${noQuantity}`,
    ],
    [
      'when the pod’s spec is a text',
      byName(['n1'], { spec: 'x' }),
      `Pod cannot be read: spec is no object; ${asTheApiHasIt}`,
    ],
    [
      'when the pod’s containers are a text',
      byName(['n1'], { spec: { containers: 'x' } }),
      `Pod cannot be read: containers is no list of objects; ${asTheApiHasIt}`,
    ],
    [
      'when what the kubelet says of its init containers is a text',
      byName(['n1'], { spec: {}, status: { initContainerStatuses: 'x' } }),
      `Pod cannot be read: initContainerStatuses is no list of objects; ${asTheApiHasIt}`,
    ],
    [
      'when it names more nodes than there can be',
      byName(Array(100_001).fill('n1')),
      'NodeNames holds over 100000 names',
    ],
    [
      'when it lists more nodes than an object has room for',
      byNode(Array(100_001).fill({})),
      `Nodes cannot be read: items ${tooMany}`,
    ],
    [
      'when the pod has more labels than an object has room for',
      byName(['n1'], {
        metadata: { labels: Object.fromEntries(Array.from({ length: 100_001 }, (_, n) => [`l${n}`, ''])) },
      }),
      `Pod cannot be read: labels ${tooMany}`,
    ],
    [
      'when the pod requests more than anybody has',
      byName(['n1'], pendingPod(Object.fromEntries(Array.from({ length: 1001 }, (_, n) => [`r${n}`, '1'])))),
      'Pod cannot be read: a list of resources has 1001 entries; name 1000 at most',
    ],
    [
      'when a node has what is no quantity',
      byNode([nodeObject('n1', { cpu: 'lots' })]),
      `a node cannot be read: The quantity of cpu, "lots" is not valid: ${noQuantity}`,
    ],
  ];
  for (const [title, body, what] of cases) {
    it(title, () => {
      const message = `the body is no ExtenderArgs: ${what}; send what kube-scheduler sends`;
      const isExpected = (error: unknown) =>
        error instanceof CodedError && error.code === 'InvalidExtenderArgs' && error.message === message;
      assert.throws(() => filter(body, fleet, 0), isExpected);
      assert.throws(() => prioritized(body, fleet, binpackWeights(defaultConfig)), isExpected);
    });
  }
});
