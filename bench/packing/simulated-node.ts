import { type NodeShape, type PodShape, WHOLE } from './openb.ts';

/** CPUs and GPUs in thousandths, memory in MiB: the resources that scores count. */
export interface Amounts {
  readonly cpu: number;
  readonly memory: number;
  readonly gpu: number;
}

export function requestsOf({ cpu, memory, devices, ofDevice }: PodShape): Amounts {
  return { cpu, memory, gpu: devices * ofDevice };
}

/** A node that is filled pod by pod. */
export class SimulatedNode {
  readonly name: string;
  readonly capacity: Amounts;
  /** What is left of each device. */
  readonly devices: number[];
  used: Amounts = { cpu: 0, memory: 0, gpu: 0 };
  /** How many pods it holds, and so in how many states it has been before. */
  pods = 0;

  constructor(name: string, { cpu, memory, devices }: NodeShape) {
    this.name = name;
    this.capacity = { cpu, memory, gpu: devices * WHOLE };
    this.devices = Array.from({ length: devices }, () => WHOLE);
  }

  fits({ cpu, memory, devices, ofDevice }: PodShape): boolean {
    const { capacity, used } = this;
    if (used.cpu + cpu > capacity.cpu || used.memory + memory > capacity.memory) return false;
    let found = 0;
    for (const left of this.devices) if (left >= ofDevice) found += 1;
    return found >= devices;
  }

  /**
   * A pod that shares a device gets the one with the least left; others get whole ones, as the device plugin gives
   * them.
   */
  place(pod: PodShape): void {
    for (let device = 0; device < pod.devices; device += 1) {
      const left = Math.min(...this.devices.filter((left) => left >= pod.ofDevice));
      this.devices[this.devices.indexOf(left)] = left - pod.ofDevice;
    }
    const { cpu, memory, gpu } = requestsOf(pod);
    this.used = { cpu: this.used.cpu + cpu, memory: this.used.memory + memory, gpu: this.used.gpu + gpu };
    this.pods += 1;
  }
}
