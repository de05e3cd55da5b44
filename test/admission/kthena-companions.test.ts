import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dump } from 'js-yaml';
import { loadFleet } from '../../src/cluster/embedded/load-fleet.ts';
import { listTexts, objectAt, textOf } from '../../src/workloads/core/json.ts';
import { policyObject, revisionObject } from '../builders/kthena-objects.ts';
import { objectOf, scaleReview, updateReview } from '../builders/review.ts';
import { serving } from '../builders/workload.ts';
import { webhook } from './webhook.ts';

const chat = (groups: number, decode: number, annotations: Readonly<Record<string, string>> = {}) =>
  serving(groups, { prefill: 1, decode }, { namespace: 'llm', name: 'chat', uid: 'uid-of-chat', annotations });

/** The response to one review in a fleet of these objects. */
async function responseTo(body: object, ...objects: readonly object[]) {
  const index = loadFleet(objects.map((object) => dump(object)).join('---\n'), 'fleet.yaml');
  return objectAt(await webhook({ index }).validate(body), 'response');
}

describe('a ModelServing whose ControllerRevision holds other role replicas', () => {
  const doomed =
    'doomed-scale-up: groups go from 2 to 3, but ControllerRevision chat-7f9 holds decode at 4, not 2: no group could be created; ' +
    'set the roles back to that, or first kubectl -n llm delete controllerrevision chat-7f9';
  const found = async (body: object, decode: number) => {
    const response = await responseTo(body, objectOf(chat(2, 2)), revisionObject(decode));
    assert.equal(response.allowed, true);
    return listTexts(response, 'warnings').includes(doomed);
  };

  it('is not scaled up without a word, on the object or through /scale', async () => {
    assert.equal(await found(scaleReview(chat(2, 2), 3), 4), true);
    assert.equal(await found(updateReview(chat(2, 2), chat(3, 2)), 4), true);
  });

  it('is scaled up when they agree, and down in any case', async () => {
    assert.equal(await found(scaleReview(chat(2, 2), 3), 2), false);
    assert.equal(await found(scaleReview(chat(2, 2), 1), 4), false);
  });
});

describe('a ModelServing whose AutoscalingPolicy constrains the ratio of its roles', () => {
  const refusal = async (body: object) => {
    const response = await responseTo(body, objectOf(chat(2, 4)), policyObject());
    return textOf(objectAt(response, 'status').message);
  };

  it('is held to it whoever scales it', async () => {
    assert.match(
      (await refusal(updateReview(chat(2, 4), chat(2, 5)))) ?? '',
      /^pd-ratio: .* the declared ratio is 1:4\.\.1:1;/,
    );
    assert.equal(await refusal(updateReview(chat(2, 4), chat(2, 3))), null);
  });

  it('is told where the policy names roles that it does not have, unless the fleet does not show it', async () => {
    const single = serving(2, { server: 1 }, { namespace: 'llm', name: 'chat', uid: 'uid-of-chat' });
    const told = async (...fleet: readonly object[]) =>
      listTexts(await responseTo(scaleReview(single, 1), ...fleet, policyObject()), 'warnings').filter(
        (warning) => warning.includes('role of it') || warning.includes('roles of it'),
      );
    assert.deepEqual(await told(objectOf(single)), [
      'the ratio declared for it names prefill and decode, which are no roles of it, and is ignored; its roles are server',
    ]);
    assert.deepEqual(await told(), []);
  });

  it('is held to its own annotation instead, where it has one', async () => {
    const own = { 'packdown.io/role-ratio': 'prefill:decode=1:8..1:1' };
    assert.equal(await refusal(updateReview(chat(2, 4, own), chat(2, 5, own))), null);
    assert.notEqual(await refusal(updateReview(chat(2, 4, own), chat(2, 9, own))), null);
  });
});
