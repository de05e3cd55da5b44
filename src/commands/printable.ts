/**
 * A line for a terminal, in which control characters are written out: annotations and names of roles are whatever
 * somebody has put there, and escape sequences would move the cursor, rename the window or pass for lines of ours.
 */
export function printable(line: string): string {
  return line.replace(/\p{Cc}/gu, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
