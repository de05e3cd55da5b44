/**
 * The ordinal at the end of a name that begins with `prefix` and a dash: 12 of `ms-12` under `ms`; −1 for any other.
 */
export function ordinalAfter(prefix: string, name: string): number {
  return name.startsWith(`${prefix}-`) ? ordinalOf(name.slice(prefix.length + 1)) : -1;
}

/** −1 for what is no ordinal. */
export function ordinalOf(text: string | undefined): number {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : -1;
}
