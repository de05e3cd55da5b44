import { EXAMPLE_FLEET } from './run-in-process.ts';

export const ON_EXAMPLE = ['plan', '--fleet', EXAMPLE_FLEET];

/** The arguments that plan these scales on the example fleet. */
export const scaled = (...scales: readonly string[]) => [
  ...ON_EXAMPLE,
  ...scales.flatMap((scale) => ['--scale', scale]),
];
