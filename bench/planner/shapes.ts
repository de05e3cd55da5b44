/**
 * Workload shapes, all SYNTHETIC: no public trace has the group shapes of LLM serving. One group is a list of pods and
 * each pod a number of GPUs on one node.
 */
export interface Shape {
  readonly name: string;
  readonly pods: readonly number[];
  /** How often it is drawn, relative to the others. */
  readonly share: number;
}

export const SHAPES: readonly Shape[] = [
  { name: 'flat, 1 GPU', pods: [1], share: 2 },
  { name: 'flat, 2 GPUs', pods: [2], share: 2 },
  { name: 'flat, 4 GPUs', pods: [4], share: 2 },
  { name: 'flat, 8 GPUs', pods: [8], share: 1 },
  { name: '1 prefill + 1 decode, 1 GPU each', pods: [1, 1], share: 2 },
  { name: '1 prefill + 1 decode, 2 + 4 GPUs', pods: [2, 4], share: 2 },
  { name: '2 prefill + 1 decode, 2 + 4 GPUs', pods: [2, 2, 4], share: 2 },
  { name: '3 prefill + 1 decode, 1 + 2 GPUs', pods: [1, 1, 1, 2], share: 2 },
  { name: '2 prefill + 2 decode, 4 GPUs each', pods: [4, 4, 4, 4], share: 1 },
];
