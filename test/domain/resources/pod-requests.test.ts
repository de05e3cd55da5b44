import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type PodSpecResources,
  type PodStatusResources,
  podRequests,
} from '../../../src/domain/resources/pod-requests.ts';
import { addResources, parseResources } from '../../../src/domain/resources/resource-list.ts';

type ResourceList = Record<string, string | number>;

const container = (requests: ResourceList, name = 'main') => ({ name, resources: { requests } });
const sidecar = (requests: ResourceList, name = 'sidecar') => ({
  ...container(requests, name),
  restartPolicy: 'Always',
});

interface Case {
  readonly name: string;
  readonly spec: PodSpecResources;
  readonly status?: PodStatusResources;
  readonly requests: ResourceList;
}

const CASES: readonly Case[] = [
  { name: 'a pod without containers requests nothing', spec: {}, requests: {} },
  { name: 'a container without resources requests nothing', spec: { containers: [{ name: 'main' }] }, requests: {} },
  {
    name: 'containers add up',
    spec: { containers: [container({ cpu: '500m', 'nvidia.com/gpu': 1 }), container({ cpu: 2, memory: '1Gi' })] },
    requests: { cpu: '2.5', memory: '1Gi', 'nvidia.com/gpu': 1 },
  },
  {
    name: 'an init container counts only where it needs more than the containers',
    spec: {
      containers: [container({ cpu: 2, memory: '1Gi' })],
      initContainers: [container({ cpu: 1, memory: '4Gi' }), container({ cpu: 3, memory: '2Gi' })],
    },
    requests: { cpu: 3, memory: '4Gi' },
  },
  {
    name: 'sidecars add to the containers',
    spec: { containers: [container({ cpu: 2 })], initContainers: [sidecar({ cpu: 1 }), sidecar({ cpu: '500m' })] },
    requests: { cpu: '3.5' },
  },
  {
    name: 'an init container runs beside the sidecars before it, not those after it',
    spec: {
      containers: [container({ cpu: 1 })],
      initContainers: [sidecar({ cpu: 1 }), container({ cpu: 5 }), sidecar({ cpu: 2 })],
    },
    requests: { cpu: 6 },
  },
  {
    name: 'an init container with another restart policy is no sidecar',
    spec: {
      containers: [container({ cpu: 1 })],
      initContainers: [{ ...container({ cpu: 1 }), restartPolicy: 'OnFailure' }],
    },
    requests: { cpu: 1 },
  },
  {
    name: 'pod-level requests replace cpu, memory and huge pages, and nothing else',
    spec: {
      containers: [container({ cpu: 4, memory: '1Gi', 'hugepages-2Mi': '4Mi', 'nvidia.com/gpu': 2 })],
      resources: { requests: { cpu: 3, memory: '8Gi', 'hugepages-2Mi': '2Mi', 'nvidia.com/gpu': 7 } },
    },
    requests: { cpu: 3, memory: '8Gi', 'hugepages-2Mi': '2Mi', 'nvidia.com/gpu': 2 },
  },
  {
    name: 'overhead comes on top of everything, pod-level requests too',
    spec: {
      containers: [container({ cpu: 4 })],
      initContainers: [container({ cpu: 6 })],
      resources: { requests: { cpu: 5 } },
      overhead: { cpu: '250m', memory: '120Mi' },
    },
    requests: { cpu: '5250m', memory: '120Mi' },
  },
  {
    name: 'a limit without a request counts as the request',
    spec: {
      containers: [{ name: 'main', resources: { requests: { cpu: 1 }, limits: { cpu: 2, 'nvidia.com/gpu': 8 } } }],
      initContainers: [{ name: 'load', resources: { limits: { memory: '2Gi' } } }],
    },
    requests: { cpu: 1, memory: '2Gi', 'nvidia.com/gpu': 8 },
  },
  {
    name: 'a pod-level limit counts where no container requests the resource',
    spec: {
      containers: [container({ cpu: 1 })],
      resources: { limits: { cpu: 4, memory: '8Gi', 'nvidia.com/gpu': 1 } },
    },
    requests: { cpu: 1, memory: '8Gi' },
  },
  {
    name: 'a pod-level limit of huge pages counts even if containers request some',
    spec: { containers: [container({ 'hugepages-1Gi': '1Gi' })], resources: { limits: { 'hugepages-1Gi': '4Gi' } } },
    requests: { 'hugepages-1Gi': '4Gi' },
  },
  {
    name: 'a pod-level request comes before the pod-level limit',
    spec: { resources: { requests: { memory: '2Gi' }, limits: { memory: '8Gi' } } },
    requests: { memory: '2Gi' },
  },
  {
    name: 'a resized container counts as the largest of spec, applied and allocated resources',
    spec: { containers: [container({ cpu: 1, memory: '4Gi', 'nvidia.com/gpu': 1 })] },
    status: {
      phase: 'Running',
      containerStatuses: [
        {
          name: 'main',
          resources: { requests: { cpu: 3, memory: '1Gi' } },
          allocatedResources: { cpu: 2, memory: '2Gi' },
        },
      ],
    },
    requests: { cpu: 3, memory: '4Gi', 'nvidia.com/gpu': 1 },
  },
  {
    name: 'allocated resources count before the kubelet has applied any',
    spec: { containers: [container({ cpu: 1 })] },
    status: { containerStatuses: [{ name: 'main', allocatedResources: { cpu: 2 } }] },
    requests: { cpu: 2 },
  },
  {
    name: 'a resized sidecar counts like a container',
    spec: { containers: [container({ cpu: 1 })], initContainers: [sidecar({ cpu: 1 })] },
    status: { initContainerStatuses: [{ name: 'sidecar', resources: { requests: { cpu: 4 } } }] },
    requests: { cpu: 5 },
  },
  {
    name: 'the status of another container does not count',
    spec: { containers: [container({ cpu: 1 })] },
    status: { containerStatuses: [{ name: 'other', resources: { requests: { cpu: 4 } } }] },
    requests: { cpu: 1 },
  },
  {
    name: 'a resize that the node called infeasible leaves the spec out',
    spec: { containers: [container({ cpu: 100 })] },
    status: {
      conditions: [{ type: 'PodResizePending', reason: 'Infeasible' }],
      containerStatuses: [{ name: 'main', resources: { requests: { cpu: 2 } }, allocatedResources: { cpu: 2 } }],
    },
    requests: { cpu: 2 },
  },
  {
    name: 'a deferred resize keeps the spec',
    spec: { containers: [container({ cpu: 100 })] },
    status: {
      conditions: [{ type: 'PodResizePending', reason: 'Deferred' }],
      containerStatuses: [{ name: 'main', resources: { requests: { cpu: 2 } } }],
    },
    requests: { cpu: 100 },
  },
  {
    name: 'a pod level that is being resized counts as the largest of its spec, what is applied and what is reserved',
    spec: { containers: [container({ cpu: 1 })], resources: { requests: { cpu: 2, memory: '4Gi' } } },
    status: { resources: { requests: { cpu: 8, memory: '1Gi' } }, allocatedResources: { cpu: 2, memory: '6Gi' } },
    requests: { cpu: 8, memory: '6Gi' },
  },
  {
    name: 'an infeasible resize of the pod level leaves its spec out',
    spec: { containers: [container({ cpu: 1 })], resources: { requests: { cpu: 100 } } },
    status: {
      conditions: [{ type: 'PodResizePending', reason: 'Infeasible' }],
      resources: { requests: { cpu: 2 } },
      allocatedResources: { cpu: 2 },
    },
    requests: { cpu: 2 },
  },
  {
    name: 'what the status has of a pod without pod-level requests is not counted',
    spec: { containers: [container({ cpu: 1 })] },
    status: { resources: { requests: { cpu: 8 } }, allocatedResources: { cpu: 8 } },
    requests: { cpu: 1 },
  },
];

