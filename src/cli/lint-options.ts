import { basename } from "node:path";
import { InputError, UsageError } from "../errors.ts";
import { didYouMean } from "../suggest.ts";
import { readText } from "../json/read.ts";
import { LINT_RULES, type Suppression } from "../profile/lint/lint.ts";
import type { Audience } from "../profile/lint/rule.ts";
import { type Component, COMPONENTS, isVersion, type Libc, type Versions } from "../profile/lint/versions.ts";
import type { LintCliOptions } from "./commands/lint.ts";

/** `[NAME=]VERSION`, runc's without a name. @throws UsageError */
function versionsOf(texts: readonly string[]): Versions {
  const versions: Partial<Record<Component, string>> = {};
  const readers = COMPONENTS.filter(known => known !== "kernel");
  for (const text of texts) {
    const [, name = "runc", version = ""] = /^(?:([a-z]+)=)?(.*)$/.exec(text) ?? [];
    const component = readers.find(known => known === name);
    if (component === undefined || !isVersion(version)) {
      throw new UsageError(
        `--runtime-version: ${JSON.stringify(text)} is not [NAME=]VERSION with a NAME of ${readers.join(", ")}${didYouMean(name, readers)}`,
      );
    }
    versions[component] = version;
  }
  return versions;
}

/** `glibc=2.36` or `musl=1.2`. @throws UsageError */
function libcOf(text: string): Libc {
  const [, name = "", version = ""] = /^([a-z]+)[= -](.+)$/.exec(text) ?? [];
  if ((name !== "glibc" && name !== "musl") || !isVersion(version)) {
    throw new UsageError(
      `--libc: ${JSON.stringify(text)} is neither glibc=VERSION nor musl=VERSION${didYouMean(name, ["glibc", "musl"])}`,
    );
  }
  return { name, version };
}

/** Who the profiles are for. @throws UsageError */
export function audienceOf(options: LintCliOptions): Audience {
  return {
    versions: versionsOf(options.runtimeVersion),
    ...(options.target === undefined ? {} : { target: options.target }),
    ...(options.libc === undefined ? {} : { libc: libcOf(options.libc) }),
  };
}

/** A suppression for all files, or for those of one name or path. */
export interface FileSuppression extends Suppression {
  readonly file?: string;
}

function isRule(id: string): boolean {
  return LINT_RULES.some(rule => rule.id === id);
}

function noRule(id: string): string {
  return `there is no rule ${id}${didYouMean(
    id,
    LINT_RULES.map(rule => rule.id),
  )}`;
}

const LINE = /^([a-z0-9-]+)(?:\s+(\S+?))?:\s+(\S.*)$/;

/** Lines `RULE [FILE]: REASON`; `#` begins a comment. @throws InputError with the line */
function parseSuppressions(text: string, file: string): FileSuppression[] {
  return text.split("\n").flatMap((raw, index) => {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) return [];
    const [, rule = "", only, reason = ""] = LINE.exec(line) ?? [];
    const place = { file, line: index + 1 };
    if (rule === "") throw new InputError("is not RULE [FILE]: REASON", place);
    if (!isRule(rule)) throw new InputError(noRule(rule), place);
    return [{ rule, reason, ...(only === undefined ? {} : { file: only }) }];
  });
}

/** What is intended, by the options and the file that they name. @throws InputError, UsageError */
export function suppressionsOf(options: LintCliOptions): FileSuppression[] {
  const unknown = options.ignore.find(([rule]) => !isRule(rule));
  if (unknown !== undefined) throw new UsageError(`--ignore: ${noRule(unknown[0])}`);
  const { suppressions } = options;
  return [
    ...options.ignore.map(([rule, reason]) => ({ rule, reason })),
    ...(suppressions === undefined ? [] : parseSuppressions(readText(suppressions), suppressions)),
  ];
}

/** Whether a suppression is about a file: by its whole path as given, or by its last part. */
export function isAbout({ file: only }: FileSuppression, file: string): boolean {
  return only === undefined || only === file || (!only.includes("/") && only === basename(file));
}
