import { syscallByName } from "../abi/syscalls.ts";
import { EXIT, type ExitCode, UsageError } from "../errors.ts";
import { joinEvidence } from "../evidence/join.ts";
import { printJson } from "../json/print.ts";
import { printableCounterexample, showCounterexample } from "../output/calls.ts";
import { letsThrough } from "../profile/action.ts";
import { difference, intersection, subsetCounterexample, union } from "../profile/algebra.ts";
import { annotate, type Reasons } from "../profile/annotate.ts";
import { DEFAULT_POLICY, deriveProfile } from "../profile/derive.ts";
import { describeReasons } from "../profile/provenance.ts";
import type { Host, ProfileDocument } from "../profile/document.ts";
import { FunctionStore } from "../profile/function-store.ts";
import { functionsOf, type ProfileFunctions } from "../profile/functions.ts";
import { printProfile } from "../profile/print.ts";
import { defaultActionOf, resolveProfile } from "../profile/resolve.ts";
import { writeProfile } from "../profile/write.ts";
import type { Combination, CombineCliOptions } from "./commands/combine.ts";
import { hostOf } from "./host.ts";
import { type ProfileInput, readProfileInput } from "./inputs.ts";
import { show, tell, writeOutput } from "./say.ts";

function functions(document: ProfileDocument, host: Host, store: FunctionStore): ProfileFunctions {
  return functionsOf(resolveProfile(document, host, { enosysStub: false }), store);
}

/** Evidence is joined before it becomes a profile, so that all of it is judged together. */
function joined(inputs: readonly ProfileInput[]): ProfileInput | undefined {
  const [first, second] = inputs;
  if (second === undefined) return first;
  const all = inputs.flatMap(input => input.evidence ?? []);
  const derivation = deriveProfile(joinEvidence(...all), DEFAULT_POLICY);
  const file = inputs.map(input => input.file).join(", ");
  return { file, document: derivation.document, derivation };
}

function combine(
  what: Combination,
  first: ProfileFunctions,
  next: ProfileFunctions,
  document: ProfileDocument,
): ProfileFunctions {
  if (what === "merge") return union(first, next);
  if (what === "intersect") return intersection(first, next);
  const fallback = defaultActionOf(document);
  return difference(first, next, letsThrough(fallback) ? { kind: "errno", errno: 1 } : fallback);
}

/** Where each call of a result comes from: the observations behind evidence, the files that allow it. */
function reasonsFor(inputs: readonly ProfileInput[], host: Host): Reasons {
  return name => {
    const lines = inputs.flatMap(input => {
      const observed = input.derivation?.provenance.get(name);
      if (observed !== undefined) return [describeReasons(observed)];
      const rules = (input.document.syscalls ?? []).filter(rule => rule.names.includes(name));
      const known = rules.length > 0 && syscallByName(host.abi, name) !== undefined;
      return known ? [`rule in ${input.file}`] : [];
    });
    return [...new Set(lines)].join("; ");
  };
}

/** Prints the union, intersection or difference of profiles and evidence. @throws InputError, UsageError */
export async function combineProfiles(
  what: Combination,
  files: readonly string[],
  options: CombineCliOptions,
): Promise<void> {
  if (what === "subtract" && files.length < 2) throw new UsageError("subtract needs at least two profiles");
  const host = hostOf(options);
  const store = new FunctionStore();
  const evidence: ProfileInput[] = [];
  // Only reasons need what was read; a thousand profiles are better forgotten one by one.
  const kept: ProfileInput[] = [];
  let sum: { readonly functions: ProfileFunctions; readonly first: ProfileDocument } | undefined;
  const take = (input: ProfileInput): void => {
    const next = functions(input.document, host, store);
    sum =
      sum === undefined
        ? { functions: next, first: input.document }
        : { ...sum, functions: combine(what, sum.functions, next, sum.first) };
  };
  for (const file of files) {
    const input = await readProfileInput(file);
    if (what === "merge" && input.evidence !== undefined) evidence.push(input);
    else take(input);
    if (options.annotate === true && !evidence.includes(input)) kept.push(input);
  }
  const seen = joined(evidence);
  if (seen !== undefined) {
    take(seen);
    kept.unshift(seen);
  }
  if (sum === undefined) throw new UsageError(`${what} needs a profile`);
  const { approximate } = options;
  const written = writeProfile(sum.functions, approximate === undefined ? {} : { approximate });
  if (written.approximated.length > 0) {
    const side = approximate === "allow" ? "allowed more than asked for" : "denied more than asked for";
    tell(`${side}, since no rules say it exactly: ${written.approximated.join(" ")}\n`);
  }
  const document =
    options.annotate === true ? annotate(written.document, reasonsFor(kept, host)) : written.document;
  writeOutput(printProfile(document), options.output);
}

/** Exit code 0 for a proof, 1 for a counterexample, which is printed. */
export async function proveSubset(a: string, b: string, options: CombineCliOptions): Promise<ExitCode> {
  const host = hostOf(options);
  const store = new FunctionStore();
  const [first, second] = [await readProfileInput(a), await readProfileInput(b)];
  const counter = subsetCounterexample(
    functions(first.document, host, store),
    functions(second.document, host, store),
  );
  if (options.json === true) {
    const body = counter === undefined ? {} : { counterexample: printableCounterexample(counter) };
    writeOutput(printJson({ seccraft: "subset/1", subset: counter === undefined, ...body }), options.output);
  } else if (counter === undefined) {
    show(`${second.file} allows everything that ${first.file} allows\n`, options.output);
  } else {
    show(
      `${first.file} allows and ${second.file} does not: ${showCounterexample(counter)}\n`,
      options.output,
    );
  }
  return counter === undefined ? EXIT.ok : EXIT.findings;
}
