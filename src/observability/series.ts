import { isDeepStrictEqual } from 'node:util';
import { Counter, Histogram, type HistogramConfiguration } from 'prom-client';

// prom-client finds a series by a text that it puts together of all labels, and a bucket by its bound written out, at
// every observation. At every request, that takes longer than the ordering rules: here both are found beforehand.

type Labels<Label extends string> = Readonly<Partial<Record<Label, string>>>;

/** A counter with series that are found beforehand. */
export class SeriesCounter<Label extends string> extends Counter<Label> {
  readonly #counted: { readonly labels: Labels<Label>; count: number }[] = [];

  /** Gives what counts one more in the series of these labels, which is shown from the first on. */
  series(labels: Labels<Label>): () => void {
    const counted = { labels, count: 0 };
    this.#counted.push(counted);
    return () => {
      counted.count += 1;
    };
  }

  override get() {
    for (const counted of this.#counted.filter(({ count }) => count > 0)) {
      this.inc(counted.labels, counted.count);
      counted.count = 0;
    }
    return super.get();
  }
}

interface Bucket {
  readonly bound: number;
  count: number;
}

interface Observed<Label extends string> {
  readonly labels: Labels<Label>;
  /** Each value is counted in the first that it fits in. */
  readonly buckets: readonly Bucket[];
  /** What fits in none. */
  beyond: number;
  sum: number;
}

type Buckets<Label extends string> = HistogramConfiguration<Label> & { readonly buckets: number[] };

/** A histogram with series that are found beforehand, and no others. */
export class SeriesHistogram<Label extends string> extends Histogram<Label> {
  readonly #about: Buckets<Label>;
  readonly #series: Observed<Label>[] = [];

  constructor(configuration: Buckets<Label>) {
    super(configuration);
    this.#about = configuration;
  }

  /** Gives what observes a value in the series of these labels, which is shown from the first on. */
  series(labels: Labels<Label>): (value: number) => void {
    const series = this.#seriesOf(labels);
    return (value) => {
      const bucket = series.buckets.find(({ bound }) => value <= bound);
      if (bucket === undefined) series.beyond += 1;
      else bucket.count += 1;
      series.sum += value;
    };
  }

  #seriesOf(labels: Labels<Label>): Observed<Label> {
    const known = this.#series.find((series) => isDeepStrictEqual(series.labels, labels));
    if (known !== undefined) return known;
    const buckets = this.#about.buckets.map((bound) => ({ bound, count: 0 }));
    const series = { labels, buckets, beyond: 0, sum: 0 };
    this.#series.push(series);
    return series;
  }

  /** What prom-client makes its text and its JSON of. */
  async getForPromString() {
    const { name, help } = this.#about;
    return {
      name,
      help,
      type: 'histogram',
      aggregator: 'sum',
      values: this.#series.flatMap((series) => linesOf(name, series)),
    };
  }
}

function linesOf<Label extends string>(name: string, { labels, buckets, beyond, sum }: Observed<Label>) {
  let count = 0;
  const line = (suffix: string, value: number, own = {}) => ({
    metricName: `${name}_${suffix}`,
    labels: own,
    sharedLabels: labels,
    value,
  });
  const below = buckets.map((bucket) => {
    count += bucket.count;
    return line('bucket', count, { le: bucket.bound });
  });
  count += beyond;
  if (count === 0) return [];
  return [...below, line('bucket', count, { le: '+Inf' }), line('sum', sum), line('count', count)];
}
