const [QUOTE, BACKSLASH, COMMA, COLON] = Buffer.from('"\\,:');
const [OBJECT, OBJECT_END, LIST, LIST_END] = Buffer.from('{}[]');

/** What is read of a node as it is. */
const READ = new Set(['Name', 'Used', 'Allocatable', 'Tasks']);

/**
 * A prioritize request of Volcano's extender plugin without what nobody reads of its nodes; of their tasks the keys
 * stay, each with 0. Null for a body that is not as Go writes it, without spaces. A node comes with itself and all of
 * its pods, tens of thousands of bytes, for every pod that is placed: to read them as JSON takes several times as long.
 */
export function cutSession(body: Buffer): string | null {
  const cursor = new Cursor(body);
  try {
    const pieces: string[] = [];
    let from = 0;
    for (const { key } of members(cursor)) {
      if (key !== '"nodes"' || !cursor.takes(LIST)) {
        cursor.skip();
        continue;
      }
      pieces.push(cursor.text(from));
      pieces.push(items(cursor, () => cutNode(cursor)).join(','));
      from = cursor.at - 1;
    }
    if (cursor.at !== body.length) return null;
    return `${pieces.join('')}${cursor.text(from)}`;
  } catch (error) {
    if (error instanceof Unforeseen) return null;
    throw error;
  }
}

function cutNode(cursor: Cursor): string {
  const kept: string[] = [];
  for (const { key, begin } of members(cursor)) {
    if (key === '"Tasks"' && cursor.isAt(OBJECT)) kept.push(`"Tasks":{${cutTasks(cursor).join(',')}}`);
    else {
      cursor.skip();
      if (READ.has(key.slice(1, -1))) kept.push(cursor.text(begin));
    }
  }
  return `{${kept.join(',')}}`;
}

function cutTasks(cursor: Cursor): readonly string[] {
  const tasks: string[] = [];
  for (const { key } of members(cursor)) {
    cursor.skip();
    tasks.push(`${key}:0`);
  }
  return tasks;
}

/** The items of a list that has begun, up to its end. */
function items<T>(cursor: Cursor, read: () => T): readonly T[] {
  if (cursor.takes(LIST_END)) return [];
  const found = [read()];
  while (cursor.takes(COMMA)) found.push(read());
  cursor.needs(LIST_END);
  return found;
}

/** The members of an object: their keys in quotation marks, and where they begin. Who is given one reads its value. */
function* members(cursor: Cursor): Generator<{ readonly key: string; readonly begin: number }> {
  cursor.needs(OBJECT);
  if (cursor.takes(OBJECT_END)) return;
  do {
    const begin = cursor.at;
    cursor.skipText();
    const key = cursor.text(begin);
    cursor.needs(COLON);
    yield { key, begin };
  } while (cursor.takes(COMMA));
  cursor.needs(OBJECT_END);
}

class Unforeseen extends Error {}

/** Goes over JSON without reading it: of what it skips only the ends are looked for. */
class Cursor {
  at = 0;
  readonly #body: Buffer;

  constructor(body: Buffer) {
    this.#body = body;
  }

  isAt(byte: number | undefined): boolean {
    return this.#body[this.at] === byte;
  }

  takes(byte: number | undefined): boolean {
    const isThere = this.isAt(byte);
    if (isThere) this.at += 1;
    return isThere;
  }

  needs(byte: number | undefined): void {
    if (!this.takes(byte)) throw new Unforeseen();
  }

  /** What has been gone over since `from`. */
  text(from: number): string {
    return this.#body.toString('utf8', from, this.at);
  }

  skipText(): void {
    this.needs(QUOTE);
    this.at = this.#pastText(this.at);
  }

  /** Goes past a value of any kind. */
  skip(): void {
    if (this.isAt(QUOTE)) this.skipText();
    else if (this.isAt(OBJECT) || this.isAt(LIST)) this.#skipNested();
    else this.#skipBare();
  }

  #skipNested(): void {
    const body = this.#body;
    let depth = 0;
    let at = this.at;
    do {
      const byte = body[at];
      at += 1;
      if (byte === QUOTE) at = this.#pastText(at);
      else if (byte === OBJECT || byte === LIST) depth += 1;
      else if (byte === OBJECT_END || byte === LIST_END) depth -= 1;
      else if (byte === undefined) throw new Unforeseen();
    } while (depth > 0);
    this.at = at;
  }

  /** A number, true, false or null. */
  #skipBare(): void {
    const from = this.at;
    while (!(this.isAt(COMMA) || this.isAt(OBJECT_END) || this.isAt(LIST_END)) && this.at < this.#body.length)
      this.at += 1;
    if (this.at === from) throw new Unforeseen();
  }

  /** Past the quotation mark that ends a text of which `at` is within. */
  #pastText(from: number): number {
    const body = this.#body;
    for (let at = from; at < body.length; at += 1) {
      const byte = body[at];
      if (byte === QUOTE) return at + 1;
      if (byte === BACKSLASH) at += 1;
    }
    throw new Unforeseen();
  }
}
