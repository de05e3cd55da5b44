/** What an object in a namespace is called. */
export interface Named {
  readonly namespace: string;
  readonly name: string;
}

/** `namespace/name`, as kubectl takes it: the key of an object among those of its kind. */
export function namespacedName({ namespace, name }: Named): string {
  return `${namespace}/${name}`;
}

/** Whether one comes before the other by namespace and name. */
export function precedes(one: Named, other: Named): boolean {
  return one.namespace === other.namespace ? one.name < other.name : one.namespace < other.namespace;
}
