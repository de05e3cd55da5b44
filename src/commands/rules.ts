import type { RuleMode } from '../domain/ordering/rule.ts';
import { rules as orderingRules } from '../domain/ordering/rules.ts';
import type { Command } from './command.ts';
import { CONFIG_FLAG, readConfigFlag } from './config-flag.ts';
import { readArguments, readChoice } from './usage.ts';

const OUTPUTS = ['text', 'json', 'markdown'] as const;
const FLAGS = {
  ...CONFIG_FLAG,
  output: { type: 'string', short: 'o', value: OUTPUTS.join('|'), help: 'how to print them (default text)' },
} as const;

/** One entry of `rules -o json`. */
interface ListedRule {
  readonly name: string;
  /** As configured; a workload may have its own. */
  readonly mode: RuleMode;
  readonly refuses: string;
  readonly why: string;
}

export const rules: Command = {
  name: 'rules',
  summary: 'every ordering rule: its mode, what it refuses, and why',
  synopsis: '[flags]',
  examples: ['packdown rules', 'packdown rules --config config.yaml -o markdown'],
  flags: FLAGS,

  async run(argv, io) {
    const args = readArguments(argv, FLAGS, io.environment);
    const output = readChoice('output', args.text('output') ?? 'text', OUTPUTS);
    const config = await readConfigFlag(args, io.environment);
    const listed = orderingRules.map(({ name, mode, refuses, why }): ListedRule => {
      return { name, mode: config.rules[name] ?? mode, refuses, why };
    });
    io.stdout(print(listed, output));
    return 0;
  },
};

function print(listed: readonly ListedRule[], output: (typeof OUTPUTS)[number]): string {
  switch (output) {
    case 'json':
      return JSON.stringify(listed);
    case 'markdown':
      return ['| rule | mode | refuses | why |', '|---|---|---|---|', ...listed.map(tableRow)].join('\n');
    case 'text':
      return listed.map(paragraph).join('\n');
  }
}

function tableRow({ name, mode, refuses, why }: ListedRule): string {
  return `| ${name} | ${mode} | ${refuses} | ${why} |`;
}

function paragraph({ name, mode, refuses, why }: ListedRule): string {
  return `${name} (${mode})\n  refuses: ${refuses}\n  why: ${why}`;
}
