import { RULE_MODES, type RuleMode } from './rule.ts';
import { ruleNamed } from './rules.ts';

export interface RuleModes {
  /** By the rule's name; of one named twice, the last entry counts. */
  readonly modes: ReadonlyMap<string, RuleMode>;
  /** Entries that name no rule or no mode, as they were written. */
  readonly unknown: readonly string[];
}

/** Reads the annotation `packdown.io/ordering: "gang-floor=warn,pd-ratio=off"`; `false` is how YAML may write off. */
export function parseRuleModes(text: string): RuleModes {
  const modes = new Map<string, RuleMode>();
  const unknown: string[] = [];
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === '') continue;
    const [name = '', written = '', ...rest] = entry.split('=').map((part) => part.trim());
    const mode = written === 'false' ? 'off' : RULE_MODES.find((candidate) => candidate === written);
    if (ruleNamed(name) === undefined || mode === undefined || rest.length > 0) unknown.push(entry);
    else modes.set(name, mode);
  }
  return { modes, unknown };
}
