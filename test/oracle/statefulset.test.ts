import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { statefulSetVictims } from './statefulset.ts';

describe('a StatefulSet scale-down', () => {
  it('deletes the highest ordinals first', () => {
    const pods = [2, 0, 10, 9].map((ordinal) => ({ name: `web-${ordinal}`, ordinal }));
    assert.deepEqual(statefulSetVictims(pods, 2), ['web-10', 'web-9', 'web-2']);
    assert.deepEqual(statefulSetVictims(pods, 11), []);
  });
});
