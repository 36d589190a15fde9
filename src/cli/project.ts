import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import { parseDuration } from "../duration.ts";
import { parseReady, type ReadySpec } from "../engine/ready.ts";
import { InputError, UsageError } from "../errors.ts";
import { errnoNames, errnoNumber } from "../profile/errno.ts";
import { POLICY_NAMES, type PolicyName } from "../profile/policies.ts";
import type { RuntimeBase } from "../profile/runtime-base.ts";
import type { RecorderChoice } from "../record/choose.ts";
import { didYouMean } from "../suggest.ts";

/** The file that `craft` reads when it is called without a command. */
export const PROJECT_FILE = "seccraft.yaml";

/** What a project file says; the names are those of the options of `craft`. */
export interface Project {
  /** Empty when an image says what to start. */
  readonly command: readonly string[];
  readonly options: {
    readonly image?: string;
    readonly analyze?: boolean;
    readonly minimize?: boolean;
    readonly ready?: ReadySpec;
    readonly exercise?: readonly string[];
    readonly timeout?: number;
    readonly expectExit?: number;
    readonly runs?: number;
    readonly recorder?: RecorderChoice;
    readonly policy?: PolicyName;
    readonly runtime?: RuntimeBase;
    readonly errno?: string;
    readonly out?: string;
  };
}

const RECORDERS: readonly RecorderChoice[] = ["auto", "ebpf", "notify", "complain"];
const RUNTIMES: readonly RuntimeBase[] = ["none", "runc", "crun"];
const LARGEST = 64 * 1024;

/** A value of the file with what is needed to complain about it. */
class Value {
  readonly #node: Node | null;
  readonly #path: string;
  readonly #source: { readonly file: string; readonly lines: LineCounter };

  constructor(node: Node | null, path: string, source: { file: string; lines: LineCounter }) {
    this.#node = node;
    this.#path = path;
    this.#source = source;
  }

  fail(reason: string): never {
    const at = this.#node?.range?.[0];
    const place = at === undefined ? undefined : this.#source.lines.linePos(at);
    throw new InputError(reason, {
      file: this.#source.file,
      ...(place === undefined ? {} : { line: place.line, column: place.col }),
      field: this.#path,
    });
  }

  members(known: readonly string[]): Map<string, Value> {
    if (!isMap(this.#node)) return this.fail("must be a mapping, NAME: VALUE");
    const found = new Map<string, Value>();
    for (const { key, value } of this.#node.items) {
      const name = String(isScalar(key) ? key.value : key);
      const path = this.#path === "" ? name : `${this.#path}.${name}`;
      if (!known.includes(name)) {
        new Value(key as Node, path, this.#source).fail(
          `is not a known setting; known are ${known.join(", ")}${didYouMean(name, known)}`,
        );
      }
      found.set(name, new Value(value as Node | null, path, this.#source));
    }
    return found;
  }

  items(): Value[] {
    if (!isSeq(this.#node)) return this.fail("must be a list");
    return this.#node.items.map(
      (item, index) => new Value(item as Node, `${this.#path}[${index}]`, this.#source),
    );
  }

  text(): string {
    const value = isScalar(this.#node) ? this.#node.value : undefined;
    if (typeof value !== "string" && typeof value !== "number") return this.fail("must be text");
    const text = typeof value === "string" ? value : String(isScalar(this.#node) ? this.#node.source : "");
    if (text === "" || text.includes("\0")) return this.fail("must not be empty");
    return text;
  }

  number(least: number, most: number): number {
    const value = isScalar(this.#node) ? this.#node.value : undefined;
    if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most)
      return this.fail(`must be a whole number from ${least} to ${most}`);
    return value;
  }

  oneOf<T extends string>(words: readonly T[]): T {
    const text = this.text();
    const found = words.find(word => word === text);
    return (
      found ??
      this.fail(`must be one of ${words.join(", ")}, not ${JSON.stringify(text)}${didYouMean(text, words)}`)
    );
  }

  flag(): boolean {
    const value = isScalar(this.#node) ? this.#node.value : undefined;
    if (typeof value !== "boolean") return this.fail("must be true or false");
    return value;
  }

  /** By a parser whose errors are about usage. */
  parsed<T>(parse: (text: string) => T): T {
    const text = this.text();
    try {
      return parse(text);
    } catch (error) {
      if (error instanceof UsageError) return this.fail(error.message.replace(/^--\w+ /, ""));
      throw error;
    }
  }
}

/**
 * Reads a project file.
 * @throws InputError with line, column and field of what is wrong
 */
export function parseProject(text: string, file: string): Project {
  if (text.length > LARGEST) throw new InputError("is too large for a project file", { file });
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const [error] = document.errors;
  if (error !== undefined) {
    const start = error.linePos?.[0];
    const reason = error.message.split("\n")[0]?.replace(/ at line \d+, column \d+:?$/, "") ?? "is not YAML";
    throw new InputError(reason, {
      file,
      ...(start === undefined ? {} : { line: start.line, column: start.col }),
    });
  }
  const top = new Value(document.contents, "", { file, lines });
  const fields = top.members([
    "command",
    "image",
    "ready",
    "exercises",
    "timeout",
    "expect-exit",
    "runs",
    "recorder",
    "policy",
    "analyze",
    "minimize",
    "runtime",
    "errno",
    "output",
  ]);
  const image = fields.get("image")?.text();
  const words =
    fields.get("command") ?? (image === undefined ? top.fail("command or image is missing") : undefined);
  const command = words?.items().map(item => item.text()) ?? [];
  if (command.length === 0) fields.get("command")?.fail("must name a program");
  const options = {
    image,
    analyze: fields.get("analyze")?.flag(),
    minimize: fields.get("minimize")?.flag(),
    ready: fields.get("ready")?.parsed(parseReady),
    exercise: fields
      .get("exercises")
      ?.items()
      .map(item => item.text()),
    timeout: fields.get("timeout")?.parsed(value => parseDuration(value, "timeout")),
    expectExit: fields.get("expect-exit")?.number(0, 255),
    runs: fields.get("runs")?.number(1, 100),
    recorder: fields.get("recorder")?.oneOf(RECORDERS),
    policy: fields.get("policy")?.oneOf(POLICY_NAMES),
    runtime: fields.get("runtime")?.oneOf(RUNTIMES),
    errno: errnoOf(fields.get("errno")),
    out: fields.get("output")?.text(),
  };
  if (options.analyze === false && options.policy !== undefined && options.policy !== "observed")
    fields.get("analyze")?.fail(`the policy ${options.policy} needs the analysis`);
  if (options.minimize === true && options.out === undefined)
    fields.get("minimize")?.fail("needs output, for its journal");
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  return { command, options: given };
}

function errnoOf(value: Value | undefined): string | undefined {
  const name = value?.text();
  if (name !== undefined && errnoNumber(name) === undefined)
    value?.fail(
      `${name} is no errno; write EPERM or another name of errno(3)${didYouMean(name, errnoNames())}`,
    );
  return name;
}
