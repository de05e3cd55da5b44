/** Names in one line of the log. */
const MOST_NAMES = 10;

/** Characters of one text in the log: the longest name that Kubernetes takes, and room for a sentence or two. */
const LONGEST_TEXT = 500;

/** The first few names, and how many more there are. */
export function abridgeNames(names: readonly string[]): readonly string[] {
  const shown = names.slice(0, MOST_NAMES).map(abridgeText);
  return names.length <= MOST_NAMES ? shown : [...shown, `and ${names.length - MOST_NAMES} more`];
}

/** The beginning of a text that somebody else may have written, as long as they liked. */
export function abridgeText(text: string): string {
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT - 1)}…`;
}
