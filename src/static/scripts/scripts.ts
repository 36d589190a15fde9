import { createHash } from "node:crypto";
import { canonicalGap, compareText } from "../../evidence/canonical.ts";
import { joinEvidence } from "../../evidence/join.ts";
import type { Evidence, Gap, Observation } from "../../evidence/model.ts";
import { plural } from "../../plural.ts";
import type { TargetRoot } from "../load/root.ts";
import { askedFor, type Language, type ScriptNames } from "./asked-by-name.ts";
import { scriptCommand, type Start } from "./command.ts";
import { NodeScripts } from "./node.ts";
import { PythonScripts } from "./python.ts";
import { ScriptTexts, Unreadable } from "./text.ts";

/** What the scripts of a target mention, or why that is not known. */
export type ScriptReading = {
  readonly language: Language;
  /** Canonical path. */
  readonly interpreter: string;
} & ({ readonly names: ScriptNames; readonly files: number } | { readonly unread: string });

/** Reads the scripts that a target's interpreter runs; undefined when it does not start as an interpreter that is known. */
export function readScripts(root: TargetRoot, start: Start): ScriptReading | undefined {
  const command = scriptCommand(root, start);
  if (command === undefined) return undefined;
  const { language, interpreter } = command;
  const texts = new ScriptTexts(root);
  const reader = language === "python" ? new PythonScripts(root, texts) : new NodeScripts(root, texts);
  try {
    const names = reader.read(command, start);
    return { language, interpreter, names, files: texts.files };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { language, interpreter, unread: error.message };
  }
}

/** The evidence of static analysis, with what an interpreter's scripts ask for. */
export function withScripts(evidence: Evidence, reading: ScriptReading): Evidence {
  const digest = createHash("sha256").update(JSON.stringify(reading, asArrays)).digest("hex");
  const ids = new Map(
    evidence.runs
      .filter(({ source, target }) => source === "static" && isAt(target, reading.interpreter))
      .map(({ id }) => [id, idWith(id, digest)]),
  );
  const moved = <T extends { readonly run: string }>(item: T): T => ({
    ...item,
    run: ids.get(item.run) ?? item.run,
  });
  return joinEvidence({
    ...evidence,
    runs: evidence.runs.map(run => ({ ...run, id: ids.get(run.id) ?? run.id })),
    observations: evidence.observations.map(seen =>
      ids.has(seen.run) ? moved(withAsked(seen, reading)) : seen,
    ),
    gaps: [...evidence.gaps.map(moved), ...[...ids.values()].map(id => gapOf(id, reading))],
  });
}

function isAt(target: Evidence["runs"][number]["target"], file: string): boolean {
  return target.kind === "file" && target.path === file;
}

function asArrays(_key: string, value: unknown): unknown {
  return value instanceof Set ? [...(value as ReadonlySet<string>)].sort(compareText) : value;
}

function idWith(id: string, digest: string): string {
  return `static-${createHash("sha256").update(`${id}\0${digest}`).digest("hex").slice(0, 32)}`;
}

function withAsked(seen: Observation, reading: ScriptReading): Observation {
  if (!("names" in reading) || seen.label !== undefined) return seen;
  const asked = askedFor(reading.language, reading.names, seen);
  return asked === undefined ? seen : { ...seen, inScripts: asked };
}

function gapOf(run: string, reading: ScriptReading): Gap {
  const what =
    "names" in reading
      ? `which functions its scripts ask for is known by name: ${plural(reading.files, "file")} read; names that they make at run time are not seen`
      : `what its scripts ask for is not known: ${reading.unread}`;
  return canonicalGap({ run, kind: "script", reason: what, place: { file: reading.interpreter } });
}
