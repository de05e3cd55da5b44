import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Counter, Histogram, Registry } from 'prom-client';
import { SeriesCounter, SeriesHistogram } from '../../src/observability/series.ts';

const TIMES = { name: 'seconds', help: 'How long.', labelNames: ['verb'], buckets: [0.1, 0.25, 1] } as const;
const CALLS = { name: 'calls_total', help: 'How many.', labelNames: ['verb'] } as const;

/** The same metric in two registries: as a series that is found beforehand, and as prom-client itself has it. */
function both() {
  const [ours, theirs] = [new Registry(), new Registry()];
  const labelNames = [...TIMES.labelNames];
  const buckets = [...TIMES.buckets];
  const times = { ...TIMES, labelNames, buckets };
  return {
    ours,
    theirs,
    ownTimes: new SeriesHistogram({ ...times, registers: [ours] }),
    ownCalls: new SeriesCounter({ ...CALLS, labelNames, registers: [ours] }),
    times: new Histogram({ ...times, registers: [theirs] }),
    calls: new Counter({ ...CALLS, labelNames, registers: [theirs] }),
  };
}

describe('a series that is found beforehand', () => {
  it('says what prom-client says of the same values, on bounds, between and beyond them', async () => {
    const { ours, theirs, ownTimes, ownCalls, times, calls } = both();
    for (const verb of ['filter', 'bind']) {
      const observe = ownTimes.series({ verb });
      const count = ownCalls.series({ verb });
      for (const value of [0, 0.1, 0.11, 0.25, 0.9, 1, 1.5, 60]) {
        observe(value);
        times.observe({ verb }, value);
        count();
        calls.inc({ verb });
      }
    }
    assert.equal(await ours.metrics(), await theirs.metrics());
    const valuesOf = async (registry: Registry) =>
      (await registry.getMetricsAsJSON()).map(({ values }) => values.map(({ value, labels }) => ({ value, labels })));
    assert.deepEqual(await valuesOf(ours), await valuesOf(theirs));
  });

  it('is shown from the first value on, and goes on from scrape to scrape', async () => {
    const { ours, ownTimes, ownCalls } = both();
    const observe = ownTimes.series({ verb: 'filter' });
    const count = ownCalls.series({ verb: 'filter' });
    assert.doesNotMatch(await ours.metrics(), /filter/);
    for (const times of [1, 2]) {
      observe(0.2);
      count();
      const text = await ours.metrics();
      assert.match(text, new RegExp(`^seconds_count\\{verb="filter"\\} ${times}$`, 'm'));
      assert.match(text, new RegExp(`^calls_total\\{verb="filter"\\} ${times}$`, 'm'));
    }
  });

  it('is one for all who ask for the same labels', async () => {
    const { ours, ownTimes } = both();
    ownTimes.series({ verb: 'filter' })(0.2);
    ownTimes.series({ verb: 'filter' })(0.2);
    assert.match(await ours.metrics(), /^seconds_count\{verb="filter"\} 2$/m);
  });
});
