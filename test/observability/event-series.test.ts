import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { EventRecord, WorkloadEvent } from '../../src/domain/fleet/workload-event.ts';
import { EventSeries, FOR_ALL_OBJECTS, FOR_ONE_OBJECT, SERIES_ENDS } from '../../src/observability/event-series.ts';
import { NOW } from '../builders/fleet.ts';

function event(name: string, note = 'one', fields: Partial<WorkloadEvent> = {}): WorkloadEvent {
  const regarding = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'llm', name, uid: `uid-of-${name}` };
  return { type: 'Normal', reason: 'SteeredScaleDown', action: 'Steer', regarding, related: null, note, ...fields };
}

function series(): EventSeries {
  let names = 0;
  return new EventSeries(() => `${++names}`);
}

const shortOf = (record: EventRecord | null) => record && [record.name, record.count, record.last - record.first];
const hoursOf = (hours: number) => hours * 3_600_000;

describe('what happens to a workload', () => {
  it('is one Event with a count while the same happens again, and another when it says something else', () => {
    const one = series();
    assert.deepEqual(shortOf(one.add(event('web'), NOW)), ['web.1', 1, 0]);
    assert.deepEqual(shortOf(one.add(event('web'), NOW + 60_000)), ['web.1', 2, 60_000]);
    assert.deepEqual(shortOf(one.add(event('web', 'two'), NOW + 60_000)), ['web.2', 1, 0]);
    assert.deepEqual(shortOf(one.add(event('web', 'one', { type: 'Warning' }), NOW + 60_000)), ['web.3', 1, 0]);
    assert.deepEqual(shortOf(one.add(event('other'), NOW + 60_000)), ['other.4', 1, 0]);
  });

  it('is another Event when the same happens long after, while the apiserver still has the first', () => {
    const one = series();
    one.add(event('web'), NOW);
    assert.deepEqual(shortOf(one.add(event('web'), NOW + SERIES_ENDS)), ['web.1', 2, SERIES_ENDS]);
    assert.deepEqual(shortOf(one.add(event('web'), NOW + 2 * SERIES_ENDS + 1)), ['web.2', 1, 0]);
    assert.ok(SERIES_ENDS < hoursOf(1));
  });

  it('is counted in full, though not all of it may be written', () => {
    const one = series();
    const counts = Array.from({ length: 100 }, () => one.add(event('web'), NOW)?.count ?? null);
    assert.deepEqual(
      counts.filter((count) => count !== null),
      Array.from({ length: FOR_ONE_OBJECT.atOnce }, (_, index) => index + 1),
    );
    assert.equal(one.add(event('web'), NOW + FOR_ONE_OBJECT.oneMoreEvery)?.count, 101);
  });

  it('does not keep a warning about the same object from being written', () => {
    const one = series();
    for (let time = 0; time < 100; time += 1) one.add(event('web', `${time}`), NOW);
    assert.equal(one.add(event('web', 'another'), NOW), null);
    assert.notEqual(one.add(event('web', 'another', { type: 'Warning' }), NOW), null);
  });

  it('has a name that the apiserver takes, however long the name of the object', () => {
    const cases: readonly string[] = ['a'.repeat(253), `${'a'.repeat(219)}.${'b'.repeat(33)}`, `${'a'.repeat(218)}-.b`];
    for (const name of cases) {
      const { name: given = '' } = series().add(event(name), NOW) ?? {};
      assert.match(given, /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/);
      assert.ok(given.length <= 253);
    }
  });
});

it('no object, and not all of them together, is written to more often than agreed, whatever happens', () => {
  const step = fc.record({ object: fc.integer({ min: 0, max: 30 }), note: fc.nat(3), wait: fc.nat(20) });
  fc.assert(
    fc.property(fc.array(step, { minLength: 300, maxLength: 600 }), (steps) => {
      const one = series();
      const written: { readonly object: number; readonly time: number }[] = [];
      let time = NOW;
      for (const { object, note, wait } of steps) {
        time += wait;
        if (one.add(event(`web-${object}`, `${note}`), time) !== null) written.push({ object, time });
      }
      const most = ({ atOnce, oneMoreEvery }: typeof FOR_ONE_OBJECT) => atOnce + (time - NOW) / oneMoreEvery;
      assert.ok(written.length <= most(FOR_ALL_OBJECTS));
      for (const [, each] of Map.groupBy(written, ({ object }) => object))
        assert.ok(each.length <= most(FOR_ONE_OBJECT));
    }),
  );
});
