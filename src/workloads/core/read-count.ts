import { CodedError } from '../../domain/coded-error.ts';
import { countOr, type JsonObject } from './json.ts';

/** The count under a key of a spec; `whenAbsent` is its API's default. Throws CodedError `MalformedObject`. */
export function readCount(spec: JsonObject, key: string, whenAbsent: number): number {
  const count = countOr(spec[key], whenAbsent);
  if (Number.isInteger(count) && count >= 0) return count;
  throw new CodedError('MalformedObject', `spec.${key} is no count of replicas; write it as Kubernetes' API has it`);
}
