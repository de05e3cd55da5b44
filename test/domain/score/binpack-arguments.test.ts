import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseBinpackArguments } from '../../../src/domain/score/binpack-arguments.ts';

interface Case {
  readonly name: string;
  readonly args: Record<string, string | number>;
  readonly weight?: number;
  readonly resources: Record<string, number>;
}

const CASES: readonly Case[] = [
  { name: 'no arguments weigh cpu and memory by 1', args: {}, resources: { cpu: 1, memory: 1 } },
  {
    name: "the example of Volcano's documentation is read",
    args: {
      'binpack.weight': 10,
      'binpack.cpu': 5,
      'binpack.memory': 1,
      'binpack.resources': 'nvidia.com/gpu, example.com/foo',
      'binpack.resources.nvidia.com/gpu': 2,
      'binpack.resources.example.com/foo': 3,
    },
    weight: 10,
    resources: { cpu: 5, memory: 1, 'nvidia.com/gpu': 2, 'example.com/foo': 3 },
  },
  {
    name: 'a listed resource without a weight weighs 1',
    args: { 'binpack.resources': ' nvidia.com/gpu ,, ' },
    resources: { cpu: 1, memory: 1, 'nvidia.com/gpu': 1 },
  },
  {
    name: 'a weight of a resource that is not listed does not count',
    args: { 'binpack.resources.nvidia.com/gpu': 5 },
    resources: { cpu: 1, memory: 1 },
  },
  {
    name: 'cpu and memory keep their own arguments when they are listed too',
    args: { 'binpack.cpu': 3, 'binpack.resources': 'cpu,memory', 'binpack.resources.cpu': 7 },
    resources: { cpu: 3, memory: 1 },
  },
  {
    name: 'negative weights of resources become 1',
    args: {
      'binpack.cpu': -2,
      'binpack.memory': -1,
      'binpack.resources': 'nvidia.com/gpu',
      'binpack.resources.nvidia.com/gpu': -5,
    },
    resources: { cpu: 1, memory: 1, 'nvidia.com/gpu': 1 },
  },
  {
    name: 'weights of 0 stay 0',
    args: { 'binpack.weight': 0, 'binpack.cpu': 0, 'binpack.memory': 0 },
    weight: 0,
    resources: { cpu: 0, memory: 0 },
  },
  {
    name: 'the weight of the whole score may be negative',
    args: { 'binpack.weight': -3 },
    weight: -3,
    resources: { cpu: 1, memory: 1 },
  },
  {
    name: 'whole numbers in quotes are read',
    args: { 'binpack.weight': '10', 'binpack.cpu': '-4', 'binpack.memory': '3' },
    weight: 10,
    resources: { cpu: 1, memory: 3 },
  },
  {
    name: 'weights that are no whole numbers count as not given',
    args: { 'binpack.weight': 'heavy', 'binpack.cpu': 1.5, 'binpack.memory': '' },
    resources: { cpu: 1, memory: 1 },
  },
];

for (const { name, args, weight, resources } of CASES) {
  test(name, () => {
    const weights = parseBinpackArguments(args);
    assert.equal(weights.weight, weight ?? 1);
    assert.deepEqual(weights.resources, new Map(Object.entries(resources)));
  });
}
