// Learn what a target calls.
export { craft, record, type CraftOptions, type RecordOptions, type Target } from "./library.ts";
export type { CraftResult } from "./craft/craft.ts";
export { analyzeFile, type AnalysisReport, type AnalyzeOptions } from "./static/analyze.ts";

// Evidence.
export type { Evidence, Gap, Observation, Phase, Run, SourceKind } from "./evidence/model.ts";
export { parseEvidence, printEvidence } from "./evidence/codec.ts";
export { joinEvidence } from "./evidence/join.ts";
export { estimateCompleteness, type Completeness } from "./evidence/completeness.ts";

// From evidence to a profile.
export {
  DEFAULT_POLICY,
  deriveProfile,
  type Derivation,
  type Policy,
  type Reason,
} from "./profile/derive.ts";
export { acceptedBy, neverObserved, type PolicyName } from "./profile/policies.ts";

// Profiles: read, print, understand, compile.
export { DOCKER_CAPABILITIES, type Host, type ProfileDocument } from "./profile/document.ts";
export { parseProfile } from "./profile/parse.ts";
export { printProfile } from "./profile/print.ts";
export { resolveProfile, type Profile } from "./profile/resolve.ts";
export { verdict } from "./profile/verdict.ts";
export { compileProfile } from "./profile/compile.ts";
export { lint, type LintResult, type Suppression } from "./profile/lint/lint.ts";
export type { Audience } from "./profile/lint/rule.ts";
export type { Action } from "./profile/action.ts";

// Show it.
export { renderReport } from "./library.ts";
export type { ReportInput } from "./output/html/facts.ts";

// Errors.
export {
  EXIT,
  InputError,
  InterruptedError,
  MachineError,
  SeccraftError,
  TargetError,
  UsageError,
} from "./errors.ts";
