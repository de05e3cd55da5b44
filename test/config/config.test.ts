import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { dump } from 'js-yaml';
import { binpackWeights, type Config, defaultConfig } from '../../src/config/config.ts';
import { readConfig } from '../../src/config/read-config.ts';
import { isObject } from '../../src/workloads/core/json.ts';

type Environment = Readonly<Record<string, string | undefined>>;

function read(text: string, environment: Environment = {}): Config {
  return readConfig({ file: { text, name: 'packdown.yaml' }, environment });
}

function rejects(text: string, message: string, environment: Environment = {}): void {
  assert.throws(() => read(text, environment), { code: 'InvalidConfig', message });
}

/** Every key with a value that is not its default. */
const OTHER = {
  mode: 'observe',
  policy: 'binpack',
  rules: {
    'sane-counts': 'warn',
    'single-level': 'off',
    'role-order': 'warn',
    'gang-floor': 'off',
    'partition-floor': 'warn',
    'partition-shift': 'off',
    'role-under-partition': 'enforce',
    'pd-both-or-none': 'off',
    'pd-ratio': 'warn',
    'dependency-zero': 'off',
    'dependency-graph': 'warn',
    'dependency-order': 'off',
    'scale-down-list': 'warn',
    'fixed-ratio-members': 'off',
    'doomed-scale-up': 'enforce',
    owned: 'off',
    'hpa-anchor': 'enforce',
    'scale-with-rollout': 'off',
    reversal: 'enforce',
    cooldown: 'warn',
    'worker-resize': 'enforce',
    'gang-deadlock': 'off',
    vacancy: 'enforce',
  },
  allowOverrides: false,
  limits: { maxReplicas: 7, cooldown: '90s' },
  steering: { budget: '1s', settle: '20ms', takeBack: '1.5h' },
  binpack: { weight: 10, cpu: 0, memory: 2, resources: { 'example.com/gpu': 3 } },
  scheduler: { binpack: 10, locality: 0, stranding: 3 },
  resourceScalingGroup: { groupLabel: 'example.com/copy' },
  nodeWeights: [{ selector: { pool: 'old' }, weight: 99 }],
  warmNodes: [{ selector: { pool: 'a100' }, count: 2 }],
  background: true,
  exemptNamespaces: ['batch'],
};

