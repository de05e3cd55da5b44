import { Ajv, type ErrorObject } from 'ajv';
import { loadAll, YAMLException } from 'js-yaml';
import { CodedError } from '../domain/coded-error.ts';
import type { RuleMode } from '../domain/ordering/rule.ts';
import { rules } from '../domain/ordering/rules.ts';
import { parseBinpackArguments } from '../domain/score/binpack-arguments.ts';
import { type Config, defaultConfig } from './config.ts';
import { isOfService, variableOf } from './environment.ts';
import { configSchema } from './schema.ts';

/** Paths that an environment variable can set: `steering.takeBack` is PACKDOWN_STEERING_TAKE_BACK. */
const SCALARS: readonly (readonly [string, ...string[]])[] = [
  ['mode'],
  ['policy'],
  ['allowOverrides'],
  ['background'],
  ['limits', 'maxReplicas'],
  ['limits', 'cooldown'],
  ['steering', 'budget'],
  ['steering', 'settle'],
  ['steering', 'takeBack'],
  ['binpack', 'weight'],
  ['binpack', 'cpu'],
  ['binpack', 'memory'],
  ['scheduler', 'binpack'],
  ['scheduler', 'locality'],
  ['scheduler', 'stranding'],
  ['resourceScalingGroup', 'groupLabel'],
  ...rules.map(({ name }): [string, string] => ['rules', name]),
];

const VARIABLES: ReadonlySet<string> = new Set(SCALARS.map((path) => variableOf(...path)));

/** What the variables of the sections begin with, e.g. PACKDOWN_RULES_. */
const PREFIXES: ReadonlySet<string> = new Set(
  SCALARS.flatMap(([section, key]) => (key === undefined ? [] : `${variableOf(section)}_`)),
);

/**
 * What a file or the environment says: any part of a Config; `false`, as YAML 1.1 reads a bare off, for a mode or rule
 * that is off.
 */
type GivenConfig = {
  [Key in keyof Config]?: (Config[Key] extends readonly unknown[] ? Config[Key] : Partial<Config[Key]>) | null;
};

