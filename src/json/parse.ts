import { InputError, type Place } from "../errors.ts";

/** Deepest nesting of arrays and objects that is read. Real profiles need six. */
export const MAX_DEPTH = 64;

/** The text that nodes come from; places are worked out only when somebody asks. */
export interface JsonSource {
  readonly file: string;
  readonly text: string;
}

interface NodeBase {
  /** Index of the first character in the text. */
  readonly offset: number;
}

export interface JsonObject extends NodeBase {
  readonly kind: "object";
  readonly members: ReadonlyMap<string, JsonMember>;
}

export interface JsonMember {
  /** Index of the name's opening quote. */
  readonly nameOffset: number;
  readonly value: JsonNode;
}

export interface JsonArray extends NodeBase {
  readonly kind: "array";
  /** At most as many as the reader keeps of one array. */
  readonly items: readonly JsonNode[];
  /** How many entries it has. */
  readonly count: number;
}

export interface JsonString extends NodeBase {
  readonly kind: "string";
  readonly value: string;
}

export interface JsonNumber extends NodeBase {
  readonly kind: "number";
  /** As written; nothing is rounded. */
  readonly text: string;
}

export interface JsonLiteral extends NodeBase {
  readonly kind: "boolean" | "null";
  readonly value: boolean | null;
}

/** A JSON value that remembers where it was written. */
export type JsonNode = JsonObject | JsonArray | JsonString | JsonNumber | JsonLiteral;

/** Line and column, from 1, of an index in the text; columns count UTF-16 units. */
export function placeAt(source: JsonSource, offset: number, field?: string): Place {
  const before = source.text.slice(0, offset);
  let line = 1;
  for (let at = before.indexOf("\n"); at !== -1; at = before.indexOf("\n", at + 1)) line++;
  const place = { file: source.file, line, column: offset - before.lastIndexOf("\n") };
  return field === undefined ? place : { ...place, field };
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};
const LITERALS: readonly [string, boolean | null][] = [
  ["true", true],
  ["false", false],
  ["null", null],
];

class Parser {
  readonly source: JsonSource;
  readonly text: string;
  at = 0;
  depth = 0;

  readonly kept: number;

  constructor(source: JsonSource, kept: number) {
    this.source = source;
    this.text = source.text;
    this.kept = kept;
  }

  fail(reason: string, offset = this.at): never {
    throw new InputError(reason, placeAt(this.source, offset));
  }

  space(): void {
    for (;;) {
      const c = this.text.charCodeAt(this.at);
      if (c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09) this.at++;
      else return;
    }
  }

  shown(): string {
    const c = this.text.codePointAt(this.at);
    if (c === undefined) return "the end of the file";
    return c > 0x20 && c < 0x7f
      ? `'${String.fromCodePoint(c)}'`
      : `U+${c.toString(16).toUpperCase().padStart(4, "0")}`;
  }

