import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseQuantity, QuantityError, toNumber } from '../../../src/domain/resources/quantity.ts';

const LEGAL: readonly (readonly [string | number, bigint])[] = [
  ['0', 0n],
  ['-0', 0n],
  ['00', 0n],
  ['0Ki', 0n],
  ['1', 1_000_000_000n],
  ['007', 7_000_000_000n],
  ['+5', 5_000_000_000n],
  ['-5', -5_000_000_000n],
  ['.5', 500_000_000n],
  ['-.5', -500_000_000n],
  ['5.', 5_000_000_000n],
  ['5.Ki', 5_120_000_000_000n],
  ['.5Ki', 512_000_000_000n],
  ['1.5', 1_500_000_000n],
  ['100n', 100n],
  ['5u', 5_000n],
  ['500m', 500_000_000n],
  ['128974848000m', 128_974_848_000_000_000n],
  ['3k', 3_000_000_000_000n],
  ['3M', 3_000_000_000_000_000n],
  ['3G', 3_000_000_000_000_000_000n],
  ['3T', 3_000_000_000_000_000_000_000n],
  ['3P', 3_000_000_000_000_000_000_000_000n],
  ['1E', 1_000_000_000_000_000_000_000_000_000n],
  ['1Ki', 1_024_000_000_000n],
  ['1Mi', 1_048_576_000_000_000n],
  ['1.5Gi', 1_610_612_736_000_000_000n],
  ['1Ti', 1_099_511_627_776_000_000_000n],
  ['1Pi', 1_125_899_906_842_624_000_000_000n],
  ['1Ei', 1_152_921_504_606_846_976_000_000_000n],
  ['1e3', 1_000_000_000_000n],
  ['1E3', 1_000_000_000_000n],
  ['1e+3', 1_000_000_000_000n],
  ['12e-3', 12_000_000n],
  ['1.5E-1', 150_000_000n],
  [2, 2_000_000_000n],
  [0.25, 250_000_000n],
  [1e21, 10n ** 30n],
  [1e-7, 100n],
];

for (const [text, nanos] of LEGAL) {
  test(`${JSON.stringify(text)} is ${nanos} nanos`, () => {
    assert.equal(parseQuantity(text), nanos);
  });
}

const ILLEGAL: readonly (string | number)[] = [
  '',
  ' ',
  '.',
  '-',
  '+.',
  ' 1',
  '1 ',
  '1\n',
  '1 Gi',
  '1.5.2',
  'Gi',
  'm',
  'e3',
  '1e',
  '1E+',
  '1e1.5',
  '1e5m',
  '1m5',
  '--1',
  '+-1',
  '1-',
  'NaN',
  'Infinity',
  'null',
  '0x1',
  '1_000',
  '1,5',
  '1K',
  '1KI',
  '1ki',
  '1mi',
  '1i',
  '1g',
  '1B',
  '1GB',
  '١',
  Number.NaN,
  Number.POSITIVE_INFINITY,
  '1'.repeat(1001),
];

for (const text of ILLEGAL) {
  test(`${JSON.stringify(String(text).slice(0, 12))} is not a quantity`, () => {
    assert.throws(() => parseQuantity(text), QuantityError);
  });
}

test('the error carries a code and one sentence that quotes the text', () => {
  assert.throws(() => parseQuantity('1 Gi'), {
    name: 'QuantityError',
    code: 'InvalidQuantity',
    message: 'The quantity "1 Gi" is not valid: write a number with an optional suffix, such as 500m, 2, 1.5Gi or 1e3.',
  });
});

test('the error names the resource, when it is known', () => {
  assert.throws(
    () => parseQuantity('two', 'nvidia.com/gpu'),
    /^QuantityError: The quantity of nvidia\.com\/gpu, "two" /,
  );
});

test('the error stays short and printable whatever the text', () => {
  assert.throws(
    () => parseQuantity(`\n${'x'.repeat(10_000)}`),
    (error) => error instanceof QuantityError && error.message.length < 250 && !error.message.includes('\n'),
  );
});

