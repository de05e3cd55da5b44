/** One condition on labels, as label selectors and node affinities have them. */
export interface Requirement {
  readonly key: string;
  readonly operator: Operator;
  readonly values: readonly string[];
}

export const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'] as const;
export type Operator = (typeof OPERATORS)[number];

/** Selects what meets every requirement; none selects everything. */
export type Selector = readonly Requirement[];

/** Whether labels meet a selector, as the apiserver and the scheduler would say. */
export function isSelected(labels: Readonly<Record<string, string>>, selector: Selector): boolean {
  return selector.every(({ key, operator, values }) => {
    const value = labels[key];
    switch (operator) {
      case 'In':
        return value !== undefined && values.includes(value);
      case 'NotIn':
        return value === undefined || !values.includes(value);
      case 'Exists':
        return value !== undefined;
      case 'DoesNotExist':
        return value === undefined;
      case 'Gt':
        return value !== undefined && Number(value) > Number(values[0]);
      case 'Lt':
        return value !== undefined && Number(value) < Number(values[0]);
      default:
        return operator satisfies never;
    }
  });
}