describe('the configuration', () => {
  it('has the defaults that are promised', () => {
    const expected = {
      mode: 'steer',
      policy: 'consolidate',
      rules: {
        'sane-counts': 'enforce',
        'single-level': 'enforce',
        'role-order': 'enforce',
        'gang-floor': 'enforce',
        'partition-floor': 'enforce',
        'partition-shift': 'warn',
        'role-under-partition': 'warn',
        'pd-both-or-none': 'enforce',
        'pd-ratio': 'enforce',
        'dependency-zero': 'enforce',
        'dependency-graph': 'enforce',
        'dependency-order': 'warn',
        'scale-down-list': 'enforce',
        'fixed-ratio-members': 'enforce',
        'doomed-scale-up': 'warn',
        owned: 'enforce',
        'hpa-anchor': 'warn',
        'scale-with-rollout': 'warn',
        reversal: 'warn',
        cooldown: 'off',
        'worker-resize': 'warn',
        'gang-deadlock': 'warn',
        vacancy: 'warn',
      },
      allowOverrides: true,
      limits: { maxReplicas: 10_000, cooldown: '5m' },
      steering: { budget: '800ms', settle: '200ms', takeBack: '5m' },
      binpack: { weight: 1, cpu: 1, memory: 1, resources: { 'nvidia.com/gpu': 5 } },
      scheduler: { binpack: 1, locality: 1, stranding: 0 },
      resourceScalingGroup: { groupLabel: 'resourcescalinggroup.com/group' },
      nodeWeights: [],
      warmNodes: [],
      background: false,
      exemptNamespaces: [],
    };
    assert.deepEqual(readConfig({ file: null, environment: {} }), expected);
    assert.deepEqual(defaultConfig, expected);
  });

  for (const [title, text] of [
    ['is empty', ''],
    ['holds only comments', '# mode: off\n\n'],
    ['holds an empty document', '---\n'],
    ['holds an empty object', '{}'],
    [
      'has sections of which all is commented out',
      'rules:\n#  owned: warn\nbinpack:\n  resources:\nlimits:\nsteering:\nscheduler:\n',
    ],
    ['has lists of which all is commented out', 'nodeWeights:\n#  - weight: 1\nwarmNodes:\nexemptNamespaces:\n'],
  ] as const) {
    it(`is the default when its file ${title}`, () => assert.deepEqual(read(text), defaultConfig));
  }

  it('takes every key from its file', () => assert.deepEqual(read(dump(OTHER)), OTHER));

  it('takes JSON too', () => assert.deepEqual(read(JSON.stringify(OTHER, null, '\t')), OTHER));

  for (const [key, value] of Object.entries(OTHER)) {
    it(`leaves everything but ${key} as it is when only that is given`, () => {
      assert.deepEqual(read(dump({ [key]: value })), { ...defaultConfig, [key]: value });
    });
  }

  it('leaves the other keys of a section as they are', () => {
    assert.deepEqual(read('steering: {settle: 20ms}').steering, { budget: '800ms', settle: '20ms', takeBack: '5m' });
    assert.deepEqual(read('rules: {pd-ratio: warn}').rules, { ...defaultConfig.rules, 'pd-ratio': 'warn' });
    assert.equal(read('binpack: {cpu: 0}').binpack.resources['nvidia.com/gpu'], 5);
  });

  it('that is printed reads as itself', () => assert.deepEqual(read(dump(read(dump(OTHER)))), OTHER));

  it('of the manifests is the default', () => {
    const file = join(import.meta.dirname, '..', '..', 'manifests', 'base', 'config.yaml');
    assert.deepEqual(read(readFileSync(file, 'utf8')), defaultConfig);
  });

  it('reads false as off, which is what YAML 1.1 makes of a bare off', () => {
    assert.equal(read('rules: {gang-floor: false}').rules['gang-floor'], 'off');
    assert.equal(read('rules: {gang-floor: off}').rules['gang-floor'], 'off');
    assert.equal(read('mode: false').mode, 'off');
    assert.equal(read('mode: off').mode, 'off');
  });

  it('is frozen to its depths', () => {
    const frozen = (value: unknown, path: string): void => {
      if (typeof value !== 'object' || value === null) return;
      assert.ok(Object.isFrozen(value), `${path} is not frozen`);
      for (const [key, part] of Object.entries(value)) frozen(part, `${path}.${key}`);
    };
    frozen(read(dump(OTHER)), 'config');
    frozen(readConfig({ file: null, environment: {} }), 'config');
  });
});

