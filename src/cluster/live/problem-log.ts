import { namespacedName } from '../../domain/fleet/namespaced-name.ts';
import type { Log } from './log.ts';

/** After so many objects that cannot be read, or problems, earlier ones may be named again. */
const NAMED = 1000;

/**
 * What a watch has to say of its troubles: each once, until all is well again, however often it comes back meanwhile.
 */
export class ProblemLog {
  readonly #log: Log;
  readonly #resource: string;
  /** Those that were logged since all was well. */
  readonly #told = new Set<string>();
  #times = 0;
  readonly #unreadable = new Map<string, string>();

  constructor(log: Log, resource: string) {
    this.#log = log;
    this.#resource = resource;
  }

  /** A problem that the watch will mend by itself. */
  report(level: 'info' | 'warn', message: string): void {
    this.#times += 1;
    if (this.#told.has(message)) return;
    if (this.#told.size >= NAMED) this.#told.clear();
    this.#told.add(message);
    this.#log[level]({ resource: this.#resource }, message);
  }

  /** All is well. */
  solved(): void {
    if (this.#times > 1) this.#log.info({ resource: this.#resource, failures: this.#times }, 'is heard of again');
    this.#told.clear();
    this.#times = 0;
  }

  unreadable(namespace: string, name: string, message: string): void {
    const key = namespacedName({ namespace, name });
    if (this.#unreadable.get(key) === message) return;
    if (this.#unreadable.size >= NAMED) this.#unreadable.clear();
    this.#unreadable.set(key, message);
    this.#log.warn({ resource: this.#resource, namespace, name }, `left out, for it cannot be read: ${message}`);
  }
}
