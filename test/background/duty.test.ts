import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Duty, runDuties } from '../../src/background/duty.ts';
import { SILENCE_LIMIT } from '../../src/domain/fleet/silence.ts';
import { TestClock } from '../cluster/live/test-clock.ts';
import { until } from '../cluster/live/until.ts';

interface Stage {
  readonly clock: TestClock;
  leads: boolean;
  staleness: number | null;
  readonly log: string[];
  /** Lets time pass until the duties are due again, and waits until they have run. */
  pass(milliseconds: number): Promise<void>;
  close(): Promise<void>;
}

async function withDuties(duties: readonly Duty[], body: (stage: Stage) => Promise<void>): Promise<void> {
  const clock = new TestClock();
  const log: string[] = [];
  const running = runDuties(duties, {
    isLeader: () => stage.leads,
    fleet: { staleness: () => stage.staleness },
    delay: (milliseconds, signal) => clock.delay(milliseconds, signal),
    log: { warn: (details, message) => void log.push(`${message} ${JSON.stringify(details)}`) },
  });
  const stage: Stage = {
    clock,
    leads: true,
    staleness: 0,
    log,
    async pass(milliseconds) {
      clock.advance(milliseconds);
      await until('every duty waits', () => clock.sleeping().length === duties.length);
    },
    close: () => running.close(),
  };
  try {
    await body(stage);
  } finally {
    await running.close();
  }
}

function counted(every: number, run: Duty['run'] = async () => undefined): Duty & { runs: number } {
  const duty = {
    name: 'counting',
    every,
    runs: 0,
    run: async (pace: Parameters<Duty['run']>[0]) => {
      duty.runs += 1;
      await run(pace);
    },
  };
  return duty;
}

describe('duties', () => {
  it('run again and again, each in its own rhythm', async () => {
    const [often, seldom] = [counted(1000), counted(3000)];
    await withDuties([often, seldom], async ({ pass }) => {
      for (let second = 0; second < 6; second += 1) await pass(1000);
      assert.deepEqual([often.runs, seldom.runs], [6, 2]);
    });
  });

  it('rest while another replica leads', async () => {
    const duty = counted(1000);
    await withDuties([duty], async (stage) => {
      stage.leads = false;
      await stage.pass(1000);
      assert.equal(duty.runs, 0);
      stage.leads = true;
      await stage.pass(1000);
      assert.equal(duty.runs, 1);
    });
  });

  it('rest until the fleet has been read, and while it is silent', async () => {
    const duty = counted(1000);
    await withDuties([duty], async (stage) => {
      for (const staleness of [null, SILENCE_LIMIT + 1]) {
        stage.staleness = staleness;
        await stage.pass(1000);
      }
      assert.equal(duty.runs, 0);
      stage.staleness = SILENCE_LIMIT;
      await stage.pass(1000);
      assert.equal(duty.runs, 1);
    });
  });

  for (const [what, change] of [
    ['this replica leads no longer', { leads: false }],
    ['the fleet has fallen silent', { staleness: SILENCE_LIMIT + 1 }],
  ] as const)
    it(`are told within a run that ${what}`, async () => {
      const told: boolean[] = [];
      const duty = counted(1000, async ({ goesOn, wait }) => {
        told.push(goesOn());
        await wait(50);
        told.push(goesOn());
      });
      await withDuties([duty], async (stage) => {
        await stage.pass(1000);
        Object.assign(stage, change);
        await stage.pass(50);
        assert.deepEqual(told, [true, false]);
      });
    });

  it('that fail are tried again, and what is wrong is said once as long as it lasts', async () => {
    let problem: string | null = 'the apiserver is away';
    const duty = counted(1000, async () => {
      if (problem !== null) throw new Error(problem);
    });
    await withDuties([duty], async ({ pass, log }) => {
      for (let run = 0; run < 3; run += 1) await pass(1000);
      assert.deepEqual(log, ['background work failed {"duty":"counting","problem":"the apiserver is away"}']);
      problem = null;
      await pass(1000);
      problem = 'the apiserver is away';
      await pass(1000);
      assert.deepEqual([duty.runs, log.length], [5, 2]);
    });
  });

  it('end their wait and their run when the replica shuts down', async () => {
    const ends = Promise.withResolvers<void>();
    let hasEnded = false;
    const busy = counted(1000, async ({ goesOn, wait }) => {
      while (goesOn()) await wait(1_000_000);
      await ends.promise;
      hasEnded = true;
    });
    await withDuties([busy, counted(5000)], async ({ clock, close }) => {
      clock.advance(1000);
      await until('it is under way', () => busy.runs === 1);
      const closed = close();
      ends.resolve();
      await closed;
      assert.equal(hasEnded, true);
    });
  });
});