for (const { name, spec, status, requests } of CASES) {
  test(name, () => {
    assert.deepEqual(podRequests(spec, status), parseResources(requests));
  });
}

for (const phase of ['Succeeded', 'Failed']) {
  test(`a ${phase} pod uses nothing`, () => {
    assert.deepEqual(podRequests({ containers: [container({ cpu: 1 })], overhead: { cpu: 1 } }, { phase }), new Map());
  });
}

for (const phase of ['Pending', 'Running', 'Unknown']) {
  test(`a ${phase} pod uses what it requests`, () => {
    assert.deepEqual(podRequests({ containers: [container({ cpu: 1 })] }, { phase }), parseResources({ cpu: 1 }));
  });
}

test('an illegal quantity is refused by the name of its resource', () => {
  assert.throws(() => podRequests({ containers: [container({ memory: '64GB' })] }), /of memory, "64GB"/);
});

const amounts = fc.record(
  { cpu: fc.nat(64), memory: fc.nat(2 ** 30), 'nvidia.com/gpu': fc.nat(8) },
  { requiredKeys: [] },
);
const containers = fc.array(amounts.map((requests) => container(requests)));
const initContainers = fc
  .array(fc.tuple(amounts, fc.boolean()))
  .map((list) => list.map(([requests, always]) => (always ? sidecar(requests) : container(requests))));

test('asking for more in a container never lowers what the pod requests', () => {
  fc.assert(
    fc.property(containers, initContainers, amounts, amounts, fc.boolean(), (main, init, before, extra, asInit) => {
      const more = Object.fromEntries(addedUp(before, extra));
      const podWith = (requests: ResourceList): PodSpecResources =>
        asInit
          ? { containers: main, initContainers: [...init, container(requests)] }
          : { containers: [...main, container(requests)], initContainers: init };
      const smaller = podRequests(podWith(before));
      const larger = podRequests(podWith(more));
      for (const [name, quantity] of smaller) assert.ok((larger.get(name) ?? -1n) >= quantity);
    }),
  );
});

function addedUp(a: ResourceList, b: ResourceList): [string, number][] {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return names.map((name) => [name, Number(a[name] ?? 0) + Number(b[name] ?? 0)]);
}

test('a pod requests at least what its containers and sidecars use together', () => {
  fc.assert(
    fc.property(containers, initContainers, (main, init) => {
      const longRunning = [...main, ...init.filter((c) => 'restartPolicy' in c)];
      const floor = addResources(...longRunning.map((c) => parseResources(c.resources.requests)));
      const requests = podRequests({ containers: main, initContainers: init });
      for (const [name, quantity] of floor) assert.ok((requests.get(name) ?? -1n) >= quantity);
    }),
  );
});

test('the order of the containers does not matter', () => {
  fc.assert(
    fc.property(containers, initContainers, (main, init) => {
      const forwards = podRequests({ containers: main, initContainers: init });
      const backwards = podRequests({ containers: main.toReversed(), initContainers: init });
      assert.deepEqual(forwards, backwards);
    }),
  );
});
