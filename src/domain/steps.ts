/** A long computation that pauses again and again, so that whoever runs it may do something else in between. */
export type Steps<T> = Generator<undefined, T>;
