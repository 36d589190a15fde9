import { dockerDefaultAllows } from "../abi/docker-default.ts";
import { riskOf } from "../abi/risk.ts";
import { syscallsOf } from "../abi/syscalls.ts";
import { nameAnswer } from "./lint/answers.ts";
import type { Profile } from "./resolve.ts";

/** Something that takes points away. */
export interface Deduction {
  readonly points: number;
  readonly reason: string;
}

/** How much a profile leaves open, from 100 (nothing) down to 0, by what its filter really does. */
export interface Score {
  readonly points: number;
  readonly deductions: readonly Deduction[];
  /** Calls of the native ABI that are let through at least with some arguments, and all that there are. */
  readonly allowed: number;
  readonly known: number;
  /** The same points for Docker's default with Docker's usual capabilities. */
  readonly dockerDefault: number;
}

const HIGH = 6;
const ELEVATED = 1;
/** For letting all known calls through. */
const BREADTH = 30;

function deductionsFor(answers: ReadonlyMap<string, "always" | "sometimes">, known: number): Deduction[] {
  const deductions: Deduction[] = [];
  for (const [name, answer] of answers) {
    const risk = riskOf(name);
    if (risk === undefined) continue;
    const full = risk.level === "high" ? HIGH : ELEVATED;
    const points = answer === "always" ? full : full / 2;
    const how = answer === "always" ? "" : " with some arguments";
    deductions.push({ points, reason: `${name} is allowed${how}: ${risk.why}` });
  }
  const breadth = Math.round((BREADTH * answers.size * 10) / known) / 10;
  deductions.push({ points: breadth, reason: `${answers.size} of ${known} known calls are allowed` });
  return deductions.sort((a, b) => b.points - a.points || (a.reason < b.reason ? -1 : 1));
}

function points(deductions: readonly Deduction[]): number {
  const lost = deductions.reduce((sum, each) => sum + each.points, 0);
  return Math.max(0, Math.round(100 - lost));
}

/** Scores a profile on its native ABI. Each deduction says what it is for. */
export function scoreProfile(profile: Profile): Score {
  const names = syscallsOf(profile.native).map(call => call.name);
  const answers = new Map<string, "always" | "sometimes">();
  for (const name of names) {
    const answer = nameAnswer(profile, profile.native, name);
    if (answer === "always" || answer === "sometimes") answers.set(name, answer);
  }
  const deductions = deductionsFor(answers, names.length);
  const docker = new Map([...dockerDefaultAllows(profile.native)].map(name => [name, "always"] as const));
  return {
    points: points(deductions),
    deductions,
    allowed: answers.size,
    known: names.length,
    dockerDefault: points(deductionsFor(docker, names.length)),
  };
}
