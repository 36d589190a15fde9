import type { AbiName } from "../abi/abi.ts";

/** A way to learn which syscalls a target needs. */
export type SourceKind =
  | "ebpf"
  | "notify"
  | "static"
  | "strace"
  | "kernel-log"
  | "audit"
  | "brute-force"
  | "template"
  | "profile"
  | "operator-log"
  /** Nothing looked: the target ran under the real filter, which tells no more than that it worked. */
  | "filter";

export type Phase = "runtime" | "startup" | "serving" | "shutdown";

/** What is profiled. */
export type Target =
  | { readonly kind: "command"; readonly argv: readonly string[]; readonly directory?: string }
  | { readonly kind: "file"; readonly path: string; readonly sha256?: string; readonly buildId?: string }
  | { readonly kind: "process"; readonly pid: number; readonly executable?: string }
  | { readonly kind: "cgroup"; readonly path: string }
  | { readonly kind: "image"; readonly name: string; readonly digest?: string }
  | { readonly kind: "container"; readonly id: string; readonly image?: string }
  | { readonly kind: "log"; readonly path: string };

/** One look at a target by one source. Everything else refers to it by `id`. */
export interface Run {
  /** Unique in the world for recordings; for deterministic sources a hash of what was read. */
  readonly id: string;
  readonly source: SourceKind;
  readonly purpose: "observe" | "verify" | "enforce" | "analyze" | "import" | "minimize";
  readonly target: Target;
  /** `seccraft 0.1.0`. */
  readonly tool: string;
  /** ISO 8601, UTC; absent for deterministic sources. */
  readonly started?: string;
  /** False while a recording is under way, and for ever when it was killed: what is in it is true, but there may be more. */
  readonly finished: boolean;
  readonly environment?: Environment;
  /** Seconds from start to the end of what is in here. */
  readonly seconds?: number;
}

export interface Environment {
  /** `uname -r`. */
  readonly kernel?: string;
  readonly machine?: string;
  /** `glibc 2.36`, `musl 1.2.5`, as far as known. */
  readonly libc?: string;
  readonly user?: number;
  readonly noNewPrivileges?: boolean;
}

/** Values that one argument was seen with. */
export interface ArgumentValues {
  /** 0 to 5. */
  readonly index: number;
  /** Unsigned 64-bit values as `0x…`, lower case, ascending. */
  readonly values: readonly string[];
  /** False when there were more than the source keeps, or values that it could not find out. */
  readonly complete: boolean;
}

/** A step of a call path, the outermost first, or the place of the call itself. */
export interface CallSite {
  readonly file: string;
  /** Virtual address in the file as `0x…`. */
  readonly address?: string;
  readonly function?: string;
}

/**
 * One syscall on one ABI, seen in one run, in one phase, made by one executable.
 * Run, ABI, number, phase and executable are its identity (`Evidence` holds each at most once), together with
 * `entry`, `label` and `reason`.
 */
export interface Observation {
  readonly run: string;
  readonly abi: AbiName;
  readonly number: number;
  /** By our tables, `syscall_NUMBER` where they have no name. */
  readonly syscall: string;
  readonly phase?: Phase;
  /** Path of the executable or library that made it, inside the target's own file system. */
  readonly executable?: string;
  /** It was made by a process, or a descendant of one, that entered a container that ran already: `docker exec`, a health check. */
  readonly entry?: "exec";
  /** Why it belongs to the target although nobody's code asks for it: what always comes along. */
  readonly label?: "loader" | "vdso" | "signal-return" | "restart" | "container-runtime";
  /** How it came in, when not by simply being seen. */
  readonly reason?: "denied-in-verification" | "denied-by-active-filter";
  readonly count?: number;
  /** Seconds after the run's start. */
  readonly firstSeen?: number;
  /** Errno names and how often; absent when the source does not see results, empty when all went well. */
  readonly errnos?: Readonly<Record<string, number>>;
  readonly arguments?: readonly ArgumentValues[];
  /**
   * From static analysis: how many library functions a call passes between the program's own code and the site,
   * by calls alone; absent when only other ways lead there. See src/static/distance.ts.
   */
  readonly distance?: number;
  /**
   * From static analysis of an interpreter whose scripts were read: they ask for the call by name, or neither they nor
   * what they load ask for it, and it is made for nobody else. See src/static/scripts/asked-by-name.ts.
   */
  readonly inScripts?: "named" | "absent";
  /** One shortest path from a root of the program, outermost first, the site of the syscall last. */
  readonly path?: readonly CallSite[];
}

/** Something a source could not find out. `run`, `kind`, `reason` and `place` are its identity. */
export interface Gap {
  readonly run: string;
  readonly kind:
    | "unresolved-site"
    | "unknown-dlopen"
    | "unknown-dlsym"
    /** Other programs can write to memory of it, and may keep locks there that need more calls. */
    | "shared-memory"
    | "script"
    | "lost-events"
    | "not-watched"
    | "results-unseen"
    | "active-filter"
    | "set-uid"
    | "nested-listener"
    | "capped"
    | "killed"
    | "unreadable"
    | "executes"
    /** A call failed because its process lacked one of `capabilities`. */
    | "capability"
    /** The source does not see for want of which capabilities calls fail. */
    | "capabilities-unseen";
  /** One sentence: what is not known and why. */
  readonly reason: string;
  readonly place?: CallSite;
  readonly path?: readonly CallSite[];
  /** What the user can do about it. */
  readonly remedy?: string;
  /** How many lines, events or sites, at least, where the source can count them; `reason` then holds no number. */
  readonly count?: number;
  /** `CAP_…`, sorted; any one of them may be enough. */
  readonly capabilities?: readonly string[];
}

/**
 * Everything known about which syscalls a target needs. Merging is a join; nothing loses its provenance.
 * In canonical form the lists are sorted and hold no duplicates.
 */
export interface Evidence {
  readonly seccraft: "evidence/1";
  readonly runs: readonly Run[];
  readonly observations: readonly Observation[];
  readonly gaps: readonly Gap[];
}
