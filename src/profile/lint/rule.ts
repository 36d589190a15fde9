import { inequality } from "../algebra.ts";
import type { FieldPath } from "../../json/path.ts";
import type { Host, ProfileDocument, RuleDocument } from "../document.ts";
import { FunctionStore } from "../function-store.ts";
import { functionsOf } from "../functions.ts";
import type { Profile } from "../resolve.ts";
import { InputError } from "../../errors.ts";
import { resolveProfile } from "../resolve.ts";
import { hasEnosysStub, type Libc, type Versions } from "./versions.ts";

export type Severity = "error" | "warning" | "note";

/** Who will read the profile. */
export type LintTarget = "docker" | "containerd" | "podman" | "cri-o" | "systemd";

/** Who reads the profile and what runs under it, as far as is known. */
export interface Audience {
  readonly target?: LintTarget;
  readonly versions?: Versions;
  readonly libc?: Libc;
}

/** What a profile is judged by. */
export interface LintContext {
  readonly document: ProfileDocument;
  readonly host: Host;
  readonly target: LintTarget | undefined;
  readonly versions: Versions;
  readonly libc: Libc | undefined;
  /** What the profile does on the host; undefined when libseccomp refuses it. */
  readonly profile: Profile | undefined;
  /** Why libseccomp refuses it. */
  readonly refusal: InputError | undefined;
}

/** Something that a rule finds. */
export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  /** The field of the profile that it is about. */
  readonly path: FieldPath;
}

export type Found = Pick<Finding, "message" | "path"> & { readonly severity?: Severity };

/** One thing to look for. Its documentation page is made from it. */
export interface LintRule {
  /** Stable: people write it into suppressions. */
  readonly id: string;
  readonly severity: Severity;
  readonly title: string;
  /** Why it matters, in a few sentences. */
  readonly why: string;
  readonly source: { readonly name: string; readonly url: string };
  /** What to do about it. */
  readonly fix: string;
  check(context: LintContext): readonly Found[];
  /** Changes the document so that the rule finds nothing, where that is safe: the meaning stays the same. */
  repair?(document: ProfileDocument): ProfileDocument;
}

export function contextOf(
  document: ProfileDocument,
  host: Host,
  { target, versions = {}, libc }: Audience = {},
): LintContext {
  const common = { document, host, target, versions, libc };
  try {
    const profile = resolveProfile(document, host, { enosysStub: hasEnosysStub(target, versions) });
    return { ...common, profile, refusal: undefined };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { ...common, profile: undefined, refusal: error };
  }
}

/** Calls a function for each rule of a document and gathers what it finds. */
export function eachRule(
  document: ProfileDocument,
  check: (rule: RuleDocument, index: number) => readonly Found[],
): readonly Found[] {
  return (document.syscalls ?? []).flatMap(check);
}

/** Whether two documents mean the same on a host. */
export function sameMeaning(a: ProfileDocument, b: ProfileDocument, host: Host): boolean {
  const store = new FunctionStore();
  const meaning = (document: ProfileDocument): ReturnType<typeof functionsOf> =>
    functionsOf(resolveProfile(document, host, { enosysStub: false }), store);
  return inequality(meaning(a), meaning(b)) === undefined;
}
