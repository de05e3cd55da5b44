/** Work under one key is done piece after piece, under different keys at the same time. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();

  /** Whether nothing under this key is being done, or waits. */
  isFree(key: string): boolean {
    return !this.#last.has(key);
  }

  /** Does a piece of work once all before it under the same key are done, whatever became of them. */
  async take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    this.#last.set(key, over);
    await before;
    try {
      return await work();
    } finally {
      if (this.#last.get(key) === over) this.#last.delete(key);
      end();
    }
  }
}
