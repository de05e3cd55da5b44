import { CodedError } from '../coded-error.ts';

/** An exact Kubernetes quantity in nano-units: `1n` is a billionth of a core, of a byte or of a device. */
export type Quantity = bigint;

/** Thrown for a text that is no Kubernetes quantity. */
export class QuantityError extends CodedError {
  constructor(text: string, resource?: string) {
    const quoted = JSON.stringify(text.length > 64 ? `${text.slice(0, 64)}…` : text);
    const subject = resource === undefined ? 'The quantity' : `The quantity of ${resource},`;
    super(
      'InvalidQuantity',
      `${subject} ${quoted} is not valid: write a number with an optional suffix, such as 500m, 2, 1.5Gi or 1e3.`,
    );
    this.name = 'QuantityError';
  }
}

/** Sign, whole digits, fraction digits (at least one digit in all), then a suffix or an exponent. */
const SYNTAX = /^([+-]?)(?=\.?\d)(\d*)(?:\.(\d*))?(?:([KMGTPE]i|[numkMGTPE])|[eE]([+-]?\d+))?$/;

const LONGEST_TEXT = 1000;
const NANO_DIGITS = 9;
/** In a thousandth of a core or of a device. */
export const NANOS_PER_MILLI = 1_000_000n;
/** In a core, a byte or a device. */
export const NANOS_PER_UNIT = 1_000_000_000n;

const POWERS_OF_TWO: ReadonlyMap<string, bigint> = new Map([
  ['Ki', 10n],
  ['Mi', 20n],
  ['Gi', 30n],
  ['Ti', 40n],
  ['Pi', 50n],
  ['Ei', 60n],
]);

const POWERS_OF_TEN: ReadonlyMap<string, number> = new Map([
  ['E', 18],
  ['P', 15],
  ['T', 12],
  ['G', 9],
  ['M', 6],
  ['k', 3],
  ['', 0],
  ['m', -3],
  ['u', -6],
  ['n', -9],
]);

const BINARY_LIMIT = (2n ** 63n - 1n) * NANOS_PER_UNIT;
const DECIMAL_LIMIT_DIGITS = 100;
const DECIMAL_LIMIT = 10n ** BigInt(DECIMAL_LIMIT_DIGITS) * NANOS_PER_UNIT;

/**
 * Reads a quantity by the grammar of Kubernetes' `resource.Quantity` (apimachinery `pkg/api/resource/quantity.go`):
 * a decimal number, then nothing, `n u m k M G T P E`, `Ki Mi Gi Ti Pi Ei`, or `e`/`E` with a whole exponent.
 *
 * Digits finer than a nano round away from zero. A value with a binary suffix is capped at ±(2^63 − 1) units, as in
 * Kubernetes.
 *
 * Stricter than Kubernetes in three places: `Gi`, `.` and `-`, which its scanner reads as zero, have no digit and are
 * errors; a text of more than 1,000 characters is an error; a decimal value, which has no cap there, ends at ±10^100
 * units, so that `1e999999999` cannot demand a billion digits.
 *
 * @param resource named in the error, when given
 * @throws {QuantityError}
 */
export function parseQuantity(text: string | number, resource?: string): Quantity {
  const source = String(text);
  const match = source.length > LONGEST_TEXT ? null : SYNTAX.exec(source);
  if (match === null) throw new QuantityError(source, resource);
  const [, sign, whole = '', fraction = '', suffix = '', exponent] = match;

  const binaryPower = POWERS_OF_TWO.get(suffix);
  const digits = whole + fraction;
  const magnitude =
    binaryPower === undefined
      ? nanos(digits, Number(exponent ?? POWERS_OF_TEN.get(suffix) ?? 0) - fraction.length)
      : smaller(nanos(String(BigInt(digits) << binaryPower), -fraction.length), BINARY_LIMIT);
  return sign === '-' ? -magnitude : magnitude;
}

/** `digits` × 10^`power` units as nanos, rounded up and capped; the work is bounded by the cap, not by the power. */
function nanos(digits: string, power: number): bigint {
  const significant = digits.replace(/^0+/, '');
  if (significant === '') return 0n;
  const shift = power + NANO_DIGITS;
  const kept = significant.length + shift;
  if (kept > DECIMAL_LIMIT_DIGITS + NANO_DIGITS) return DECIMAL_LIMIT;
  if (kept <= 0) return 1n;
  if (shift >= 0) return BigInt(significant) * 10n ** BigInt(shift);
  const remainder = /[1-9]/.test(significant.slice(kept)) ? 1n : 0n;
  return BigInt(significant.slice(0, kept)) + remainder;
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

/** The quantity in units (cores, bytes, devices) as a float: for scores and display, not for comparisons. */
export function toNumber(quantity: Quantity): number {
  return Number(quantity) / 1e9;
}
