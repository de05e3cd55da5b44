import type { JsonObject } from './json.ts';

/** The entries that may be quantities: YAML writes `cpu: 4` as a number. */
export function quantitiesOf(resources: JsonObject): Readonly<Record<string, string | number>> {
  const entries = Object.entries(resources);
  return Object.fromEntries(
    entries.filter(
      (entry): entry is [string, string | number] => typeof entry[1] === 'string' || typeof entry[1] === 'number',
    ),
  );
}
