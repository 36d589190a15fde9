import { limitsFrom } from "../../src/minimize/baseline.ts";
import { baselineOf, judgeRun } from "../../src/minimize/behaviour.ts";
import { nativeEngine } from "../../src/engine/native/native.ts";
import { readJournal } from "../../src/minimize/journal.ts";
import { orderCandidates } from "../../src/minimize/priors.ts";
import { observedBase } from "../../src/minimize/options.ts";
import {
  baseOf,
  runSearch,
  settingOf,
  specsOf,
  type SearchRequest,
  type SearchResult,
} from "../../src/minimize/setup.ts";
import { filtersOf } from "../../src/craft/filters.ts";
import { isContainer } from "../../src/craft/containers.ts";
import { runSession } from "../../src/craft/session.ts";
import { runTrial } from "../../src/minimize/trial.ts";
import { unitsOf, type Unit } from "../../src/minimize/units.ts";
import { openRunFolder } from "../../src/linux/runfolder.ts";
import { chooseRecorder } from "../../src/record/choose.ts";
import { canTrace } from "../../src/linux/features.ts";
import type { Target } from "./targets.ts";

export function requestFor(
  target: Target,
  journal: string,
  more: Partial<SearchRequest> = {},
): SearchRequest {
  return {
    workload: target.workload,
    success: target.success,
    engine: nativeEngine(),
    recorder: chooseRecorder("auto", canTrace),
    runtime: "none",
    deny: "EPERM",
    start: undefined,
    keep: [],
    jobs: undefined,
    watched: true,
    repeat: 2,
    budget: {},
    arguments: false,
    copy: "never",
    journal,
    fresh: false,
    ...more,
  };
}

export async function search(request: SearchRequest): Promise<SearchResult> {
  const { folder } = await openRunFolder();
  try {
    return await runSearch(request, folder);
  } finally {
    await folder.close();
  }
}

/** Runs a target under the result of a search, enforced by the kernel, so often; returns what failed. */
export async function enforced(
  request: SearchRequest,
  result: SearchResult,
  times: number,
): Promise<string[]> {
  const failures: string[] = [];
  const launch = isContainer(request.engine)
    ? { profile: result.document }
    : { filter: filtersOf(result.document).enforced };
  for (let i = 0; i < times; i++) {
    try {
      await runSession(request.engine, request.workload, { ...launch, noNewPrivileges: false }, {});
    } catch (error) {
      failures.push((error as Error).message);
    }
  }
  return failures;
}

export interface Reference {
  readonly units: readonly Unit[];
  readonly runs: number;
}

/**
 * The slow way: each candidate is denied alone, in the search's order, under the kernel's own enforcement, and stays
 * denied only if the target ran. The calls that were never seen go at once, as one by one would let them go.
 * @param all deny also these one by one: some 350 runs more
 */
export async function oneByOne(
  request: SearchRequest,
  result: SearchResult,
  all = false,
): Promise<Reference> {
  const specs = specsOf(request.success, request.workload);
  const base = observedBase(baseOf(request.deny, undefined), result.recorded);
  const setting = settingOf(request.workload, specs, request.engine, base);
  const untouched = readJournal(request.journal).runs.filter(
    run => run.trial.mode === "untouched" && run.works,
  );
  const baseline = baselineOf(untouched.map(run => run.behaviour));
  const limits = limitsFrom(baseline, request.workload.timeoutMs);
  const expectedExit = request.workload.ready.kind === "exit" ? request.workload.expectedExit : undefined;
  const fixed = result.report.findings.filter(({ class: kind }) => kind === "kept").map(({ unit }) => unit);
  const called = new Set(result.recorded.observations.map(({ syscall }) => syscall));
  const order = orderCandidates(unitsOf(base), result.recorded)
    .map(({ name }) => name)
    .filter(name => !fixed.includes(name));
  let runs = 0;
  const works = async (allowed: readonly Unit[]): Promise<boolean> => {
    runs++;
    const trial = { mode: "enforced" as const, allowed: [...allowed].sort() };
    const { behaviour } = await runTrial(setting, trial, limits, undefined, undefined);
    return judgeRun(behaviour, baseline, specs, expectedExit).reason === undefined;
  };
  let allowed = [...fixed, ...order];
  const unseen = order.filter(name => !called.has(name));
  const groups = all
    ? order.map(name => [name])
    : [unseen, ...order.filter(name => called.has(name)).map(name => [name])];
  for (const group of groups) {
    const left = allowed.filter(name => !group.includes(name));
    if (await works(left)) allowed = left;
    else if (group.length > 1) return await oneByOne(request, result, true);
  }
  return { units: allowed.sort(), runs };
}