describe('a configuration file is refused', () => {
  const invalid = 'packdown.yaml is not a valid configuration:';
  const cases: readonly [title: string, text: string, message: string][] = [
    ['for an unknown key', 'modes: steer', `${invalid} modes is not a known key`],
    ['for an unknown key of a section', 'steering: {bugdet: 1s}', `${invalid} steering.bugdet is not a known key`],
    ['for an unknown rule', 'rules: {gang-flor: off}', `${invalid} rules.gang-flor is not a known key`],
    [
      'for an unknown key of a list',
      'nodeWeights: [{selector: {a: b}, weight: 1, x: 1}]',
      `${invalid} nodeWeights.0.x is not a known key`,
    ],
    ['for a mode that is none', 'mode: on', `${invalid} mode must be one of off, observe, steer`],
    ['for true as a mode', 'mode: true', `${invalid} mode must be one of off, observe, steer`],
    ['for a policy that is none', 'policy: random', `${invalid} policy must be one of consolidate, binpack, ordinal`],
    [
      'for a rule mode that is none',
      'rules: {pd-ratio: deny}',
      `${invalid} rules.pd-ratio must be one of enforce, warn, off`,
    ],
    [
      'for true as a rule mode',
      'rules: {pd-ratio: true}',
      `${invalid} rules.pd-ratio must be one of enforce, warn, off`,
    ],
    ['for a text as a switch', 'allowOverrides: "yes"', `${invalid} allowOverrides must be true or false`],
    ['for a limit of 0', 'limits: {maxReplicas: 0}', `${invalid} limits.maxReplicas must be >= 1`],
    ['for half a replica', 'limits: {maxReplicas: 1.5}', `${invalid} limits.maxReplicas must be integer`],
    [
      'for a duration without a unit',
      'steering: {budget: 800}',
      `${invalid} steering.budget must be a number and ms, s, m or h, e.g. 15s`,
    ],
    [
      'for marks that are taken back at once',
      'steering: {takeBack: 0s}',
      `${invalid} steering.takeBack must be a second or more, a number that does not begin with 0 and ms, s, m or h, e.g. 15s`,
    ],
    [
      'for marks that are taken back soon',
      'steering: {takeBack: 999ms}',
      `${invalid} steering.takeBack must be a second or more, a number that does not begin with 0 and ms, s, m or h, e.g. 15s`,
    ],
    ['for a weight beyond all costs', 'binpack: {cpu: 1e308}', `${invalid} binpack.cpu must be <= 1000000`],
    ['for a weight of nothing', 'binpack: {weight: 0}', `${invalid} binpack.weight must be > 0`],
    [
      'for a negative weight',
      'binpack: {resources: {nvidia.com/gpu: -1}}',
      `${invalid} binpack.resources.nvidia.com/gpu must be >= 0`,
    ],
    [
      'for a node weight without a selector',
      'nodeWeights: [{weight: 1}]',
      `${invalid} nodeWeights.0 must have required property 'selector'`,
    ],
    [
      'for a selector of everything',
      'nodeWeights: [{selector: {}, weight: 1}]',
      `${invalid} nodeWeights.0.selector must NOT have fewer than 1 properties`,
    ],
    ['for more than an extender may score', 'scheduler: {locality: 11}', `${invalid} scheduler.locality must be <= 10`],
    ['for half a point', 'scheduler: {binpack: 0.5}', `${invalid} scheduler.binpack must be integer`],
    ['for a background that is no switch', 'background: sometimes', `${invalid} background must be true or false`],
    [
      'for a negative number of warm nodes',
      'warmNodes: [{selector: {pool: a100}, count: -1}]',
      `${invalid} warmNodes.0.count must be >= 0`,
    ],
    ['for a list that is none', 'warmNodes: 3', `${invalid} warmNodes must be a list`],
    ['for a namespace that is no text', 'exemptNamespaces: [5]', `${invalid} exemptNamespaces.0 must be string`],
    ['for a list', '[]', `${invalid} the configuration must be a map of keys`],
    ['for a section that is none', 'limits: 5', `${invalid} limits must be a map of keys`],
    ['for a text', 'steer', `${invalid} the configuration must be a map of keys`],
    [
      'with every problem at once',
      'mode: on\npolicy: random',
      `${invalid} mode must be one of off, observe, steer; policy must be one of consolidate, binpack, ordinal`,
    ],
    [
      'when it is no YAML',
      'mode: [',
      'packdown.yaml is no YAML: unexpected end of the stream within a flow collection in "packdown.yaml" (1:8)',
    ],
    [
      'when it holds two documents',
      'mode: off\n---\nmode: steer',
      'packdown.yaml holds several YAML documents: keep one',
    ],
  ];
  for (const [title, text, message] of cases) it(title, () => rejects(text, message));

  for (const duration of ['1', '1 s', '-1s', '1.s', '.5s', '1d', 's', '1e3ms', '1m30s', '']) {
    it(`for the duration ${JSON.stringify(duration)}`, () => {
      const wanted = 'a number and ms, s, m or h, e.g. 15s';
      rejects(dump({ steering: { settle: duration } }), `${invalid} steering.settle must be ${wanted}`);
    });
  }
});

