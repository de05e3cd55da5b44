import { OPERATORS, type Requirement, type Selector } from '../../domain/fleet/label-selector.ts';
import type { SpreadConstraint } from '../../domain/fleet/spread-constraint.ts';
import { isObject, type JsonObject, listAt, listTexts, numberOf, stringsAt, textOf } from './json.ts';

/** Most pods have none: these share one list. */
const NONE: readonly SpreadConstraint[] = [];

/** Reads those topologySpreadConstraints of a pod's spec that the scheduler may not break. */
export function readSpreadConstraints(
  spec: JsonObject,
  labels: Readonly<Record<string, string>>,
): readonly SpreadConstraint[] {
  const strict = listAt(spec, 'topologySpreadConstraints').filter(
    ({ whenUnsatisfiable }) => whenUnsatisfiable !== 'ScheduleAnyway',
  );
  if (strict.length === 0) return NONE;
  const nodes = readNodeSelectors(spec);
  return strict.flatMap((constraint): readonly SpreadConstraint[] => {
    const topologyKey = textOf(constraint.topologyKey);
    const maxSkew = numberOf(constraint.maxSkew);
    if (topologyKey === null || maxSkew === null || maxSkew < 1) return [];
    return [
      {
        topologyKey,
        maxSkew,
        minDomains: numberOf(constraint.minDomains) ?? 1,
        counted: readCounted(constraint, labels),
        nodes: constraint.nodeAffinityPolicy === 'Ignore' ? [[]] : nodes,
      },
    ];
  });
}

/** Without a selector a constraint counts no pods. Keys to match take the values of the pod itself. */
function readCounted(constraint: JsonObject, labels: Readonly<Record<string, string>>): Selector | null {
  if (!isObject(constraint.labelSelector)) return null;
  const same = listTexts(constraint, 'matchLabelKeys').flatMap((key) => {
    const value = labels[key];
    return value === undefined ? [] : [{ key, operator: 'In' as const, values: [value] }];
  });
  return [
    ...equalities(constraint.labelSelector, 'matchLabels'),
    ...readRequirements(constraint.labelSelector, 'matchExpressions'),
    ...same,
  ];
}

function readNodeSelectors(spec: JsonObject): readonly Selector[] {
  const own = equalities(spec, 'nodeSelector');
  const required = 'requiredDuringSchedulingIgnoredDuringExecution';
  const terms = listAt(spec, 'affinity', 'nodeAffinity', required, 'nodeSelectorTerms');
  if (terms.length === 0) return [own];
  return terms.map((term) => [...own, ...readRequirements(term, 'matchExpressions')]);
}

function equalities(value: unknown, key: string): Selector {
  return Object.entries(stringsAt(value, key)).map(([label, text]) => ({ key: label, operator: 'In', values: [text] }));
}

function readRequirements(value: unknown, path: string): Selector {
  return listAt(value, path).flatMap((expression): readonly Requirement[] => {
    const operator = OPERATORS.find((known) => known === expression.operator);
    const key = textOf(expression.key);
    return operator === undefined || key === null ? [] : [{ key, operator, values: listTexts(expression, 'values') }];
  });
}
