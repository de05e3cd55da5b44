/** A long computation that pauses again and again, so that whoever runs it may do something else in between. */
export type Steps<T> = Generator<undefined, T>;

/** Runs it without a pause. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
