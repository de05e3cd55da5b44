import { unreadAnnotations } from '../admission/unread-annotations.ts';
import { binpackWeights, type Config } from '../config/config.ts';
import { modeOf } from '../config/modes.ts';
import { CodedError } from '../domain/coded-error.ts';
import { FLOOR } from '../domain/fleet/annotations.ts';
import type { AutoscalerOf } from '../domain/fleet/autoscaler.ts';
import type { Floor } from '../domain/fleet/floor.ts';
import type { CostCarrier } from '../domain/fleet/instance.ts';
import { namespacedName } from '../domain/fleet/namespaced-name.ts';
import { costOwnership, type Pod } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { formatVictimMark } from '../domain/fleet/victim-mark.ts';
import { type Workload, workloadName } from '../domain/fleet/workload.ts';
import { counted } from '../domain/ordering/wording.ts';
import { toNumber } from '../domain/resources/quantity.ts';
import { podScore, sumScores } from '../domain/score/pod-score.ts';
import { type Candidate, carriersOf, type Pool, type SteerableConsumer, writtenCosts } from '../domain/victims/pool.ts';
import { type Spreading, spreadingOf } from '../domain/victims/spread.ts';
import { costReaderOf, instanceOf } from '../workloads/cost-readers.ts';
import { floorOfRole, floorOfWorkload, type SeenLow } from '../workloads/floors.ts';
import { adapterOf } from '../workloads/registry.ts';
import { findWorkload } from '../workloads/scale-expression.ts';
import { unchangedRequests } from '../workloads/scale-requests.ts';
import { printable } from './printable.ts';

