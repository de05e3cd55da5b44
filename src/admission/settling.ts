/** Times, workload by workload, until a controller should have seen what was written last. */
export class Settling {
  readonly #wait: (milliseconds: number) => Promise<void>;
  readonly #settling = new Map<string, Promise<void>>();

  constructor(wait: (milliseconds: number) => Promise<void>) {
    this.#wait = wait;
  }

  begin(workload: string, milliseconds: number): void {
    if (milliseconds <= 0) return;
    const settling = this.#wait(milliseconds).finally(() => {
      if (this.#settling.get(workload) === settling) this.#settling.delete(workload);
    });
    this.#settling.set(workload, settling);
  }

  /** Resolves once everything of this workload has settled. */
  async over(workload: string): Promise<void> {
    await this.#settling.get(workload);
  }
}
