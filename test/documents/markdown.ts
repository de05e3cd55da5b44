/** A fenced block, and where in the text it stands. */
export interface Fence {
  /** What follows the opening backticks, e.g. `sh not-run`. */
  readonly info: string;
  /** The lines between the backticks, each with its newline. */
  readonly content: string;
  /** Of the content, in the text. */
  readonly start: number;
  /** The last line of text before it. */
  readonly before: string;
}

/** The fenced blocks of a document. */
export function fencesOf(text: string): readonly Fence[] {
  return [...text.matchAll(/^( *)(```+)([^\n`]*)\n([\s\S]*?)^\1\2 *$/gm)].map((match) => {
    const [, indent = '', ticks = '', info = '', content = ''] = match;
    const start = match.index + indent.length + ticks.length + info.length + 1;
    return { info: info.trim(), content, start, before: text.slice(0, match.index).trimEnd().split('\n').at(-1) ?? '' };
  });
}

/** A part of a document that a command prints, between `<!-- $ command -->` and `<!-- end -->`. */
export interface Printout extends Pick<Fence, 'content' | 'start'> {
  readonly command: string;
}

/** The parts of a document that commands print. */
export function printoutsOf(text: string): readonly Printout[] {
  return [...text.matchAll(/^<!-- \$ (.*) -->\n([\s\S]*?)^<!-- end -->$/gm)].map((match) => {
    const [, command = '', content = ''] = match;
    return { command, content, start: match.index + `<!-- $ ${command} -->\n`.length };
  });
}

/**
 * The rows of the one table whose head begins with `first`, cell by cell. Throws where there is no such table, or
 * several.
 */
export function tableOf(text: string, first: string): readonly (readonly string[])[] {
  const tables = text.match(/^\|.*\n\|[-| :]+\|\n(\|.*\n)*/gm) ?? [];
  const [table, ...others] = tables
    .map((lines) => lines.trimEnd().split('\n').map(cellsOf))
    .filter(([head]) => head?.[0] === first);
  if (table === undefined || others.length > 0) throw new Error(`there is not one table of ${first}`);
  return table.slice(2);
}

function cellsOf(line: string): readonly string[] {
  return line
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim());
}

/** Where a document's links and pictures lead, as they are written. */
export function linksOf(text: string): readonly string[] {
  const prose = withoutCode(text);
  const inline = [...prose.matchAll(/\]\(\s*<?([^\s<>()]*(?:\([^\s()]*\)[^\s<>()]*)*)>?(?:\s+"[^"]*")?\s*\)/g)];
  const references = [...prose.matchAll(/^ {0,3}\[[^\]]+\]:\s*<?([^\s<>]+)>?/gm)];
  const bare = [...prose.matchAll(/<([a-z][a-z+.-]*:[^\s<>]+)>/g)];
  const html = [...prose.matchAll(/<[a-z][^>]*\s(?:href|src)="([^"]*)"/g)];
  return [...inline, ...references, ...bare, ...html].flatMap((match) => match[1] ?? []);
}

/** The anchors of a document's headings as GitHub names them: a second one of the same name ends in -1, and so on. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of withoutFences(text).matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
    const shown = heading.replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[`*]/g, '');
    const slug = shown
      .toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '')
      .replaceAll(' ', '-');
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count += 1) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  for (const [, id = ''] of text.matchAll(/<a (?:id|name)="([^"]+)"/g)) anchors.add(id);
  return anchors;
}

function withoutFences(text: string): string {
  return text.replace(/^( *)(```+)[^\n`]*\n[\s\S]*?^\1\2 *$/gm, '');
}

function withoutCode(text: string): string {
  return withoutFences(text).replace(/(`+)[^`][\s\S]*?\1/g, '');
}
