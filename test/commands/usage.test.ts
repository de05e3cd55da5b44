import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { load } from 'js-yaml';
import { commands } from '../../src/commands/commands.ts';
import { readArguments, readPort } from '../../src/commands/usage.ts';
import { defaultConfig } from '../../src/config/config.ts';
import { VERSION } from '../../src/version.ts';
import { EXAMPLE_FLEET, run, temporaryFile } from './run-in-process.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const COMMANDS = ['serve', 'plan', 'explain', 'check', 'rules', 'certs'];

describe('help', () => {
  for (const argv of [[], ['help'], ['--help'], ['-h']]) {
    it(`of packdown ${argv.join(' ')} lists every command on stdout`, async () => {
      const { code, stdout, stderr } = await run(argv);
      assert.deepEqual([code, stderr], [0, []]);
      for (const command of COMMANDS) assert.match(stdout.join('\n'), new RegExp(`^ {2}${command} `, 'm'));
    });
  }

  for (const command of COMMANDS) {
    it(`of ${command} lists its flags on stdout`, async () => {
      const { code, stdout, stderr } = await run([command, '--help']);
      assert.deepEqual([code, stderr], [0, []]);
      assert.ok(stdout[0]?.startsWith(`packdown ${command} `));
      assert.deepEqual((await run([command, '-h'])).stdout, stdout);
      assert.deepEqual((await run(['help', command])).stdout, stdout);
    });
  }

  for (const { name, flags, examples, synopsis } of commands) {
    it(`of ${name} says of every flag what it does, and has examples that use no others`, async () => {
      const text = (await run([name, '--help'])).stdout.join('\n');
      for (const [flag, { help }] of Object.entries(flags)) {
        const line = text.split('\n').find((candidate) => new RegExp(`^ {2}(-., | {4})--${flag} `).test(candidate));
        assert.ok(line?.endsWith(`  ${help}`), `--${flag}`);
      }
      assert.ok(examples.length > 0);
      for (const line of [synopsis, ...examples]) {
        assert.deepEqual(
          flagsIn(line).filter((flag) => !(flag in flags) && flag !== 'o'),
          [],
          line,
        );
      }
      for (const example of examples) assert.ok(example.startsWith(`packdown ${name}`), example);
    });
  }

  for (const example of commands.flatMap(({ examples }) => examples).filter(needsNothingElse)) {
    it(`has an example that works: ${example}`, async () => {
      const { code, stdout } = await run(example.split(' ').slice(1));
      // check ends with 1 where it says that a change would be denied.
      assert.equal(code, stdout[0]?.startsWith('denied') ? 1 : 0);
      assert.notDeepEqual(stdout, []);
    });
  }
});

