import { CodedError } from '../coded-error.ts';
import { ROLE_RATIO } from '../fleet/annotations.ts';
import type { Fraction, RoleRatio } from '../fleet/ratio-policy.ts';

const SYNTAX = /^([^\s:=]+)\s*:\s*([^\s:=]+)\s*=\s*(\d+)\s*:\s*(\d+)(?:\s*\.\.\s*(\d+)\s*:\s*(\d+))?$/;
const LONGEST_NUMBER = 9;
const LONGEST_TEXT = 64;

/**
 * Reads the annotation `packdown.io/role-ratio: "prefill:decode=1:4..1:1"`: the numerator and the denominator role,
 * then the lowest and the highest ratio of their replicas per group. A single ratio is both. Throws CodedError
 * `InvalidRoleRatio`.
 */
export function parseRoleRatio(text: string): RoleRatio {
  const match = SYNTAX.exec(text.trim());
  if (match === null) throw invalid(text, 'it is not of the form numerator:denominator=min..max');
  const [, numerator = '', denominator = '', over = '', under = '', maxOver = over, maxUnder = under] = match;
  if (numerator === denominator) throw invalid(text, `it names role ${numerator} twice`);
  if (![over, under, maxOver, maxUnder].every(isPositive)) {
    throw invalid(text, 'its numbers must be from 1 to 999999999');
  }
  const min = { over: BigInt(over), under: BigInt(under) };
  const max = { over: BigInt(maxOver), under: BigInt(maxUnder) };
  if (compareFractions(min, max) > 0) {
    throw invalid(text, `its minimum ${formatFraction(min)} is above its maximum ${formatFraction(max)}`);
  }
  return { numerator, denominator, min, max, rounds: false };
}

/** A fraction in lowest terms; `under` must not be 0. */
export function fractionOf(over: bigint, under: bigint): Fraction {
  const divisor = greatestDivisor(over, under);
  return { over: over / divisor, under: under / divisor };
}

function greatestDivisor(one: bigint, other: bigint): bigint {
  return other === 0n ? one : greatestDivisor(other, one % other);
}

/** Negative, 0 or positive, as for sorting; exact. A fraction with `under` 0 is above all others. */
export function compareFractions(one: Fraction, other: Fraction): number {
  const difference = one.over * other.under - other.over * one.under;
  return difference === 0n ? 0 : difference < 0n ? -1 : 1;
}

/** `1:4..1:1`, or `1:4` when both ends are the same. */
export function formatBounds({ min, max }: RoleRatio): string {
  return compareFractions(min, max) === 0 ? formatFraction(min) : `${formatFraction(min)}..${formatFraction(max)}`;
}

/**
 * How far so many of the numerator role by so many of the denominator role, whole numbers that are not both 0, are from
 * the nearer bound, exactly: 0 / 1 within the bounds, n / 0 (infinitely far) when only the denominator is at zero.
 */
export function distanceTo({ min, max, rounds }: RoleRatio, numerator: number, denominator: number): Fraction {
  const [over, under] = [BigInt(numerator), BigInt(denominator)];
  const below = min.over * under - over * min.under;
  const above = over * max.under - max.over * under;
  const isWithin = (below <= 0n && above <= 0n) || (rounds && isRounded(min, max, over, under));
  if (isWithin) return { over: 0n, under: 1n };
  return below > 0n ? { over: below, under: min.under * under } : { over: above, under: max.under * under };
}

/**
 * The smaller side was raised, from one at least, to its share of the other, or the other lowered to what is a share of
 * the smaller.
 */
function isRounded(min: Fraction, max: Fraction, over: bigint, under: bigint): boolean {
  return (
    (over > 1n && over === ceiling(min.over * under, min.under)) ||
    over === floor(max.over * under, max.under) ||
    (under > 1n && under === ceiling(over * max.under, max.over)) ||
    under === floor(over * min.under, min.over)
  );
}

/** Null for what is infinitely large. */
function floor(over: bigint, under: bigint): bigint | null {
  return under === 0n ? null : over / under;
}

function ceiling(over: bigint, under: bigint): bigint | null {
  return floor(over + under - 1n, under);
}

/**
 * The counts of the other role that fit so many of this one, `2`, `between 2 and 8` or `2 or more`; null when none
 * does. `count` must be a whole number above 0.
 */
export function fittingCounts({ numerator, min, max, rounds }: RoleRatio, role: string, count: number): string | null {
  const whole = BigInt(count);
  const [low, high] = role === numerator ? [inverse(max), inverse(min)] : [min, max];
  const lowest = ceiling(whole * low.over, low.under);
  if (lowest === null) return null;
  const highest = floor(whole * high.over, high.under);
  const isBetweenWholes = highest !== null && lowest > highest;
  if (isBetweenWholes && (!rounds || highest === 0n)) return null;
  const [least, most] = isBetweenWholes ? [highest, lowest] : [lowest, highest];
  return rangeOf(least > 0n ? least : 1n, most);
}

function rangeOf(least: bigint, most: bigint | null): string | null {
  if (most === null) return `${least} or more`;
  if (least > most) return null;
  return least === most ? `${least}` : `between ${least} and ${most}`;
}

function inverse({ over, under }: Fraction): Fraction {
  return { over: under, under: over };
}

function formatFraction({ over, under }: Fraction): string {
  return `${over}:${under}`;
}

function isPositive(digits: string): boolean {
  return digits.length <= LONGEST_NUMBER && Number(digits) > 0;
}

function invalid(text: string, problem: string): CodedError {
  const shown = JSON.stringify(text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text);
  const sentence = `${ROLE_RATIO} ${shown} is not valid: ${problem}; write it like prefill:decode=1:4..1:1`;
  return new CodedError('InvalidRoleRatio', sentence);
}