/** Where a configuration comes from: the text of a file, if there is one, under the environment. */
export interface ConfigSources {
  readonly file: { readonly text: string; readonly name: string } | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Reads the configuration: environment over file over defaults. Throws CodedError `InvalidConfig` naming the key. */
export function readConfig({ file, environment }: ConfigSources): Config {
  const fromFile = file === null ? {} : check(parseYaml(file.text, file.name), file.name);
  const variable = (key: string) => variableOf(...key.split('.'));
  const fromEnvironment = check(environmentTree(environment), 'the environment', variable);
  return deepFreeze(overlay(overlay(defaultConfig, fromFile), fromEnvironment));
}

const validate = new Ajv({ allErrors: true, allowUnionTypes: true, verbose: true }).compile<GivenConfig>(configSchema);

/** `nameOf` a key is what the source calls it. */
function check(value: unknown, source: string, nameOf = (key: string) => key): GivenConfig {
  const given = value ?? {};
  if (validate(given)) return given;
  const problems = (validate.errors ?? []).map((error) => describeProblem(error, nameOf));
  throw new CodedError('InvalidConfig', `${source} is not a valid configuration: ${problems.join('; ')}`);
}

function describeProblem(error: ErrorObject, nameOf: (key: string) => string): string {
  const key = error.instancePath === '' ? 'the configuration' : nameOf(keyOf(error.instancePath));
  const { additionalProperty, allowedValues } = error.params;
  if (additionalProperty !== undefined)
    return `${error.instancePath === '' ? '' : `${key}.`}${additionalProperty} is not a known key`;
  if (Array.isArray(allowedValues))
    return `${key} must be one of ${allowedValues.filter((value) => value !== false).join(', ')}`;
  const wanted: unknown = error.parentSchema?.description;
  return typeof wanted === 'string' ? `${key} must be ${wanted}` : `${key} ${error.message ?? 'is not valid'}`;
}

/** The key that a JSON pointer leads to: `/rules/pd-ratio` is `rules.pd-ratio`. */
function keyOf(pointer: string): string {
  const steps = pointer.split('/').slice(1);
  return steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~')).join('.');
}

/** The one document of a YAML text; undefined where there is none, but comments perhaps. */
function parseYaml(text: string, source: string): unknown {
  try {
    const [document, ...others] = loadAll(text, { filename: source });
    if (others.length === 0) return document;
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    throw new CodedError('InvalidConfig', `${source} is no YAML: ${error.message.split('\n', 1)[0]}`);
  }
  throw new CodedError('InvalidConfig', `${source} holds several YAML documents: keep one`);
}

function environmentTree(environment: ConfigSources['environment']): object {
  const slip = Object.keys(environment).find((name) => (environment[name] ?? '') !== '' && isSlip(name));
  if (slip !== undefined) throw new CodedError('InvalidConfig', `${slip} sets no key of the configuration`);
  const tree: Record<string, unknown> = {};
  for (const path of SCALARS) {
    const variable = variableOf(...path);
    const text = environment[variable] ?? '';
    if (text === '') continue;
    const value = parseYaml(text, variable);
    const [section, key] = path;
    tree[section] = key === undefined ? value : { ...Object(tree[section]), [key]: value };
  }
  return tree;
}

/** Whether a variable looks as if it set a key of a section, and sets none. */
function isSlip(variable: string): boolean {
  if (VARIABLES.has(variable) || isOfService(variable)) return false;
  return [...PREFIXES].some((prefix) => variable.startsWith(prefix));
}

function overlay(config: Config, given: GivenConfig): Config {
  const ruleModes = Object.entries(given.rules ?? {}).map(([name, mode]): [string, RuleMode] => [name, mode || 'off']);
  return {
    mode: given.mode === undefined ? config.mode : given.mode || 'off',
    policy: given.policy ?? config.policy,
    rules: { ...config.rules, ...Object.fromEntries(ruleModes) },
    allowOverrides: given.allowOverrides ?? config.allowOverrides,
    limits: { ...config.limits, ...given.limits },
    steering: { ...config.steering, ...given.steering },
    binpack: overlayBinpack(config.binpack, given.binpack ?? {}),
    scheduler: { ...config.scheduler, ...given.scheduler },
    resourceScalingGroup: { ...config.resourceScalingGroup, ...given.resourceScalingGroup },
    nodeWeights: given.nodeWeights ?? config.nodeWeights,
    warmNodes: given.warmNodes ?? config.warmNodes,
    background: given.background ?? config.background,
    exemptNamespaces: given.exemptNamespaces ?? config.exemptNamespaces,
  };
}

/** Ours by key; once one of Volcano's own arguments is among them, all of Volcano's, with its defaults. */
function overlayBinpack(configured: Config['binpack'], given: Partial<Config['binpack']>): Config['binpack'] {
  const isArgument = ([key, value]: [string, unknown]): boolean =>
    key.startsWith('binpack.') && typeof value !== 'object';
  const volcano = Object.entries<unknown>(given).filter((entry): entry is [string, string | number] =>
    isArgument(entry),
  );
  if (volcano.length === 0) return { ...configured, ...given, resources: given.resources ?? configured.resources };
  if (volcano.length < Object.keys(given).length) {
    throw new CodedError('InvalidConfig', "binpack holds keys of its own and Volcano's arguments: keep one kind");
  }
  const { weight, resources } = parseBinpackArguments(Object.fromEntries(volcano));
  // Volcano takes a negative weight, which spreads instead of packing.
  if (weight <= 0) throw new CodedError('InvalidConfig', `binpack.weight is ${weight}: packing needs a weight over 0`);
  const { cpu = 1, memory = 1, ...others } = Object.fromEntries(resources);
  return { weight, cpu, memory, resources: others };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) deepFreeze(part);
    Object.freeze(value);
  }
  return value;
}
