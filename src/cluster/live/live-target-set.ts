import type { TargetSet, TargetSetStore } from '../../domain/fleet/target-set.ts';
import { formatTargetSet, parseTargetSet, targetSetOf } from '../target-set.ts';
import { ConfigMapDocument, type DocumentSurroundings } from './config-map-document.ts';

const CONFIG_MAP = 'packdown-target-set';

/** The target set in a ConfigMap of packdown's namespace. */
export class LiveTargetSet implements TargetSetStore {
  readonly document: ConfigMapDocument<TargetSet>;

  constructor(surroundings: DocumentSurroundings) {
    this.document = new ConfigMapDocument({ ...surroundings, name: CONFIG_MAP, parse: parseTargetSet });
  }

  current(): TargetSet | null {
    return this.document.current();
  }

  async publish(nodes: readonly string[]): Promise<void> {
    await this.document.offer(formatTargetSet(targetSetOf(nodes)));
  }
}