describe('the environment', () => {
  const invalid = 'the environment is not a valid configuration:';

  it('sets every scalar over the file', () => {
    const environment: Record<string, string> = {};
    for (const [key, value] of Object.entries(OTHER)) {
      if (typeof value !== 'object') environment[variable(key)] = String(value);
      else if (isObject(value)) {
        for (const [name, part] of Object.entries(value)) {
          if (typeof part !== 'object') environment[variable(key, name)] = String(part);
        }
      }
    }
    assert.equal(environment.PACKDOWN_STEERING_TAKE_BACK, '1.5h');
    assert.equal(environment.PACKDOWN_RULES_PD_BOTH_OR_NONE, 'off');
    const { nodeWeights, warmNodes, exemptNamespaces, binpack } = defaultConfig;
    const resources = binpack.resources;
    assert.deepEqual(readConfig({ file: null, environment }), {
      ...OTHER,
      nodeWeights,
      warmNodes,
      exemptNamespaces,
      binpack: { ...OTHER.binpack, resources },
    });
    assert.deepEqual(read('mode: steer\nsteering: {budget: 3s, settle: 1s}', environment).steering, OTHER.steering);
  });

  it('counts where it is empty as not set', () => {
    assert.equal(read('mode: observe', { PACKDOWN_MODE: '' }).mode, 'observe');
  });

  it('leaves the rest of a section to the file', () => {
    const { steering } = read('steering: {settle: 20ms}', { PACKDOWN_STEERING_BUDGET: '2s' });
    assert.deepEqual(steering, { budget: '2s', settle: '20ms', takeBack: '5m' });
  });

  it('is refused for a wrong value, by its variable', () => {
    const refused = (environment: Readonly<Record<string, string>>, wanted: string) =>
      rejects('', `${invalid} ${Object.keys(environment)[0]} must be ${wanted}`, environment);
    refused({ PACKDOWN_MODE: 'on' }, 'one of off, observe, steer');
    refused({ PACKDOWN_BACKGROUND: '1' }, 'true or false');
    refused({ PACKDOWN_LIMITS_MAX_REPLICAS: 'many' }, 'integer');
    refused({ PACKDOWN_RULES_PD_RATIO: 'x' }, 'one of enforce, warn, off');
  });

  it('is refused for what cannot be read, by its variable', () => {
    assert.throws(() => read('', { PACKDOWN_MODE: '[' }), {
      code: 'InvalidConfig',
      message: /^PACKDOWN_MODE is no YAML/,
    });
  });

  for (const name of ['PACKDOWN_RULES_PD_RATOI', 'PACKDOWN_STEERING_TAKEBACK', 'PACKDOWN_BINPACK_RESOURCES']) {
    it(`is refused for ${name}, which sets no key of its section, unless that is empty`, () => {
      rejects('', `${name} sets no key of the configuration`, { [name]: 'off' });
      assert.deepEqual(read('', { [name]: '' }), defaultConfig);
    });
  }

  it('may hold what is none of ours', () => {
    assert.deepEqual(read('', { PACKDOWN_VERSION: '1', MODE: 'off' }), defaultConfig);
  });

  for (const service of ['PACKDOWN', 'PACKDOWN_RULES', 'PACKDOWN_RULES_EXPORTER', 'PACKDOWN_SCHEDULER']) {
    it(`may hold what Kubernetes sets for a Service whose variables begin with ${service}`, () => {
      const port = `${service}_PORT_8443_TCP`;
      const environment = {
        [`${service}_SERVICE_HOST`]: '10.0.0.1',
        [`${service}_SERVICE_PORT`]: '8443',
        [`${service}_SERVICE_PORT_WEB_HOOK`]: '8443',
        [`${service}_PORT`]: 'tcp://10.0.0.1:8443',
        [port]: 'tcp://10.0.0.1:8443',
        [`${port}_PROTO`]: 'tcp',
        [`${port}_PORT`]: '8443',
        [`${port}_ADDR`]: '10.0.0.1',
      };
      assert.deepEqual(read('', environment), defaultConfig);
    });
  }
});

describe('binpack weights', () => {
  it('are those of the configuration', () => {
    const { weight, resources } = binpackWeights(read(dump({ binpack: OTHER.binpack })));
    assert.equal(weight, 10);
    assert.deepEqual(Object.fromEntries(resources), { cpu: 0, memory: 2, 'example.com/gpu': 3 });
  });

  it('are read from the arguments of Volcano’s plugin, whose defaults then count', () => {
    const text = dump({
      binpack: { 'binpack.weight': 10, 'binpack.cpu': 5, 'binpack.resources': 'a/b', 'binpack.resources.a/b': 2 },
    });
    assert.deepEqual(read(text).binpack, { weight: 10, cpu: 5, memory: 1, resources: { 'a/b': 2 } });
  });

  for (const [title, binpack, message] of [
    [
      'a mixture of ours and Volcano’s',
      { cpu: 2, 'binpack.memory': 3 },
      "binpack holds keys of its own and Volcano's arguments: keep one kind",
    ],
    ['a weight that spreads', { 'binpack.weight': -1 }, 'binpack.weight is -1: packing needs a weight over 0'],
    [
      'an argument that Volcano does not have',
      { 'binpack.gpu': 3 },
      'packdown.yaml is not a valid configuration: binpack.binpack.gpu is not a known key',
    ],
  ] as const) {
    it(`are refused for ${title}`, () => rejects(dump({ binpack }), message));
  }
});

function variable(...path: readonly string[]): string {
  return `PACKDOWN_${path.join('_').replaceAll('-', '_').replace(/[A-Z]/g, '_$&').toUpperCase()}`;
}
