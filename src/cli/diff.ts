import { EXIT, type ExitCode, UsageError } from "../errors.ts";
import { syscallNames } from "../abi/syscalls.ts";
import { didYouMean } from "../suggest.ts";
import { printJson } from "../json/print.ts";
import { printableDiff, printDiff, printDiffMarkdown } from "../output/diff.ts";
import { explainCall, explainProfile, printableExplanation } from "../output/explain.ts";
import { diffProfiles } from "../profile/diff.ts";
import { FunctionStore } from "../profile/function-store.ts";
import { functionsOf } from "../profile/functions.ts";
import { resolveProfile } from "../profile/resolve.ts";
import type { DiffCliOptions, ExplainCliOptions } from "./commands/diff.ts";
import { hostOf } from "./host.ts";
import { readProfileInput } from "./inputs.ts";
import { show, writeOutput } from "./say.ts";

/** Exit code 1 when the profiles differ. @throws InputError */
export async function runDiff(a: string, b: string, options: DiffCliOptions): Promise<ExitCode> {
  const host = hostOf(options);
  const store = new FunctionStore();
  const [first, second] = [await readProfileInput(a), await readProfileInput(b)];
  const before = functionsOf(resolveProfile(first.document, host, { enosysStub: false }), store);
  const after = functionsOf(resolveProfile(second.document, host, { enosysStub: false }), store);
  const diff = diffProfiles(before, after);
  const print = { text: printDiff, markdown: printDiffMarkdown };
  if (options.format === "json") writeOutput(printJson(printableDiff(diff)), options.output);
  else show(print[options.format](diff, host.abi), options.output);
  return diff.changes.length + diff.fallbacks.length === 0 ? EXIT.ok : EXIT.findings;
}

/** @throws InputError, UsageError for a call that no ABI of the profile has */
export async function runExplain(
  file: string,
  name: string | undefined,
  options: ExplainCliOptions,
): Promise<void> {
  const host = hostOf(options);
  const { document, derivation } = await readProfileInput(file);
  const profile = functionsOf(resolveProfile(document, host, { enosysStub: false }));
  const provenance = derivation?.provenance;
  const text =
    name === undefined ? explainProfile(profile, provenance) : explainCall(profile, name, provenance);
  if (text === undefined)
    throw new UsageError(
      `no ABI of this profile has a syscall ${name}${didYouMean(name ?? "", syscallNames())}`,
    );
  if (options.json === true)
    writeOutput(printJson(printableExplanation(profile, provenance, name)), options.output);
  else show(text, options.output);
}
