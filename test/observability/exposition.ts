import assert from 'node:assert/strict';

export interface Family {
  readonly type: string;
  readonly help: string;
  /** The value of each series, by its name and labels as they are written: `x_total{mode="actual"}`. */
  readonly series: ReadonlyMap<string, number>;
}

const HEADER = /^# (HELP|TYPE) (\S+) (.+)$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\.)*",?)+\})? (\S+)$/;

/** Reads Prometheus' text format, and fails on any line that is none of it. */
export function readExposition(text: string): ReadonlyMap<string, Family> {
  const families = new Map<string, { type: string; help: string; series: Map<string, number> }>();
  let last = { type: '', help: '', series: new Map<string, number>() };
  for (const line of text.split('\n').filter((line) => line !== '')) {
    const [, field, name = '', value = ''] = HEADER.exec(line) ?? [];
    if (field === undefined) {
      const [, series, labels = '', number = ''] = SAMPLE.exec(line) ?? assert.fail(`no line of the format: ${line}`);
      last.series.set(`${series}${labels}`, number === '+Inf' ? Number.POSITIVE_INFINITY : Number(number));
      continue;
    }
    if (field === 'HELP') {
      assert.ok(!families.has(name), `${name} comes twice`);
      last = { type: '', help: value, series: new Map() };
      families.set(name, last);
    } else last.type = value;
  }
  return families;
}
