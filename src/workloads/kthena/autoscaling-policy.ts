import type { Fraction, RatioPolicy } from '../../domain/fleet/ratio-policy.ts';
import { compareFractions, fractionOf } from '../../domain/ordering/role-ratio.ts';
import { NANOS_PER_UNIT, parseQuantity } from '../../domain/resources/quantity.ts';
import { type JsonObject, objectAt, textOf } from '../core/json.ts';
import { readMetadata } from '../core/metadata.ts';
import { targetOf } from './group-bounds.ts';

/**
 * Reads an AutoscalingPolicy of Kthena, whose autoscaler brings one role to its share of the other, rounded, and leaves
 * it there where no whole numbers fit (disaggregated_ratio.go at 3cc0572); null for one without
 * `disaggregatedTarget.ratioConstraint`, which Kthena holds only its own autoscaler to. Throws QuantityError for a
 * ratio that is no quantity.
 */
export function readAutoscalingPolicy(object: JsonObject): RatioPolicy | null {
  const { namespace, name } = readMetadata(object);
  const target = objectAt(object, 'spec', 'disaggregatedTarget');
  const constraint = objectAt(target, 'ratioConstraint');
  const numerator = textOf(constraint.numeratorRole);
  const denominator = textOf(constraint.denominatorRole);
  const min = readRatio(constraint.minRatio, 'minRatio');
  const max = readRatio(constraint.maxRatio, 'maxRatio');
  const key = targetOf(target);
  if (numerator === null || denominator === null || min === null || max === null || key.name === '') return null;
  if (compareFractions(min, max) > 0) return null;
  const placed = { ...key, namespace: key.namespace || namespace };
  return { namespace, name, target: placed, ratio: { numerator, denominator, min, max, rounds: true } };
}

function readRatio(value: unknown, name: string): Fraction | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  const nano = parseQuantity(value, name);
  return nano < 0n ? null : fractionOf(nano, NANOS_PER_UNIT);
}
