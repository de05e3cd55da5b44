import type { Lows, LowsStore } from '../../domain/fleet/lows.ts';
import { formatLows, parseLows } from '../lows.ts';
import { ConfigMapDocument, type DocumentSurroundings } from './config-map-document.ts';

const CONFIG_MAP = 'packdown-lows';

/** The lows seen in a ConfigMap of packdown's namespace. */
export class LiveLows implements LowsStore {
  readonly document: ConfigMapDocument<Lows>;

  constructor(surroundings: DocumentSurroundings) {
    this.document = new ConfigMapDocument({ ...surroundings, name: CONFIG_MAP, parse: parseLows });
  }

  current(): Lows | null {
    return this.document.current();
  }

  async publish(lows: Lows): Promise<boolean> {
    return this.document.offer(formatLows(lows));
  }
}