function flagsIn(line: string): readonly string[] {
  return [...line.matchAll(/(?:^|[ ([])--?([a-z][a-z-]*)/g)].flatMap((match) => match[1] ?? []);
}

/** Whether an example ends by itself, and everything that it names is in this checkout. */
function needsNothingElse(example: string): boolean {
  return !/ serve | certs |config\.yaml|kubeconfig/.test(example);
}

it('version prints the version of the package', async () => {
  for (const argv of [['version'], ['--version']]) {
    assert.deepEqual(await run(argv), { code: 0, stdout: [VERSION], stderr: [] });
  }
});

it('a fleet that is named on the command line is taken for one that is named in the environment', async () => {
  const argv = ['plan', '--fleet', EXAMPLE_FLEET, '--scale', 'ModelServing/llm/chat=3'];
  for (const environment of [{ PACKDOWN_KUBECONFIG: '/nonexistent' }, { PACKDOWN_IN_CLUSTER: 'true' }])
    assert.equal((await run(argv, environment)).code, 0, JSON.stringify(environment));
  const { code, stderr } = await run(argv.toSpliced(1, 2), {
    PACKDOWN_FLEET: EXAMPLE_FLEET,
    PACKDOWN_KUBECONFIG: '/nonexistent',
  });
  assert.deepEqual([code, stderr[0]], [2, 'packdown: name one fleet: --fleet F.yaml, --kubeconfig F or --in-cluster']);
  // What Kubernetes sets in pods beside a Service of that name.
  assert.equal((await run(argv, { PACKDOWN_KUBECONFIG: 'udp://10.0.0.1:53' })).code, 0);
});

it('a flag of one letter takes its value as kubectl has it, with or without a sign between', async () => {
  const argv = ['plan', '--fleet', EXAMPLE_FLEET, '--scale', 'ModelServing/llm/chat=3'];
  const [wanted, ...others] = await Promise.all(
    [['-o', 'json'], ['-o=json'], ['-ojson']].map((output) => run([...argv, ...output])),
  );
  assert.equal(wanted?.code, 0);
  for (const other of others) assert.deepEqual(other, wanted);
});

it('a file that is named - is stdin', async () => {
  const argv = (fleet: string) => ['explain', '--fleet', fleet, 'llm/vector-db-0'];
  const input = await readFile(EXAMPLE_FLEET);
  const { stdout } = spawnSync(process.execPath, ['src/main.ts', ...argv('-')], { cwd: ROOT, input, encoding: 'utf8' });
  assert.deepEqual([stdout.trimEnd()], (await run(argv(EXAMPLE_FLEET))).stdout);
});

describe('wrong usage', () => {
  for (const argv of [['plot'], ['help', 'plot'], ['plot', '--help']]) {
    it(`of a command that there is not ends with 2: packdown ${argv.join(' ')}`, async () => {
      assert.deepEqual(await run(argv), {
        code: 2,
        stdout: [],
        stderr: ['packdown: packdown has no command plot; see packdown help'],
      });
    });
  }

  for (const [command, flag] of [
    ['serve', 'fleet'],
    ['serve', 'host'],
    ['plan', 'scale'],
    ['certs', 'out'],
  ] as const) {
    it(`of ${command}, an empty --${flag}, ends with 2 and says so`, async () => {
      const { code, stdout, stderr } = await run([command, `--${flag}`, '']);
      const sentence = `packdown: --${flag} is empty: give it a value or leave it out`;
      assert.deepEqual([code, stdout, stderr[0]], [2, [], sentence]);
    });
  }

  it('of plan, a fleet that is named twice, ends with 2: neither of them is left out without a word', async () => {
    const { code, stdout, stderr } = await run(['plan', '--fleet', EXAMPLE_FLEET, '--fleet', EXAMPLE_FLEET]);
    assert.deepEqual([code, stdout, stderr[0]], [2, [], 'packdown: --fleet is given twice: keep one']);
  });

  it('of serve, a switch in the environment that is neither on nor off, ends with 2', async () => {
    const { code, stdout, stderr } = await run(['serve', '--print-config'], { PACKDOWN_EXPOSE_FLEET: 'yes' });
    const sentence = 'packdown: PACKDOWN_EXPOSE_FLEET=yes is neither true nor false: set it to one of them';
    assert.deepEqual([code, stdout, stderr[0]], [2, [], sentence]);
  });

  for (const command of COMMANDS) {
    it(`of ${command}, an unknown flag, ends with 2 and its flags on stderr`, async () => {
      const { code, stdout, stderr } = await run([command, '--bogus']);
      assert.deepEqual([code, stdout], [2, []]);
      assert.match(stderr[0] ?? '', /^packdown: Unknown option '--bogus'/);
      assert.ok(stderr[1]?.startsWith(`packdown ${command} `));
    });
  }

  for (const [title, argv, sentence] of [
    ['a port that is none', ['--port', 'x'], '--port x is no port: give a number from 0 to 65535'],
    ['a port that is too high', ['--ops-port', '65536'], '--ops-port 65536 is no port: give a number from 0 to 65535'],
    [
      'a certificate without its key',
      ['--tls-cert', '/nonexistent'],
      '--tls-cert and --tls-key go together: give both, or neither for a self-signed certificate',
    ],
    ['a Secret without a namespace', ['--tls-secret', 'tls'], '--tls-secret tls is not NAMESPACE/NAME'],
    [
      'a Secret and a certificate',
      ['--tls-secret', 'a/b', '--tls-cert', 'c', '--tls-key', 'k'],
      '--tls-secret goes without --tls-cert and --tls-key: the Secret holds both',
    ],
    [
      'a Secret without a cluster',
      ['--tls-secret', 'a/b', '--fleet', '/nonexistent'],
      '--tls-secret needs a cluster: --in-cluster or --kubeconfig F',
    ],
    ['no fleet', [], 'name one fleet: --fleet F.yaml, --kubeconfig F or --in-cluster'],
    ['no fleet to clean up', ['--cleanup'], 'name one fleet: --fleet F.yaml, --kubeconfig F or --in-cluster'],
    [
      'a duration that is none',
      ['--leader-elect-retry-period', '2'],
      '--leader-elect-retry-period 2 is no duration: give a number and ms, s, m or h, e.g. 15s',
    ],
    [
      'watches that are opened over and over',
      ['--fleet', '/nonexistent', '--watch-silence', '1ms'],
      '--watch-silence 1ms is too short: give 1s or more',
    ],
    [
      'a lease of half a second',
      ['--leader-elect-lease-duration', '500ms'],
      '--leader-elect-lease-duration is in whole seconds',
    ],
    [
      'a leader that may lead on when others begin',
      ['--leader-elect-lease-duration', '10s'],
      '--leader-elect-lease-duration must be longer than --leader-elect-renew-deadline',
    ],
    [
      'a leader that has one try to renew',
      ['--leader-elect-retry-period', '6s'],
      '--leader-elect-retry-period must be over 0 and at most half of --leader-elect-renew-deadline',
    ],
    [
      'a leader that never rests',
      ['--leader-elect-retry-period', '0s'],
      '--leader-elect-retry-period must be over 0 and at most half of --leader-elect-renew-deadline',
    ],
  ] as const) {
    it(`of serve, ${title}, ends with 2 before anything is served`, async () => {
      const { code, stdout, stderr } = await run(['serve', ...argv]);
      assert.deepEqual([code, stdout, stderr[0]], [2, [], `packdown: ${sentence}`]);
    });
  }

  it('of serve, a Secret and a cluster, goes on though the environment names a file', async () => {
    const flags = ['--tls-secret', 'a/b', '--kubeconfig', '/nonexistent'];
    const { stderr } = await run(['serve', ...flags], { PACKDOWN_FLEET: 'fleet.yaml' });
    assert.match(stderr[0] ?? '', /^packdown: cannot use the kubeconfig: /);
  });

  it('of serve, a log level that is none, ends with 2', async () => {
    const { code, stderr } = await run(['serve'], { PACKDOWN_LOG_LEVEL: 'loud' });
    assert.equal(code, 2);
    assert.match(stderr[0] ?? '', /^packdown: --log-level loud is none of trace, debug, info, /);
  });
});

describe('serve --print-config', () => {
  it('prints the configuration in effect as YAML', async (t) => {
    const config = await temporaryFile(t, 'config.yaml', 'mode: observe');
    const { code, stdout, stderr } = await run(['serve', '--print-config', '--config', config], {
      PACKDOWN_POLICY: 'ordinal',
    });
    assert.deepEqual([code, stderr], [0, []]);
    assert.deepEqual(load(stdout.join('\n')), { ...defaultConfig, mode: 'observe', policy: 'ordinal' });
  });
});

describe('arguments', () => {
  const flags = {
    'ops-port': { type: 'string' },
    scale: { type: 'string', multiple: true },
    expose: { type: 'boolean' },
  } as const;

  it('come from the command line over the environment', () => {
    const environment = { PACKDOWN_OPS_PORT: '1', PACKDOWN_SCALE: 'a', PACKDOWN_EXPOSE: 'true' };
    const given = readArguments(['--ops-port', '2', '--scale', 'b', '--scale', 'c'], flags, environment);
    assert.deepEqual([given.text('ops-port'), given.texts('scale'), given.isSet('expose')], ['2', ['b', 'c'], true]);
    const inherited = readArguments([], flags, environment);
    assert.deepEqual([inherited.text('ops-port'), inherited.texts('scale')], ['1', ['a']]);
    const none = readArguments([], flags, {});
    assert.deepEqual([none.text('ops-port'), none.texts('scale'), none.isSet('expose')], [undefined, [], false]);
  });

  it('are not there where the environment holds nothing', () => {
    const environment = { PACKDOWN_OPS_PORT: '', PACKDOWN_SCALE: '', PACKDOWN_EXPOSE: '' };
    const { text, texts, isSet } = readArguments([], flags, environment);
    assert.deepEqual([text('ops-port'), texts('scale'), isSet('expose')], [undefined, [], false]);
  });

  it('are set by true and 1, and not by false and 0', () => {
    const exposed = ['true', '1', 'false', '0'].map((text) => readArguments([], flags, { PACKDOWN_EXPOSE: text }));
    assert.deepEqual(
      exposed.map(({ isSet }) => isSet('expose')),
      [true, true, false, false],
    );
  });

  it('are not what Kubernetes puts into pods beside a Service named packdown', () => {
    const { text } = readArguments([], { port: { type: 'string' } }, { PACKDOWN_PORT: 'tcp://10.0.0.1:443' });
    assert.equal(text('port'), undefined);
  });

  it('hold positionals only where a command takes them', () => {
    assert.deepEqual(readArguments(['a', 'b'], flags, {}, { allowPositionals: true }).positionals, ['a', 'b']);
    assert.throws(() => readArguments(['a'], flags, {}), { code: 'WrongUsage' });
  });

  it('take 0 and 65535 for ports, and no other spelling of a number', () => {
    assert.deepEqual([readPort('port', '0'), readPort('port', '65535')], [0, 65_535]);
    for (const text of ['', '-1', '8e3', ' 80', '80.0', '0x50']) {
      assert.throws(() => readPort('port', text), { code: 'WrongUsage' });
    }
  });
});
