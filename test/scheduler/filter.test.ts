import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SILENCE_LIMIT } from '../../src/domain/fleet/silence.ts';
import { filter } from '../../src/scheduler/filter.ts';
import { webhook } from '../admission/webhook.ts';
import { appsPod, fleetOf, marked, nodeOf, ours, podOf, servingGroup } from '../builders/fleet.ts';
import { scaleReview } from '../builders/review.ts';
import { deployment, serving } from '../builders/workload.ts';
import { byName, byNode, nodeObject } from './extender-bodies.ts';

const DRAINING = 'packdown: a scale-down is freeing this node';
const llama = serving(3, { decode: 1 });
const group = (ordinal: number, node: string, fields: object = {}) =>
  servingGroup(llama, ordinal, () => ({ node, ...ours(21), ...fields }));
const going = (ordinal: number, node: string) => group(ordinal, node, marked(10, `llama-${ordinal}`));
const daemon = podOf('exporter', {
  node: 'n2',
  controller: { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'exporter', uid: 'uid-of-exporter' },
});

/** Node n2 is being freed, but for a DaemonSet's pod; n1 is not, and n3 is empty. */
const fleet = fleetOf([...group(0, 'n1'), ...going(1, 'n2'), daemon], [llama], [nodeOf('n3')]);

describe('filter answers, byte for byte,', () => {
  const cases: readonly [title: string, body: object, answer: string][] = [
    [
      'names with names',
      byName(['n1', 'n2', 'n3']),
      `{"Nodes":null,"NodeNames":["n1","n3"],"FailedNodes":{},"FailedAndUnresolvableNodes":{"n2":"${DRAINING}"},"Error":""}`,
    ],
    [
      'nodes with the nodes as they were sent',
      byNode([nodeObject('n1'), nodeObject('n2')]),
      `{"Nodes":{"metadata":{},"items":[${JSON.stringify(nodeObject('n1'))}]},"NodeNames":null,"FailedNodes":{},"FailedAndUnresolvableNodes":{"n2":"${DRAINING}"},"Error":""}`,
    ],
    [
      'names that nothing is wrong with',
      byName(['n3', 'n1']),
      '{"Nodes":null,"NodeNames":["n3","n1"],"FailedNodes":{},"FailedAndUnresolvableNodes":{},"Error":""}',
    ],
    [
      'names that it does not know, which pass',
      byName(['n9', 'n2']),
      `{"Nodes":null,"NodeNames":["n9"],"FailedNodes":{},"FailedAndUnresolvableNodes":{"n2":"${DRAINING}"},"Error":""}`,
    ],
    [
      'nothing but nodes that are being freed: better one of these than none',
      byName(['n2']),
      '{"Nodes":null,"NodeNames":["n2"],"FailedNodes":{},"FailedAndUnresolvableNodes":{},"Error":""}',
    ],
    [
      'no names',
      byName([]),
      '{"Nodes":null,"NodeNames":[],"FailedNodes":{},"FailedAndUnresolvableNodes":{},"Error":""}',
    ],
    ...[[], null].map((items): [string, object, string] => [
      `the items ${JSON.stringify(items)}`,
      byNode(items),
      '{"Nodes":{"metadata":{},"items":[]},"NodeNames":null,"FailedNodes":{},"FailedAndUnresolvableNodes":{},"Error":""}',
    ]),
  ];
  for (const [title, body, answer] of cases) {
    it(title, () => assert.equal(JSON.stringify(filter(body, fleet, 0)), answer));
  }
});

describe('a node is being freed', () => {
  const isFreed = (...pods: Parameters<typeof fleetOf>[0]): boolean => {
    const answer = filter(byName(['n2', 'other']), fleetOf(pods, [llama]), 0);
    return JSON.stringify(answer).includes(DRAINING);
  };

  it('when all of its pods are marked, or already on their way out beside one that is', () => {
    assert.equal(isFreed(...going(1, 'n2'), ...going(2, 'n2')), true);
    assert.equal(isFreed(...going(1, 'n2'), ...group(2, 'n2', { deleting: true })), true);
  });

  it('whatever finished and static pods stay on it', () => {
    const finished = podOf('done', { node: 'n2', phase: 'Succeeded' });
    const fixed = podOf('static', { node: 'n2', mirror: true });
    assert.equal(isFreed(...going(1, 'n2'), finished, fixed), true);
  });

  it('by every pod of a group of which one is marked', () => {
    const pair = serving(2, { prefill: 1, decode: 1 });
    const pods = servingGroup(pair, 1, ({ role }) =>
      role === 'prefill' ? { node: 'n1', ...marked(0, 'llama-1') } : { node: 'n2', ...ours(0) },
    );
    assert.equal(isFreed(...pods), true);
  });

  it('not while a pod stays, nor for deletions that no scale-down asked for', () => {
    assert.equal(isFreed(...going(1, 'n2'), ...group(2, 'n2')), false);
    assert.equal(isFreed(...group(1, 'n2', { deleting: true })), false);
  });

  it('not by a mark that somebody else’s cost has voided', () => {
    assert.equal(isFreed(...group(1, 'n2', { ...marked(10, 'llama-1'), costOwner: '11' })), false);
  });
});

describe('a fleet that has not been heard of for too long, or ever,', () => {
  for (const staleness of [SILENCE_LIMIT + 1, null]) {
    it(`keeps no pod off any node (staleness ${staleness})`, () => {
      const fleet = fleetOf(going(1, 'n2'), [llama]);
      const keepsOff = (stale: number | null) =>
        JSON.stringify(filter(byName(['n2', 'other']), fleet, stale)).includes(DRAINING);
      assert.deepEqual([SILENCE_LIMIT, staleness].map(keepsOff), [true, false]);
    });
  }
});

describe('a scale-down that is admitted', () => {
  it('closes the nodes that it frees to new pods, until its marks are gone', async () => {
    const web = deployment(3, { kind: 'ReplicaSet', uid: 'uid-of-web' });
    const pods = ['n1', 'n1', 'n2'].map((node, index) => appsPod(web, index, { node, created: index, ...ours(21) }));
    const { index, validate } = webhook({ index: fleetOf(pods, [web]) });
    const names = () => JSON.stringify(filter(byName(['n1', 'n2']), index, 0));
    assert.match(names(), /"NodeNames":\["n1","n2"\]/);
    await validate(scaleReview(web, 2));
    assert.match(names(), /"NodeNames":\["n1"\],"FailedNodes":\{\},"FailedAndUnresolvableNodes":\{"n2":/);
    index.deletePod('default', 'web-2');
    assert.match(names(), /"NodeNames":\["n1","n2"\]/);
  });
});
