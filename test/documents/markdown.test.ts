import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anchorsOf, fencesOf, linksOf, printoutsOf } from './markdown.ts';

test('a fenced block has its info, its lines and its place, also within a list and with longer fences', () => {
  const text = 'a\n\n```sh not-run\nls\n```\n- b\n  ````text\n  ```\n  ````\n';
  const fences = fencesOf(text);
  assert.deepEqual(
    fences.map(({ info, content, before }) => [before, info, content]),
    [
      ['a', 'sh not-run', 'ls\n'],
      ['- b', 'text', '  ```\n'],
    ],
  );
  for (const { start, content } of fences) assert.equal(text.slice(start, start + content.length), content);
});

test('what a command prints into a document stands between two comments', () => {
  const text = 'a\n<!-- $ packdown rules -->\n| b |\n<!-- end -->\n';
  const [printout] = printoutsOf(text);
  assert.deepEqual(printout, { command: 'packdown rules', content: '| b |\n', start: text.indexOf('| b |') });
});

test('links are found inline, in pictures, by reference, bare and in HTML, but not in code', () => {
  const text = [
    '[a](a.md) and ![b](<b.svg> "B"), [![c](c.svg)](d.md#e_(f)), `[g](g.md)`, <https://h.example>, <img src="i.svg">',
    '[j]: j.md',
    '```text\n[k](k.md)\n```',
  ].join('\n\n');
  assert.deepEqual([...linksOf(text)].sort(), [
    'a.md',
    'b.svg',
    'c.svg',
    'd.md#e_(f)',
    'https://h.example',
    'i.svg',
    'j.md',
  ]);
});

test('anchors are those that GitHub gives headings', () => {
  const text = [
    '# A scale-down, step by step',
    '## `plan` & [links](a.md): what’s new?',
    '## Cost',
    '### Cost',
    '```sh\n# no heading\n```',
    '<a id="own"></a>',
  ].join('\n\n');
  assert.deepEqual(
    [...anchorsOf(text)],
    ['a-scale-down-step-by-step', 'plan--links-whats-new', 'cost', 'cost-1', 'own'],
  );
});