test('digits finer than a nano round away from zero', () => {
  assert.equal(parseQuantity('0.1n'), 1n);
  assert.equal(parseQuantity('1.1n'), 2n);
  assert.equal(parseQuantity('-1.1n'), -2n);
  assert.equal(parseQuantity('1e-999999999'), 1n);
  assert.equal(parseQuantity('-1e-10'), -1n);
  assert.equal(parseQuantity('0.0000000001Ki'), 103n);
  assert.equal(parseQuantity('1.0000000000'), 1_000_000_000n);
});

test('a value with a binary suffix is capped at 2^63 - 1 units', () => {
  const limit = (2n ** 63n - 1n) * 1_000_000_000n;
  assert.equal(parseQuantity('8Ei'), limit);
  assert.equal(parseQuantity('-8Ei'), -limit);
  assert.equal(parseQuantity('9223372036854775807Ki'), limit);
  assert.ok(parseQuantity('7.999Ei') < limit);
});

test('a decimal value passes 2^63 - 1 units and ends at 10^100', () => {
  assert.equal(parseQuantity('9223372036854775808'), 2n ** 63n * 1_000_000_000n);
  assert.equal(parseQuantity('1e30'), 10n ** 39n);
  assert.equal(parseQuantity('1e999999999999999999999'), 10n ** 109n);
  assert.equal(parseQuantity('-1e101'), -(10n ** 109n));
});

test('a float of a quantity is in units', () => {
  assert.equal(toNumber(parseQuantity('500m')), 0.5);
  assert.equal(toNumber(parseQuantity('512Gi')), 512 * 2 ** 30);
  assert.equal(toNumber(parseQuantity('-2')), -2);
});

const SUFFIXES = ['n', 'u', 'm', '', 'k', 'Ki', 'M', 'Mi', 'G', 'Gi', 'T', 'Ti', 'P', 'Pi', 'E', 'Ei'] as const;

test('each suffix is larger than the one before', () => {
  const sizes = SUFFIXES.map((suffix) => parseQuantity(`1${suffix}`));
  assert.deepEqual(
    sizes,
    sizes.toSorted((a, b) => (a < b ? -1 : 1)),
  );
  assert.equal(new Set(sizes).size, SUFFIXES.length);
});

/** With any suffix, and up to Gi, no sum of two reaches the cap of binary suffixes. */
const smallInteger = fc.bigInt({ min: -3n, max: 3n });
const integer = fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n });
const suffix = fc.constantFrom(...SUFFIXES);
const suffixBelowCap = fc.constantFrom(...SUFFIXES.filter((name) => !['Ti', 'Pi', 'Ei'].includes(name)));

test('quantities with one suffix add up like their numbers', () => {
  const additive = (a: bigint, b: bigint, s: string) =>
    assert.equal(parseQuantity(`${a}${s}`) + parseQuantity(`${b}${s}`), parseQuantity(`${a + b}${s}`));
  fc.assert(fc.property(smallInteger, smallInteger, suffix, additive));
  fc.assert(fc.property(integer, integer, suffixBelowCap, additive));
});

test('quantities with one suffix keep the order of their numbers', () => {
  fc.assert(
    fc.property(integer, integer, suffixBelowCap, (a, b, s) => {
      assert.equal(parseQuantity(`${a}${s}`) < parseQuantity(`${b}${s}`), a < b);
    }),
  );
});

test('a shifted decimal point and an exponent cancel out', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 30 }), (n, places) => {
      const digits = String(n).padStart(places + 1, '0');
      const shifted = `${digits.slice(0, -places)}.${digits.slice(-places)}e${places}`;
      assert.equal(parseQuantity(shifted), parseQuantity(n));
    }),
  );
});

test('a binary suffix is a power of 1024 for fractions too', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10 ** 6 }), (thousandths) => {
      const text = (thousandths / 1000).toFixed(3);
      assert.equal(parseQuantity(`${text}Gi`), parseQuantity(`${text}Mi`) * 1024n);
    }),
  );
});

test('any text is either read or refused with a QuantityError', () => {
  const nearlyLegal = fc.string({ unit: fc.constantFrom(...'+-.0159eEinumkKMGTP '), maxLength: 12 });
  fc.assert(
    fc.property(nearlyLegal, (text) => {
      try {
        parseQuantity(text);
      } catch (error) {
        assert.ok(error instanceof QuantityError);
      }
    }),
  );
});
