import type { ControlPlane } from '../control-plane/control-plane.ts';
import { until } from '../control-plane/wait.ts';
import { scale } from './scale-downs.ts';
import { deployment, type Observed, type Subject, servingGroups, servingRole } from './subjects.ts';
import { durationOf, type Verdict } from './verdicts.ts';

/** Kinds of requests in which victims are chosen. */
const levels = ['groups of a ModelServing', 'a role of a ModelServing', 'a ReplicaSet of a Deployment'] as const;
type Level = (typeof levels)[number];

function levelOf({ kind, role }: Subject): Level {
  if (kind !== 'ModelServing') return 'a ReplicaSet of a Deployment';
  return role === null ? 'groups of a ModelServing' : 'a role of a ModelServing';
}

/** The median duration of a request of each kind, in milliseconds. */
export type Baseline = Map<Level, number>;

const REQUESTS = 20;

/** Measures how long the requests take by themselves. Call it before packdown is installed. */
export async function measureBaseline(controlPlane: ControlPlane): Promise<Baseline> {
  const common = { namespace: 'default', least: 1, most: 2 };
  const roles = [{ name: 'serve' }];
  const subjects = [
    servingGroups({ ...common, name: 'base-groups', roles }),
    servingRole({ ...common, name: 'base-role', roles, groups: 1 }),
    deployment({ ...common, name: 'base-web' }),
  ];
  await controlPlane.apply(...subjects.map(({ object }) => object));
  for (const subject of subjects) {
    for (let request = 0; request < REQUESTS; request += 1) {
      await scale(controlPlane, subject, request % 2 === 0 ? subject.least : subject.most);
      await until(`the controller of ${subject.name} to follow`, async () => {
        const { metadata, status } = await controlPlane.api.get<Observed>(subject.path);
        return status?.observedGeneration === metadata.generation;
      });
    }
  }
  const audit = await controlPlane.auditLog();
  await Promise.all(subjects.map(({ path }) => controlPlane.api.delete(path)));
  return new Map(
    subjects.map((subject) => {
      const durations = audit.filter((entry) => subject.decides(entry)).map(durationOf);
      if (durations.length < REQUESTS / 2) throw new Error(`only ${durations.length} requests scaled ${subject.name}`);
      return [levelOf(subject), percentile(durations, 50)];
    }),
  );
}

/**
 * What packdown added to the requests in which it chose victims, in milliseconds, and `settle` where it wrote costs.
 */
export function latencyTable(verdicts: Verdict[], baseline: Baseline, settle: number): string {
  const requestsOf = (level: Level) =>
    verdicts.filter(({ scaleDown }) => levelOf(scaleDown.subject) === level).flatMap(({ requests }) => requests);
  const added = (level: Level) =>
    requestsOf(level).map(
      ({ milliseconds, costsWritten }) => milliseconds - (baseline.get(level) ?? 0) - (costsWritten > 0 ? settle : 0),
    );
  const costs = (level: Level) => requestsOf(level).reduce((sum, { costsWritten }) => sum + costsWritten, 0);
  const line = (first: string, rest: (string | number)[]) =>
    [first.padEnd(30), ...rest.map((cell) => String(cell).padStart(9))].join('');
  const row = (name: string, levels: readonly Level[], alone: string) => {
    const values = levels.flatMap(added);
    const distribution = [50, 90, 99, 100].map((p) => percentile(values, p).toFixed(1));
    return line(name, [values.length, levels.map(costs).reduce((a, b) => a + b), alone, ...distribution]);
  };
  return [
    line('', ['requests', 'costs', 'alone', 'p50', 'p90', 'p99', 'max']),
    ...levels.map((level) => row(level, [level], (baseline.get(level) ?? 0).toFixed(1))),
    row('all', levels, ''),
  ].join('\n');
}

/** By nearest rank; 0 of nothing. */
function percentile(values: number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)] ?? 0;
}