  value(): JsonNode {
    const offset = this.at;
    const c = this.text[this.at];
    if (c === "{") return this.nested(() => this.object(offset));
    if (c === "[") return this.nested(() => this.array(offset));
    if (c === '"') return { kind: "string", offset, value: this.string() };
    NUMBER.lastIndex = this.at;
    const number = NUMBER.exec(this.text);
    if (number !== null) {
      this.at += number[0].length;
      if (/[0-9a-zA-Z_.+]/.test(this.text[this.at] ?? "")) this.fail("not a JSON number", offset);
      return { kind: "number", offset, text: number[0] };
    }
    for (const [word, value] of LITERALS) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return { kind: value === null ? "null" : "boolean", offset, value };
      }
    }
    const word = /[A-Za-z]{1,20}/y;
    word.lastIndex = this.at;
    const name = word.exec(this.text)?.[0];
    if (name !== undefined) this.fail(`'${name}' is not JSON`);
    if (c === "/") this.fail("JSON has no comments");
    return this.fail(`a JSON value is missing: found ${this.shown()}`);
  }

  nested<T>(body: () => T): T {
    if (++this.depth > MAX_DEPTH) this.fail(`nested deeper than ${MAX_DEPTH} levels`);
    this.at++;
    const result = body();
    this.depth--;
    return result;
  }

  object(offset: number): JsonObject {
    const members = new Map<string, JsonMember>();
    this.space();
    if (this.text[this.at] === "}") {
      this.at++;
      return { kind: "object", offset, members };
    }
    for (;;) {
      this.space();
      const nameOffset = this.at;
      if (this.text[this.at] !== '"') this.fail(`a name in quotes is missing: found ${this.shown()}`);
      const name = this.string();
      if (members.has(name)) this.fail(`"${clip(name)}" is given twice in one object`, nameOffset);
      this.space();
      if (this.text[this.at] !== ":")
        this.fail(`':' is missing after "${clip(name)}": found ${this.shown()}`);
      this.at++;
      this.space();
      members.set(name, { nameOffset, value: this.value() });
      this.space();
      const c = this.text[this.at];
      if (c !== "," && c !== "}") this.fail(`',' or '}' is missing: found ${this.shown()}`);
      this.at++;
      if (c === "}") return { kind: "object", offset, members };
    }
  }

  array(offset: number): JsonArray {
    const items: JsonNode[] = [];
    this.space();
    if (this.text[this.at] === "]") {
      this.at++;
      return { kind: "array", offset, items, count: 0 };
    }
    for (let count = 1; ; count++) {
      this.space();
      const item = this.value();
      if (count <= this.kept) items.push(item);
      this.space();
      const c = this.text[this.at];
      if (c !== "," && c !== "]") this.fail(`',' or ']' is missing: found ${this.shown()}`);
      this.at++;
      if (c === "]") return { kind: "array", offset, items, count };
    }
  }

  string(): string {
    const start = this.at++;
    let value = "";
    for (;;) {
      const plain = this.at;
      while (isPlain(this.text.charCodeAt(this.at))) this.at++;
      value += this.text.slice(plain, this.at);
      const c = this.text[this.at];
      if (c === '"') {
        this.at++;
        if (/[\ud800-\udfff]/.test(value) && /\p{Cs}/u.test(value))
          this.fail("a string holds half of a surrogate pair", start);
        return value;
      }
      if (c === undefined) this.fail("a string is not closed", start);
      if (c !== "\\") this.fail(`a string holds the control character ${this.shown()}`);
      value += this.escape();
    }
  }

  escape(): string {
    const start = this.at;
    const c = this.text[this.at + 1] ?? "";
    const simple = ESCAPES[c];
    if (simple !== undefined) {
      this.at += 2;
      return simple;
    }
    const hex = this.text.slice(this.at + 2, this.at + 6);
    if (c !== "u" || !/^[0-9a-fA-F]{4}$/.test(hex)) this.fail("unknown escape in a string", start);
    this.at += 6;
    return String.fromCharCode(Number.parseInt(hex, 16));
  }
}

/** Whether a UTF-16 unit stands for itself in a string; false at the end of the text, where it is NaN. */
function isPlain(unit: number): boolean {
  return unit >= 0x20 && unit !== 0x22 && unit !== 0x5c;
}

function clip(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/**
 * Reads JSON as RFC 8259 has it and not a hair more: no comments, no duplicate names, nothing after the value,
 * no lone surrogates, nesting up to `MAX_DEPTH`. Numbers stay as written.
 * @param kept entries that are kept of one array; further ones are read and counted only
 * @throws InputError with file, line and column.
 */
export function parseJson(source: JsonSource, kept: number = Number.POSITIVE_INFINITY): JsonNode {
  const parser = new Parser(source, kept);
  if (source.text.startsWith("\ufeff"))
    parser.fail("starts with a byte order mark, which JSON does not allow");
  parser.space();
  const value = parser.value();
  parser.space();
  if (parser.at < source.text.length) parser.fail(`more text after the end of the value: ${parser.shown()}`);
  return value;
}
