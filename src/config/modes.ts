import { IGNORE, STEERING } from '../domain/fleet/annotations.ts';
import type { CostCarrier } from '../domain/fleet/instance.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import type { Workload } from '../domain/fleet/workload.ts';
import type { CostSettings } from '../workloads/binding-cost.ts';
import { readerOf } from '../workloads/cost-readers.ts';
import { annotationsFor } from '../workloads/owners-above.ts';
import { binpackWeights, type Config } from './config.ts';
import { MODES, type Mode } from './schema.ts';

/**
 * Namespaces that packdown leaves alone: by the configuration, or by `packdown.io/ignore: "true"` as a label or
 * annotation.
 */
export function isExempt(namespace: string, snapshot: Snapshot, config: Config): boolean {
  const known = snapshot.namespace(namespace);
  return (
    config.exemptNamespaces.includes(namespace) ||
    known?.labels[IGNORE] === 'true' ||
    known?.annotations[IGNORE] === 'true'
  );
}

/**
 * The mode in which a workload is treated: off in a namespace that is left alone, or else the lowest of those that the
 * installation, the namespace, the workload and what owns it ask for, the workload also as the fleet has it: a forged
 * review could leave its annotation or its owner out.
 */
export function modeOf(workload: Workload, snapshot: Snapshot, config: Config): Mode {
  if (isExempt(workload.namespace, snapshot, config)) return 'off';
  const known = snapshot.workload(workload);
  const asked = [
    snapshot.namespace(workload.namespace)?.annotations[STEERING],
    ...annotationsFor(workload, STEERING, snapshot),
    ...(known === undefined || known === workload ? [] : annotationsFor(known, STEERING, snapshot)),
  ].map(readMode);
  return MODES.find((mode) => mode === config.mode || asked.includes(mode)) ?? config.mode;
}

/**
 * The mode that the annotation asks for; off in any case, or as `false`, which YAML may make of it. Null for anything
 * else.
 */
export function readMode(text: string | undefined): Mode | null {
  if (text !== undefined && /^(off|false)$/i.test(text)) return 'off';
  return MODES.find((mode) => mode === text) ?? null;
}

/** Whether costs are written for a workload: where they are not, nothing of ours is to stay on its pods. */
export function isSteered(workload: Workload, snapshot: Snapshot, config: Config): boolean {
  return modeOf(workload, snapshot, config) === 'steer';
}

/** The same of a pod, or of what carries its cost; one whose workload nobody knows goes with the installation. */
export function isSteeredCarrier(carrier: CostCarrier, snapshot: Snapshot, config: Config): boolean {
  const workload = readerOf(carrier, snapshot);
  return workload === undefined ? config.mode === 'steer' : isSteered(workload, snapshot, config);
}

/** Where costs are written and by what weights, as the configuration has it. */
export function costSettings(config: Config): CostSettings {
  return {
    binpack: binpackWeights(config),
    isSteered: (workload, snapshot) => isSteered(workload, snapshot, config),
  };
}
