import { rules } from '../domain/ordering/rules.ts';
import { POLICIES } from '../domain/victims/policies.ts';
import { DURATION, SECOND_OR_MORE } from './duration.ts';

export const MODES = ['off', 'observe', 'steer'] as const;
/** Whether packdown writes costs, only says what it would do, or neither. */
export type Mode = (typeof MODES)[number];

const RULE_MODE = { enum: ['enforce', 'warn', 'off', false] };
const SELECTOR = { type: 'object', additionalProperties: { type: 'string' }, minProperties: 1 };
/** Scores are products and sums of weights, and must stay numbers that costs can hold. */
const HEAVIEST = 1_000_000;
const WEIGHT = { type: 'number', minimum: 0, maximum: HEAVIEST };
const BOOLEAN = { type: 'boolean', description: 'true or false' };
/** As kube-scheduler has it for what an extender scores. */
const PRIORITY = { type: 'integer', minimum: 0, maximum: 10 };

function section(properties: Readonly<Record<string, object>>): object {
  return { type: 'object', additionalProperties: false, properties };
}

/** A section may be left out, and so may all that is in it. */
function optional(section: object): object {
  return { ...section, type: ['object', 'null'], description: 'a map of keys' };
}

function optionalList(items: object): object {
  return { type: ['array', 'null'], items, description: 'a list' };
}

/** JSON Schema of the configuration file: every key, what it may hold, nothing else. */
export const configSchema = {
  ...section({
    mode: { enum: [...MODES, false] },
    policy: { enum: [...POLICIES] },
    rules: optional(section(Object.fromEntries(rules.map(({ name }) => [name, RULE_MODE])))),
    allowOverrides: BOOLEAN,
    limits: optional(section({ maxReplicas: { type: 'integer', minimum: 1 }, cooldown: DURATION })),
    steering: optional(section({ budget: DURATION, settle: DURATION, takeBack: SECOND_OR_MORE })),
    binpack: optional({
      ...section({
        weight: { type: 'number', exclusiveMinimum: 0, maximum: HEAVIEST },
        cpu: WEIGHT,
        memory: WEIGHT,
        resources: optional({ additionalProperties: WEIGHT }),
      }),
      // The arguments of Volcano's plugin, as they stand in its scheduler's configuration.
      patternProperties: { '^binpack\\.(weight|cpu|memory|resources(\\..+)?)$': { type: ['string', 'integer'] } },
    }),
    scheduler: optional(section({ binpack: PRIORITY, locality: PRIORITY, stranding: PRIORITY })),
    resourceScalingGroup: optional(section({ groupLabel: { type: 'string', minLength: 1 } })),
    nodeWeights: optionalList({
      ...section({ selector: SELECTOR, weight: WEIGHT }),
      required: ['selector', 'weight'],
    }),
    warmNodes: optionalList({
      ...section({ selector: SELECTOR, count: { type: 'integer', minimum: 0 } }),
      required: ['selector', 'count'],
    }),
    background: BOOLEAN,
    exemptNamespaces: optionalList({ type: 'string' }),
  }),
  description: 'a map of keys',
};
