import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { commands } from '../src/commands/commands.ts';
import { ROOT } from './documents/example-server.ts';
import { anchorsOf, fencesOf, linksOf } from './documents/markdown.ts';
import { commandsOf, NOT_RUN, Reader } from './documents/reader.ts';

const PAGES = globSync('docs/**/*.md', { cwd: ROOT }).sort();
const DOCUMENTS = globSync('{*,{bench,certs,docs,manifests,test}/**/*}.md', { cwd: ROOT }).sort();
/** With UPDATE_DOCS=1 outputs and pictures are made anew instead of compared. */
const UPDATE = process.env.UPDATE_DOCS === '1';
const END_TO_END = globSync('test/e2e/*.e2e.ts', { cwd: ROOT }).map(read);
const { scripts: SCRIPTS, files: FILES }: { scripts: object; files: readonly string[] } = JSON.parse(
  read('package.json'),
);
/** What npm packs: the last three whatever package.json says. */
const PACKED = [...FILES, 'package.json', 'README.md', 'LICENSE'];

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** Whether an end-to-end test runs the commands of a page. */
function isRunEndToEnd(page: string): boolean {
  return END_TO_END.some((text) => text.includes(page));
}

for (const page of PAGES) {
  test(`every command of ${page} prints what it says`, async () => {
    const outputsOnly = isRunEndToEnd(page);
    const { text, pictures } = await new Reader({ outputsOnly }).read(read(page));
    for (const [path, content] of [[page, text] as const, ...pictures]) {
      if (UPDATE) writeFileSync(join(ROOT, path), content);
      else assert.equal(read(path), content, `${path}: UPDATE_DOCS=1 node --test test/docs.test.ts makes it anew`);
    }
  });
}

for (const document of DOCUMENTS) {
  test(`every link in ${document} leads somewhere`, () => {
    const broken = linksOf(read(document)).flatMap((link) => problemOf(link, document) ?? []);
    assert.deepEqual(broken, []);
  });

  test(`every command in ${document} is run by a test, or says that it cannot be and names what there is`, () => {
    for (const { info, content } of fencesOf(read(document))) {
      const [language = ''] = info.split(' ');
      if (!/^(sh|bash|shell|zsh|console|shell-session|terminal)$/.test(language)) continue;
      const known = ['sh', 'console', `sh ${NOT_RUN}`, `console ${NOT_RUN}`];
      assert.ok(known.includes(info), `a block begins with \`\`\`${info}; known are ${known.join(', ')}`);
      for (const command of commandsOf({ info, content })) assert.deepEqual(unknownIn(command), [], command);
    }
  });
}

test('docs/README.md leads to every page', () => {
  const linked = linksOf(read('docs/README.md')).map((link) => join('docs', link.split('#')[0] ?? ''));
  assert.deepEqual(
    PAGES.filter((page) => page !== 'docs/README.md' && !linked.includes(page)),
    [],
  );
});

/** What is wrong with a link; null if nothing is. Only what is in this checkout is looked up. */
function problemOf(link: string, document: string): string | null {
  if (/^[a-z][a-z+.-]*:/.test(link)) return link.startsWith('https://') ? null : `${link} is not https`;
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? document : join(dirname(document), decodeURIComponent(path));
  if (relative('.', target).startsWith('..')) return `${link} leads out of the checkout`;
  if (!existsSync(join(ROOT, target))) return `${link} is not there`;
  if (isPacked(document) && !isPacked(target)) return `${link} is not in the npm package, and this document is`;
  if (anchor === undefined) return null;
  const page = statSync(join(ROOT, target)).isDirectory() ? join(target, 'README.md') : target;
  return anchorsOf(read(page)).has(anchor) ? null : `${link}: ${page} has no such heading`;
}

function isPacked(path: string): boolean {
  return PACKED.some((packed) => path === packed || path.startsWith(`${packed}/`));
}

/** What a command names that is not in this checkout: scripts, packdown's commands and flags, paths. */
function unknownIn(command: string): readonly string[] {
  const scripts = [...command.matchAll(/\bnpm (?:run (?:-s )?|(?=start\b|test\b))([\w:-]+)/g)];
  const paths = [...command.matchAll(/(?<![\w./-])((?:bench|certs|docs|manifests|src|test)\/[\w./-]+)/g)];
  return [
    ...scripts.flatMap(([, name = '']) => (name in SCRIPTS ? [] : [`npm run ${name}`])),
    ...paths.flatMap(([, path = '']) => (existsSync(join(ROOT, path)) ? [] : [path])),
    ...[...command.matchAll(/ -k (\S+)/g)].flatMap(([, folder = '']) =>
      !folder.startsWith('manifests/') || existsSync(join(ROOT, folder, 'kustomization.yaml'))
        ? []
        : [basename(folder)],
    ),
    ...unknownFlags(command),
  ];
}

function unknownFlags(command: string): readonly string[] {
  const call = /(?:^|[;&|] ?|npx |kubectl |npm run -s )packdown (?:-- )?([a-z-]+)([^|&;]*)/;
  const [, name, rest = ''] = call.exec(command) ?? [];
  if (name === undefined || name === 'help' || name === 'version') return [];
  const known = commands.find((candidate) => candidate.name === name);
  if (known === undefined) return [`packdown ${name}`];
  return [...rest.matchAll(/ --([a-z-]+)/g)].flatMap(([, flag = '']) =>
    flag in known.flags || flag === 'help' ? [] : [`packdown ${name} --${flag}`],
  );
}
