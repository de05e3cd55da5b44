import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExampleServer, ROOT } from './example-server.ts';
import { type Fence, fencesOf, printoutsOf } from './markdown.ts';

/** Says in a block's first line, ```sh not-run, that no test can run its commands. */
export const NOT_RUN = 'not-run';
/** The same to people, in the line before the block. */
const NOT_RUN_SENTENCE = /\bnot run by the tests\b/i;

export interface ReaderOptions {
  /** Whether commands without outputs, those of ```sh, are left to another test. */
  readonly outputsOnly?: boolean;
}

/** What a document would be if its reader had written it down, and the pictures that its commands draw, by path. */
export interface ReadThrough {
  readonly text: string;
  readonly pictures: ReadonlyMap<string, string>;
}

interface Printed {
  readonly code: number;
  readonly text: string;
}

/**
 * Someone who reads a document from the top and tries every command, in the root of a checkout, with `npm start`
 * running: those of ```console after `$ `, whose outputs follow; those of ```sh, a line each, which only have to work;
 * and those that print a part of the document. Blocks that are said not to be run by the tests are left out.
 */
export class Reader {
  #server: ExampleServer | null = null;
  readonly #pictures = new Map<string, string>();
  readonly #runs: readonly string[];

  constructor({ outputsOnly = false }: ReaderOptions = {}) {
    this.#runs = outputsOnly ? ['console'] : ['sh', 'console'];
  }

  async read(text: string): Promise<ReadThrough> {
    try {
      return { text: await this.#readThrough(text), pictures: this.#pictures };
    } finally {
      await this.#server?.close();
      this.#server = null;
    }
  }

  async #readThrough(text: string): Promise<string> {
    const parts = [...fencesOf(text), ...printoutsOf(text)].sort((a, b) => a.start - b.start);
    let now = '';
    let done = 0;
    for (const part of parts) {
      const content = await ('command' in part ? this.#print(part.command) : this.#try(part));
      now += text.slice(done, part.start) + content;
      done = part.start + part.content.length;
    }
    return now + text.slice(done);
  }

  async #print(command: string): Promise<string> {
    return `${(await this.#run(command)).text.trimEnd()}\n`;
  }

  async #try({ info, content, before }: Fence): Promise<string> {
    if (!this.#runs.includes(info) || NOT_RUN_SENTENCE.test(before)) return content;
    const lines: string[] = [];
    for (const command of commandsOf({ info, content })) {
      const { code, text } = await this.#run(command);
      if (info === 'sh') assert.equal(code, 0, `${command}\n${text}`);
      lines.push(`$ ${command}`, text.trimEnd());
    }
    return info === 'console' ? `${lines.join('\n')}\n` : content;
  }

  async #run(command: string): Promise<Printed> {
    const packdown = /^(?:npm run -s packdown -- |(?:npx )?packdown )(.*)$/.exec(command)?.[1];
    if (packdown !== undefined) return this.#packdown(packdown.split(' '));
    const url = /https?:\/\/[^ ']+/.exec(command)?.[0];
    const data = /-d (\S+)/.exec(command)?.[1] ?? null;
    const body = data?.startsWith('@') ? readFileSync(join(ROOT, data.slice(1)), 'utf8') : data;
    const method = /-X (\S+)/.exec(command)?.[1] ?? (body === null ? 'GET' : 'POST');
    assert.ok(
      command.startsWith('curl -s') && url !== undefined,
      `no test can run this: ${command}; if it needs a cluster, begin its block with \`\`\`sh ${NOT_RUN}`,
    );
    this.#server ??= await ExampleServer.start();
    return { code: 0, text: await this.#server.ask(url, method, body) };
  }

  #packdown(args: readonly string[]): Printed {
    const folder = mkdtempSync(join(tmpdir(), 'packdown-picture-'));
    try {
      const picture = args[args.indexOf('--svg') + 1];
      const drawn = join(folder, 'drawn.svg');
      const given = args.map((arg, index) => (args[index - 1] === '--svg' ? drawn : arg));
      const { status, stdout } = spawnSync(process.execPath, ['src/main.ts', ...given], {
        cwd: ROOT,
        encoding: 'utf8',
      });
      if (args.includes('--svg') && picture !== undefined) this.#pictures.set(picture, readFileSync(drawn, 'utf8'));
      return { code: status ?? 1, text: stdout };
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
}

/** The command lines of a block, whether they can be run here or not. */
export function commandsOf({ info, content }: Pick<Fence, 'info' | 'content'>): readonly string[] {
  const lines = content.replaceAll('\\\n', ' ').split('\n');
  if (info.startsWith('console')) return lines.filter((line) => line.startsWith('$ ')).map((line) => line.slice(2));
  return lines.filter((line) => line.trim() !== '' && !line.startsWith('#'));
}
