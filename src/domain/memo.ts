/**
 * The same function, whose last result for each first argument is kept, as long as that lives, and given again until
 * one of the other arguments is another one.
 */
export function memo<Key extends object, Rest extends readonly unknown[], Result>(
  work: (key: Key, ...rest: Rest) => Result,
): (key: Key, ...rest: Rest) => Result {
  const known = new WeakMap<Key, { readonly rest: Rest; readonly result: Result }>();
  return (key, ...rest) => {
    const kept = known.get(key);
    if (kept !== undefined && areSame(kept.rest, rest)) return kept.result;
    const result = work(key, ...rest);
    known.set(key, { rest, result });
    return result;
  };
}

/** A loop, for it runs at every review and every call of a scheduler: `every` takes twice as long. */
function areSame(some: readonly unknown[], others: readonly unknown[]): boolean {
  for (let index = 0; index < some.length; index += 1) if (some[index] !== others[index]) return false;
  return true;
}
