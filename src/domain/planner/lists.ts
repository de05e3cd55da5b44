/** Many short lists of numbers in two arrays: list i is items[starts[i]] to items[starts[i + 1] − 1]. */
export interface Lists {
  readonly starts: Int32Array;
  readonly items: Int32Array;
}

/** Packs lists; what is in them later is not looked at. */
export function listsOf(lists: readonly (readonly number[])[]): Lists {
  const starts = new Int32Array(lists.length + 1);
  for (const [index, list] of lists.entries()) starts[index + 1] = (starts[index] ?? 0) + list.length;
  const items = new Int32Array(starts[lists.length] ?? 0);
  for (const [index, list] of lists.entries()) items.set(list, starts[index]);
  return { starts, items };
}

/** List i: a view, no copy. */
export function listAt({ starts, items }: Lists, index: number): Int32Array {
  return items.subarray(starts[index], starts[index + 1]);
}