/** What an explanation is made of. */
export interface Known {
  readonly snapshot: Snapshot;
  readonly config: Config;
  readonly seenLow: SeenLow;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Why a pod (`NAMESPACE/POD`) has its cost, or in which order the replicas of a workload (`KIND/NAMESPACE/NAME`) would
 * go, for people to read.
 *
 * @throws CodedError `WrongUsage` for another name, `NotFound` for what is not in the fleet.
 */
export function explanation(name: string, known: Known): string {
  const { snapshot, config } = known;
  const parts = name.split('/');
  const [first, second, third] = parts;
  if (parts.length === 3 && first !== undefined && second !== undefined && third !== undefined) {
    if (first.toLowerCase() === 'pod') return explainPod(findPod(second, third, snapshot), snapshot, config);
    return explainWorkload(findWorkload(first, second, third, snapshot), known);
  }
  if (parts.length === 2 && first !== undefined && second !== undefined) {
    return explainPod(findPod(first, second, snapshot), snapshot, config);
  }
  throw new CodedError('WrongUsage', `${name} is neither NAMESPACE/POD nor KIND/NAMESPACE/NAME`);
}

function findPod(namespace: string, name: string, snapshot: Snapshot): Pod {
  const pod = snapshot.pod(namespace, name);
  if (pod === undefined) throw new CodedError('NotFound', `pod ${namespace}/${name} is not in the fleet`);
  return pod;
}

function explainPod(pod: Pod, snapshot: Snapshot, config: Config): string {
  const binpack = binpackWeights(config);
  const reader = costReaderOf(pod, snapshot);
  const node = pod.node === null ? undefined : snapshot.node(pod.node);
  const lines = [`Pod ${namespacedName(pod)} on ${pod.node ?? 'no node yet'}`, `  cost: ${costText(pod)}`];
  const instance = instanceOf(pod, snapshot);
  if (instance !== undefined)
    lines.push(`  goes with: ${instance.place.kind} ${namespacedName(instance)}, cost ${costText(instance)}`);
  else if (reader === undefined) lines.push('  its controller reads no costs: packdown writes none');
  else lines.push(`  read by: ${workloadName(reader)}`);
  if (node === undefined) return lines.map(printable).join('\n');
  lines.push(`  binpack score of its node, the pod included: ${podScore(pod, snapshot, binpack)}`);
  const used = snapshot.usedOn(node.name);
  for (const [resource, weight] of binpack.resources) {
    if (!pod.requests.has(resource)) continue;
    const capacity = node.allocatable.get(resource) ?? 0n;
    lines.push(
      `    ${resource}: ${toNumber(used.get(resource) ?? 0n)} of ${toNumber(capacity)} used, ${toNumber(pod.requests.get(resource) ?? 0n)} by this pod, weight ${weight}`,
    );
  }
  return lines.map(printable).join('\n');
}

function explainWorkload(workload: Workload, { snapshot, config, seenLow, now }: Known): string {
  const { replicas } = workload;
  const readings = unchangedRequests(workload).map((request) =>
    adapterOf(workload).scale(request, snapshot, now, config.resourceScalingGroup),
  );
  const all = readings.flatMap((reading) => reading.pools);
  const pools = all.filter(({ candidates }) => candidates.length > 1);
  const lines = [`${workloadName(workload)}: ${counted(replicas, 'replica')}; first in each list goes first`];
  const range = snapshot.autoscaler(workload);
  if (range !== null) lines.push(rangeText(range));
  const steered = pools.filter(({ consumer }) => consumer.readsCosts);
  // Only where costs decide who goes, and packdown is not to leave it alone, does a forecast count on it.
  if (steered.length > 0 && modeOf(workload, snapshot, config) !== 'off')
    lines.push(...floorsOf(workload, snapshot, seenLow));
  const candidates = new Set(steered.flatMap((pool) => pool.candidates));
  lines.push(...spreadingOf([...candidates], snapshot).map(spreadText));
  for (const pool of pools) lines.push(...explainPool(pool, titleOf(pool, all), snapshot, config));
  const warnings = [
    ...unreadAnnotations(workload, snapshot, config),
    ...readings.flatMap((reading) => reading.warnings),
  ];
  return [...lines, ...warnings.map((warning) => `Warning: ${warning}`)].map(printable).join('\n');
}

function rangeText({ kind, minReplicas, maxReplicas, scalesDown }: AutoscalerOf): string {
  return `Its ${kind} keeps ${minReplicas} to ${maxReplicas} replicas${scalesDown ? '' : ', and does not scale down'}`;
}

/** Roles are counted on only where the groups stay. */
function floorsOf(workload: Workload, snapshot: Snapshot, seenLow: SeenLow): readonly string[] {
  const floor = floorOfWorkload(workload, snapshot, seenLow);
  if (floor.floor < workload.replicas) return [`Expected to shrink to ${floorText(floor)}`];
  const ofRoles = workload.roles.flatMap((role) => {
    const ofRole = floorOfRole(workload, role, seenLow);
    if (ofRole === null) return [];
    const expected = ofRole.floor < role.replicas ? 'expected to shrink to' : 'not expected to shrink below';
    return [`Role ${role.name}: ${expected} ${floorText(ofRole)}`];
  });
  return [`Not expected to shrink below ${floorText(floor)}`, ...ofRoles];
}

/** The floor and where it is from. */
function floorText({ floor, source }: Floor): string {
  switch (source) {
    case 'annotation':
      return `${floor}: its annotation ${FLOOR}`;
    case 'seen':
      return `${floor}: the lowest count at this time of the last days`;
    case 'autoscaler':
      return `${floor}: as low as its autoscaler goes`;
    case 'rules':
      return `${floor}: what its partition or its gang needs`;
    case 'guess':
      return `${floor}: a guess; say it better with the annotation ${FLOOR}`;
    default:
      return source satisfies never;
  }
}

function spreadText({ constraint: { topologyKey, maxSkew }, domains, counts }: Spreading): string {
  const held = domains.map((domain, index) => `${domain} ${counts[index]}`);
  return `Spread over ${topologyKey}, at most ${maxSkew} apart where a scale-down can keep it: ${held.join(', ')}`;
}

/** Instances of one request are divided only by their revisions. */
function titleOf({ request, candidates: [first] }: Pool, all: readonly Pool[]): string {
  const title = request.role === null ? 'Replicas' : `Role ${request.role} in ${first?.group}`;
  const isDivided = all.filter((pool) => pool.request === request).length > 1;
  return isDivided && first?.carrier !== undefined ? `${title} at revision ${first.carrier.revision}` : title;
}

function explainPool(pool: Pool, title: string, snapshot: Snapshot, config: Config): readonly string[] {
  const binpack = binpackWeights(config);
  const { consumer } = pool;
  const reason = consumer.readsCosts ? consumer.firstGoes : `${consumer.firstGoes}; its controller reads no costs`;
  const describe = (candidate: Candidate) => {
    const score = sumScores(candidate.pods, (pod) => podScore(pod, snapshot, binpack));
    const nodes = [...new Set(candidate.pods.flatMap(({ node }) => node ?? []))].sort().join(', ');
    const notes = [
      candidate.ready ? '' : 'not ready',
      candidate.deleting ? 'being deleted' : '',
      candidate.anchor ? 'HPA’s selector hangs on it' : '',
    ];
    const costs = consumer.readsCosts ? [sumText(carriersOf(candidate), consumer)] : [];
    const said = [...costs, `score ${score}`, `on ${nodes || 'no node'}`, ...notes.filter((note) => note !== '')];
    return `  ${candidate.name}  ${said.join(', ')}`;
  };
  return [`${title} (${reason}):`, ...consumer.order(pool, writtenCosts).map(describe)];
}

/** What a controller reads of them in all, and who wrote it: of one that is not ours, packdown changes none. */
function sumText(carriers: readonly CostCarrier[], consumer: SteerableConsumer): string {
  const writers = new Set(carriers.map(costOwnership));
  const sum = carriers.reduce((total, { cost }) => total + consumer.parse(cost), 0);
  if (writers.has('other')) return `cost ${sum} by somebody else`;
  return writers.has('packdown') ? `cost ${sum} by packdown` : 'no cost';
}

function costText(pod: CostCarrier): string {
  switch (costOwnership(pod)) {
    case 'none':
      return 'none';
    case 'packdown':
      return `${pod.cost}, written by packdown${pod.victim === null ? '' : `, marked to go with ${formatVictimMark(pod.victim)}`}`;
    case 'other':
      return `${pod.cost}, written by somebody else: packdown leaves it alone`;
  }
}
