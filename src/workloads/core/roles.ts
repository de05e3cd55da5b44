import { CodedError } from '../../domain/coded-error.ts';
import { type JsonObject, listAt, listTexts } from './json.ts';

/** Roles of one workload: hardly anybody has a dozen, and rules compare each with each. */
const MOST_ROLES = 100;

/** The list of a workload's roles at a path of keys, like `listAt`; too many throw `MalformedObject` as well. */
export function rolesAt(value: unknown, ...path: readonly string[]): readonly JsonObject[] {
  return few(listAt(value, ...path), path.join('.'));
}

/** The roles that one depends on, by name. Throws CodedError `MalformedObject` for more than there can be. */
export function dependenciesOf(role: JsonObject): readonly string[] {
  return few(listTexts(role, 'dependencies'), 'dependencies');
}

function few<T>(roles: readonly T[], where: string): readonly T[] {
  if (roles.length <= MOST_ROLES) return roles;
  throw new CodedError(
    'MalformedObject',
    `${where} holds ${roles.length} roles; packdown looks at ${MOST_ROLES} at most`,
  );
}
