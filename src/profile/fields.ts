import { InputError } from "../errors.ts";
import { didYouMean } from "../suggest.ts";
import { placeAt, type JsonArray, type JsonNode, type JsonObject, type JsonSource } from "../json/parse.ts";
import { type FieldPath, formatField } from "../json/path.ts";

const MAX_UINT64 = 0xffff_ffff_ffff_ffffn;

/** A JSON value on its way to be checked, with its place. */
export class Field {
  readonly source: JsonSource;
  readonly node: JsonNode;
  /** What it is a part of, and by which name or index; a root's whole path. Paths are made when somebody asks. */
  readonly #above: Field | FieldPath;
  readonly #step: string | number;

  constructor(source: JsonSource, node: JsonNode, above: Field | FieldPath = [], step: string | number = "") {
    this.source = source;
    this.node = node;
    this.#above = above;
    this.#step = step;
  }

  get path(): FieldPath {
    return this.#above instanceof Field ? [...this.#above.path, this.#step] : this.#above;
  }

  fail(reason: string): never {
    throw new InputError(reason, placeAt(this.source, this.node.offset, formatField(this.path)));
  }

  /** The members of an object, each a field; names that are not known are an error that names the nearest known one. */
  members(known: readonly string[]): Map<string, Field> {
    const object = this.object();
    const fields = new Map<string, Field>();
    for (const [name, member] of object.members) {
      if (!known.includes(name)) {
        const place = placeAt(this.source, member.nameOffset, formatField(this.path));
        throw new InputError(`unknown field "${clip(name)}"${didYouMean(name, known)}`, place);
      }
      // JSON null is how Go writes a field that is not there.
      if (member.value.kind !== "null") fields.set(name, new Field(this.source, member.value, this, name));
    }
    return fields;
  }

  object(): JsonObject {
    return this.node.kind === "object" ? this.node : this.fail(`must be an object, not ${this.shown()}`);
  }

  items(limit: number): Field[] {
    const array: JsonArray =
      this.node.kind === "array" ? this.node : this.fail(`must be a list, not ${this.shown()}`);
    if (array.count > limit) this.fail(`has ${array.count} entries, more than the ${limit} that are read`);
    return array.items.map((node, index) => new Field(this.source, node, this, index));
  }

  string(): string {
    return this.node.kind === "string" ? this.node.value : this.fail(`must be a string, not ${this.shown()}`);
  }

  oneOf<T extends string>(choices: readonly T[], what: string): T {
    const value = this.string();
    if ((choices as readonly string[]).includes(value)) return value as T;
    return this.fail(`unknown ${what} "${clip(value)}"${didYouMean(value, choices)}`);
  }

  /** An unsigned integer written as one: no sign, fraction or exponent. */
  uint64(): bigint {
    if (this.node.kind !== "number") this.fail(`must be a number, not ${this.shown()}`);
    if (!/^[0-9]+$/.test(this.node.text)) {
      this.fail(`must be an integer from 0 to 2^64-1, not ${clip(this.node.text)}`);
    }
    if (this.node.text.length > 20 || BigInt(this.node.text) > MAX_UINT64) {
      this.fail(`${clip(this.node.text)} does not fit into 64 bits`);
    }
    return BigInt(this.node.text);
  }

  integer(max: number): number {
    const value = this.uint64();
    return value <= BigInt(max) ? Number(value) : this.fail(`must be at most ${max}, not ${value}`);
  }

  shown(): string {
    const { node } = this;
    if (node.kind === "number") return clip(node.text);
    if (node.kind === "string") return `"${clip(node.value)}"`;
    return node.kind === "null" ? "null" : node.kind === "boolean" ? String(node.value) : `an ${node.kind}`;
  }
}

function clip(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
