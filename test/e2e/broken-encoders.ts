import { cp, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startLastResort } from './control-plane/last-resort.ts';
import { runToEnd } from './control-plane/processes.ts';

// Shows that steering.e2e.ts can fail: it must, with packdown's encoder for Kthena replaced by one that is known to be
// wrong. Run it with: node test/e2e/broken-encoders.ts

interface Change {
  from: string;
  to: string;
}

interface BrokenEncoder {
  name: string;
  /** Made to a copy of src/domain/victims/kthena-sums.ts. */
  changes: Change[];
}

const lowering = 'const lowered = lower(victim, { above, below });';

/** `costs` is the code of a victim's costs. */
const loweredBy = (costs: string): Change[] => [
  {
    from: 'const PROTECTED = 2;',
    to: `import { sumOf } from './candidate-sum.ts';
import { unitOf, writtenCosts } from './pool.ts';
const PROTECTED = 2;`,
  },
  {
    from: lowering,
    to: `const [entry, ...others] = [...victim.entryPods, ...victim.pods.filter((pod) => !victim.entryPods.includes(pod))];
    const lowered = { ok: true, costs: ${costs} };`,
  },
];

const encoders: BrokenEncoder[] = [
  {
    name: 'one that writes -1 to victims and leaves survivors as they are',
    changes: [
      { from: 'if (sum <= floor) {', to: 'if (false) {' },
      ...loweredBy('[entry, ...others].map((pod) => ({ pod, cost: pod === entry ? -1 : 0, victim: unitOf(victim) }))'),
    ],
  },
  {
    name: "one that writes to a victim's entry pod alone, so that the sum may exceed a survivor's once that pod is gone",
    changes: loweredBy('[{ pod: entry, cost: below - 1 - sumOf(others, writtenCosts), victim: unitOf(victim) }]'),
  },
];

const root = fileURLToPath(new URL('../..', import.meta.url));
const test = fileURLToPath(new URL('steering.e2e.ts', import.meta.url));
const verdict = /^(\d+) of (\d+) scale-downs went as planned[^▶]*/m;

/** Whether the test failed because pods went that were not planned; prints which. */
async function isCaught({ name, changes }: BrokenEncoder): Promise<boolean> {
  const lastResort = startLastResort();
  try {
    const copy = await mkdtemp(join(tmpdir(), 'packdown-broken-'));
    lastResort.folder(copy);
    await cp(join(root, 'src'), join(copy, 'src'), { recursive: true });
    await cp(join(root, 'package.json'), join(copy, 'package.json'));
    await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
    await breakEncoder(join(copy, 'src/domain/victims/kthena-sums.ts'), changes);

    console.log(`With an encoder for Kthena that is broken, ${name}:`);
    const { code, stdout, stderr } = await runToEnd(process.execPath, ['--test-name-pattern=100 scale-downs', test], {
      lastResort,
      cwd: root,
      env: { ...process.env, E2E_PACKDOWN: join(copy, 'src/main.ts') },
      timeout: 300_000,
    });
    const [report, asPlanned, all] = verdict.exec(stdout) ?? [];
    if (report === undefined) throw new Error(`the test did not come to a verdict:\n${stdout}\n${stderr}`);
    console.log(report);
    return code !== 0 && asPlanned !== all;
  } finally {
    await lastResort.end();
  }
}

async function breakEncoder(file: string, changes: Change[]): Promise<void> {
  let text = await readFile(file, 'utf8');
  for (const { from, to } of changes) {
    const parts = text.split(from);
    if (parts.length !== 2) {
      throw new Error(
        `kthena-sums.ts has ${parts.length - 1} times, not once: ${from}\nadapt test/e2e/broken-encoders.ts`,
      );
    }
    text = parts.join(to);
  }
  await writeFile(file, text);
}

for (const encoder of encoders) {
  if (await isCaught(encoder)) continue;
  console.error(`steering.e2e.ts does not fail with ${encoder.name}`);
  process.exitCode = 1;
}
