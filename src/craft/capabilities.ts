import { TargetError } from "../errors.ts";
import type { Engine, LaunchSpec } from "../engine/engine.ts";
import type { Evidence, Gap } from "../evidence/model.ts";
import { DOCKER_CAPABILITIES } from "../profile/document.ts";

/**
 * Capabilities for want of which calls failed, one for each such call, sorted: where any of several is enough, one that
 * Docker gives everybody.
 */
export function missingCapabilities({ gaps }: Evidence): string[] {
  const found = new Set<string>();
  for (const { capabilities = [] } of gaps) {
    const usual = capabilities.find(name => DOCKER_CAPABILITIES.includes(name)) ?? capabilities[0];
    if (usual !== undefined && !capabilities.some(name => found.has(name))) found.add(usual);
  }
  return [...found].sort();
}

/** Of these, those that Docker gives everybody. Who changes its group is about to change its user as well. */
function usualOf(capabilities: readonly string[]): string[] {
  const usual = capabilities.filter(name => DOCKER_CAPABILITIES.includes(name));
  return usual.includes("CAP_SETGID") ? [...new Set([...usual, "CAP_SETUID"])] : usual;
}

/** What capability a container is to be given that fails for want of some: none where that would not reach it. */
export function givable(engine: Engine, missing: readonly string[]): string[] {
  return engine.ordinaryUser === undefined ? usualOf(missing) : [];
}

/** What is to be done for a user whom no capability reaches. */
function insteadFor(user: string): string {
  return `the user ${user} cannot be given any: see whose the files are that it uses, or try --user 0`;
}

/** The same evidence, with remedies that fit who the container starts as. */
export function withFittingRemedies(evidence: Evidence, { ordinaryUser: user }: Engine): Evidence {
  if (user === undefined) return evidence;
  const fit = (gap: Gap): Gap => (gap.kind === "capability" ? { ...gap, remedy: insteadFor(user) } : gap);
  return { ...evidence, gaps: evidence.gaps.map(fit) };
}

/** An engine whose containers have some capabilities besides. */
export function withCapabilities(engine: Engine, capabilities: readonly string[]): Engine {
  const start = async (spec: LaunchSpec): ReturnType<Engine["start"]> =>
    await engine.start({ ...spec, capAdd: [...(spec.capAdd ?? []), ...capabilities] });
  return { ...engine, files: async () => await engine.files(), start };
}

/** `--cap-add CHOWN --cap-add SETGID` */
function asOptions(capabilities: readonly string[]): string {
  return capabilities.map(name => `--cap-add ${name.replace(/^CAP_/, "")}`).join(" ");
}

/** The same failure, with what it may need, or with why that is not known. */
export function withSuggestion(
  error: TargetError,
  missing: readonly string[],
  { gaps }: Evidence,
  engine: Engine,
): TargetError {
  const unseen = gaps.find(gap => gap.kind === "capabilities-unseen");
  if (missing.length === 0 && unseen === undefined) return error;
  const way =
    engine.ordinaryUser === undefined
      ? `: try ${asOptions(missing)}`
      : ` (${missing.join(", ")}), and ${insteadFor(engine.ordinaryUser)}`;
  const more =
    missing.length > 0
      ? `calls failed for want of capabilities${way}`
      : `${unseen?.reason}. Should it need one, give it with --cap-add`;
  return new TargetError(`${error.message}; ${more}`, error.output, { cause: error });
}
