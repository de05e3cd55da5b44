import { parser } from '@prometheus-io/lezer-promql';

/** One metric of a query, with what selects its series. */
export interface Selector {
  readonly metric: string;
  readonly matchers: readonly Matcher[];
  /** The function that it is given to as a range, e.g. `rate`; null outside of one. */
  readonly ranged: string | null;
}

export interface Matcher {
  readonly label: string;
  readonly operator: string;
  readonly value: string;
}

export interface Query {
  readonly selectors: readonly Selector[];
  /** Labels that are grouped by or matched on. */
  readonly groupings: readonly string[];
}

/** Reads PromQL with Prometheus' own grammar; throws for what is none. */
export function readQuery(text: string): Query {
  const selectors: Selector[] = [];
  const groupings: string[] = [];
  const matchers: Matcher[] = [];
  let called: string | null = null;
  let ranged: string | null = null;
  parser.parse(text).iterate({
    enter({ type, from, to, node }) {
      const at = text.slice(from, to);
      if (type.isError) throw new Error(`no PromQL at character ${from}: ${text}`);
      if (type.name === 'FunctionIdentifier') called = at;
      if (type.name === 'MatrixSelector') ranged = called;
      if (type.name === 'LabelName' && node.parent?.name === 'GroupingLabels') groupings.push(at);
      if (type.name === 'UnquotedLabelMatcher') {
        const [, label = '', operator = '', value = ''] = /^(\w+)\s*(=~|!~|!=|=)\s*"(.*)"$/.exec(at) ?? [];
        matchers.push({ label, operator, value });
      }
    },
    leave({ type, from, to }) {
      if (type.name === 'VectorSelector') {
        const [metric = ''] = text.slice(from, to).split('{');
        selectors.push({ metric, matchers: matchers.splice(0), ranged });
      }
      if (type.name === 'MatrixSelector') ranged = null;
    },
  });
  return { selectors, groupings };
}
