/** What the apiserver and the schedulers ask of packdown during a soak. */

import { recorded } from '../../test/scheduler/volcano/volcano-bodies.ts';
import { bindingReview, extenderArgs, renamedReview, scaleReview } from '../bodies.ts';
import {
  FIRST_OBSERVED,
  flatAt,
  GROUPS_PER_SERVING,
  groupPodAt,
  NODES,
  nodeName,
  PODS_PER_REPLICA_SET,
  replicaSetAt,
  SERVINGS,
  servingAt,
} from '../live/cluster-objects.ts';

/** One kind of call. */
export interface Kind {
  readonly title: string;
  readonly path: string;
  /** How many of 250 calls are of this kind. */
  readonly share: number;
  /** The body of the nth call of this kind; each names another object than the one before. */
  body(n: number): string;
  /** What an answer must contain; anything else is an error. */
  readonly answer: string;
}

/** Names that kube-scheduler asks about at once, of 2,000 nodes: its adaptive share. */
const NAMES = Array.from({ length: Math.min(420, NODES) }, (_, place) => nodeName(place));
const REQUESTS = { cpu: '8', memory: '64Gi', 'nvidia.com/gpu': '2' };
/** How many groups a scale-down takes. */
const SHRINK = 3;
const FLATS = 500;

const [groups, pods] = [GROUPS_PER_SERVING, PODS_PER_REPLICA_SET];
const allowed = '"allowed":true';
const validate = { path: '/validate', answer: allowed };
const steered = (n: number) => servingAt(n % FIRST_OBSERVED);
const observed = (n: number) => servingAt(FIRST_OBSERVED + (n % (SERVINGS - FIRST_OBSERVED)));
const schedulable = extenderArgs(NAMES, REQUESTS);
const [predicate, prioritizeTask] = ['predicate', 'prioritize'].map((verb) => JSON.stringify(recorded(verb)));

/** 200 admissions and 50 calls of schedulers. */
export const KINDS: readonly Kind[] = [
  {
    title: 'ModelServing /scale up',
    ...validate,
    share: 50,
    body: (n) => scaleReview(servingAt(n % SERVINGS), groups, groups + 1),
  },
  {
    title: 'ModelServing /scale down, steered',
    ...validate,
    share: 4,
    body: (n) => scaleReview(steered(n), groups, groups - SHRINK),
  },
  {
    title: 'ModelServing /scale down, observed',
    ...validate,
    share: 4,
    body: (n) => scaleReview(observed(n), groups, groups - SHRINK),
  },
  {
    title: 'ModelServing /scale, refused',
    path: '/validate',
    answer: 'sane-counts',
    share: 12,
    body: (n) => scaleReview(servingAt(n % SERVINGS), groups, 20_000),
  },
  {
    title: 'Deployment /scale down',
    ...validate,
    share: 35,
    body: (n) => renamedReview('deploy-scale-down', flatAt(n % FLATS), pods, pods - 1),
  },
  {
    title: 'ReplicaSet up, by its controller',
    ...validate,
    share: 35,
    body: (n) =>
      renamedReview('rs-update-by-deployment-controller', replicaSetAt(n % FLATS), pods - 1, pods, flatAt(n % FLATS)),
  },
  {
    title: 'binding',
    path: '/mutate',
    answer: allowed,
    share: 60,
    body: (n) => bindingReview(groupPodAt(n % SERVINGS, n % groups), nodeName(n % NODES)),
  },
  { title: 'filter, 420 names', path: '/scheduler/filter', answer: '"Error":""', share: 20, body: () => schedulable },
  {
    title: 'prioritize, 420 names',
    path: '/scheduler/prioritize',
    answer: '"Score":',
    share: 20,
    body: () => schedulable,
  },
  { title: 'Volcano predicate', path: '/volcano/predicate', answer: '{', share: 5, body: () => predicate ?? '' },
  { title: 'Volcano prioritize', path: '/volcano/prioritize', answer: '{', share: 5, body: () => prioritizeTask ?? '' },
];

/** The kinds in the order in which they are called, over and over: each spread evenly. */
export const ORDER: readonly Kind[] = KINDS.flatMap((kind) =>
  Array.from({ length: kind.share }, (_, index) => ({ kind, at: (index + 0.5) / kind.share })),
)
  .sort((a, b) => a.at - b.at)
  .map(({ kind }) => kind);
