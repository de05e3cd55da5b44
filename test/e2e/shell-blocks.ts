/** One block of shell commands in a document. */
export interface ShellBlock {
  /** The headings above it, from the second level on. */
  section: readonly string[];
  /** What bash is given. */
  script: string;
  /** False where it is marked `not-run`. */
  isRunnable: boolean;
}

/** The blocks of ```sh, and ```sh not-run, in a Markdown text, in their order. */
export function shellBlocks(markdown: string): ShellBlock[] {
  const blocks: ShellBlock[] = [];
  let section: string[] = [];
  let open: { lines: string[]; isRunnable: boolean } | null = null;
  for (const line of markdown.split('\n')) {
    const heading = /^(##+) (.*)$/.exec(line);
    const fence = /^```sh( not-run)?$/.exec(line);
    if (open !== null) {
      if (line !== '```') open.lines.push(line);
      else {
        blocks.push({ section, script: open.lines.join('\n'), isRunnable: open.isRunnable });
        open = null;
      }
    } else if (fence !== null) open = { lines: [], isRunnable: fence[1] === undefined };
    else if (heading?.[1] !== undefined && heading[2] !== undefined) {
      section = [...section.slice(0, heading[1].length - 2), heading[2]];
    }
  }
  return blocks;
}
