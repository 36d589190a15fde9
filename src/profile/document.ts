import type { AbiName } from "../abi/abi.ts";
import { placeAt, type JsonNode, type JsonSource } from "../json/parse.ts";
import { type FieldPath, formatField, nodeAt } from "../json/path.ts";
import type { Place } from "../errors.ts";

/** `SCMP_ACT_KILL` is the old name of `SCMP_ACT_KILL_THREAD`. */
export const ACTION_NAMES = [
  "SCMP_ACT_KILL",
  "SCMP_ACT_KILL_PROCESS",
  "SCMP_ACT_KILL_THREAD",
  "SCMP_ACT_TRAP",
  "SCMP_ACT_ERRNO",
  "SCMP_ACT_TRACE",
  "SCMP_ACT_ALLOW",
  "SCMP_ACT_LOG",
  "SCMP_ACT_NOTIFY",
] as const;
export type ActionName = (typeof ACTION_NAMES)[number];

export const OPERATOR_NAMES = [
  "SCMP_CMP_NE",
  "SCMP_CMP_LT",
  "SCMP_CMP_LE",
  "SCMP_CMP_EQ",
  "SCMP_CMP_GE",
  "SCMP_CMP_GT",
  "SCMP_CMP_MASKED_EQ",
] as const;
export type OperatorName = (typeof OPERATOR_NAMES)[number];

export const FLAG_NAMES = [
  "SECCOMP_FILTER_FLAG_TSYNC",
  "SECCOMP_FILTER_FLAG_LOG",
  "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
  "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
] as const;
export type FlagName = (typeof FLAG_NAMES)[number];

/** `SCMP_ARCH_…`; which of them exist is `ABIS` in `abi/abi.ts`. */
export type ArchName = `SCMP_ARCH_${string}`;

/** One condition on one argument. */
export interface Condition {
  /** 0 to 5. */
  readonly index: number;
  /** Unsigned 64 bits; with MASKED_EQ the mask. */
  readonly value: bigint;
  /** Unsigned 64 bits; with MASKED_EQ what the masked argument must equal, otherwise without meaning. */
  readonly valueTwo?: bigint;
  readonly op: OperatorName;
}

/** Docker's and Podman's conditions on the host. */
export interface HostCondition {
  /** Go's names, such as `amd64`. */
  readonly arches?: readonly string[];
  /** `CAP_…` */
  readonly caps?: readonly string[];
  /** `"4.8"`; Docker only. */
  readonly minKernel?: string;
}

export interface RuleDocument {
  readonly names: readonly string[];
  /** True when it was written as Docker's old single `name`. */
  readonly singleName?: true;
  readonly action: ActionName;
  readonly errnoRet?: number;
  /** Podman's and CRI-O's name of the errno, which wins over the number. */
  readonly errno?: string;
  readonly args?: readonly Condition[];
  /** Docker only. */
  readonly comment?: string;
  readonly includes?: HostCondition;
  readonly excludes?: HostCondition;
}

export interface ArchMapping {
  readonly architecture: ArchName;
  readonly subArchitectures: readonly ArchName[] | null;
}

/**
 * A seccomp profile as it is written: the OCI form (runtime-spec, `linux.seccomp`) with the additions of Docker
 * (moby `profiles/seccomp`) and Podman (containers-common). A field that was not written is absent.
 */
export interface ProfileDocument {
  readonly defaultAction: ActionName;
  readonly defaultErrnoRet?: number;
  /** Podman's and CRI-O's name of the errno, which wins over the number. */
  readonly defaultErrno?: string;
  readonly architectures?: readonly ArchName[];
  readonly archMap?: readonly ArchMapping[];
  readonly flags?: readonly FlagName[];
  readonly listenerPath?: string;
  readonly listenerMetadata?: string;
  readonly syscalls?: readonly RuleDocument[];
}

/** A profile that leaves nothing to the host: no archMap, no includes and excludes. */
export type PlainProfile = ProfileDocument & { readonly archMap?: never };

/** The host that Docker's extensions are resolved for. */
export interface Host {
  /** The kernel's own ABI; its Go name is what `includes.arches` is compared with. */
  readonly abi: AbiName;
  /** Of the container's bounding set, `CAP_…`. */
  readonly capabilities: readonly string[];
  /** `uname -r` or its first two numbers, such as `6.1`. */
  readonly kernel: string;
}

/** What a container gets from Docker when nobody asks for more or less (moby `oci/caps/defaults.go`). */
export const DOCKER_CAPABILITIES: readonly string[] = [
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_FSETID",
  "CAP_FOWNER",
  "CAP_MKNOD",
  "CAP_NET_RAW",
  "CAP_SETGID",
  "CAP_SETUID",
  "CAP_SETFCAP",
  "CAP_SETPCAP",
  "CAP_NET_BIND_SERVICE",
  "CAP_SYS_CHROOT",
  "CAP_KILL",
  "CAP_AUDIT_WRITE",
];

const sources = new WeakMap<ProfileDocument, { source: JsonSource; root: JsonNode }>();

/** Remembers where a document was read from, for `placeOf`. */
export function rememberSource(document: ProfileDocument, source: JsonSource, root: JsonNode): void {
  sources.set(document, { source, root });
}

/** Lets a document that was made from another answer `placeOf` as that one would. */
export function inheritSource<T extends ProfileDocument>(made: T, from: ProfileDocument): T {
  const origin = sources.get(from);
  if (origin !== undefined) sources.set(made, origin);
  return made;
}

/** Where a field was written, as near as the document knows: the whole path, or its longest part that exists. */
export function placeOf(document: ProfileDocument, path: FieldPath): Place {
  const origin = sources.get(document);
  const field = formatField(path);
  if (origin === undefined) return { field };
  return placeAt(origin.source, nodeAt(origin.root, path).offset, field);
}
