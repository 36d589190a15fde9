import type { LintTarget } from "./rule.ts";

/** What a profile passes through on its way into the kernel, and what runs under it. */
export const COMPONENTS = ["runc", "crun", "youki", "docker", "libseccomp", "kernel"] as const;
export type Component = (typeof COMPONENTS)[number];

/** The C library of the programs that run under a profile. */
export interface Libc {
  readonly name: "glibc" | "musl";
  readonly version: string;
}

/** Versions that are known; whatever is absent is taken for current. */
export type Versions = Readonly<Partial<Record<Component, string>>>;

/** runc's first version that answers ENOSYS for numbers above all that a profile names (`seccomp/patchbpf`). */
const STUB_SINCE = "1.0.0-rc93";

/**
 * Compares versions such as `2.5.4`, `1.0.0-rc93` and `20.10.24+dfsg1`: numbers by numbers, a release candidate before
 * its release. Negative, 0 or positive.
 */
function compareVersions(a: string, b: string): number {
  const [x, y] = [versionParts(a), versionParts(b)];
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    const difference = (x[i] ?? 0) - (y[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Three numbers, then that of the release candidate, which for the release itself is beyond all. */
function versionParts(text: string): number[] {
  const [, numbers = "", candidate] = /^v?(\d+(?:\.\d+)*)(?:[-~.]?rc\.?(\d+))?/.exec(text) ?? [];
  const parts = numbers.split(".").map(Number);
  while (parts.length < 3) parts.push(0);
  return [...parts.slice(0, 3), candidate === undefined ? Number.MAX_SAFE_INTEGER : Number(candidate)];
}

/** Whether a text begins as a version does. */
export function isVersion(text: string): boolean {
  return /^v?\d+(?:\.\d+)*(?:[-+~._].*)?$/.test(text);
}

/** Whether a version is known and older than another one. */
export function isOlder(version: string | undefined, than: string): boolean {
  return version !== undefined && compareVersions(version, than) < 0;
}

/** The OCI runtime that loads the filter: the one whose version is given, else what the target uses by default. */
export function runtimeOf(target: LintTarget | undefined, versions: Versions): "runc" | "crun" | "youki" {
  const given = (["runc", "crun", "youki"] as const).find(name => versions[name] !== undefined);
  return given ?? (target === "podman" || target === "cri-o" ? "crun" : "runc");
}

/** Whether numbers above all that the profile names are answered with ENOSYS: by runc since 1.0.0-rc93 alone. */
export function hasEnosysStub(target: LintTarget | undefined, versions: Versions): boolean {
  if (target === "systemd") return false;
  return runtimeOf(target, versions) === "runc" && !isOlder(versions.runc, STUB_SINCE);
}

/** Kernels up to which libseccomp's releases know syscalls (its CHANGELOG), newest first. */
const LIBSECCOMP_TABLES: readonly (readonly [libseccomp: string, kernel: string])[] = [
  ["2.6.1", "7.1"],
  ["2.5.6", "6.13"],
  ["2.5.5", "6.7"],
  ["2.5.4", "5.17"],
  ["2.5.3", "5.15"],
  ["2.5.2", "5.14"],
  ["2.5.0", "5.8"],
  ["2.4.2", "5.4"],
  ["2.4.0", "5.0"],
  ["2.3.3", "4.15"],
];

/** The kernel whose syscalls a libseccomp knows; undefined for versions that nobody uses any more. */
export function kernelOfLibseccomp(version: string): string | undefined {
  return LIBSECCOMP_TABLES.find(([since]) => compareVersions(version, since) >= 0)?.[1];
}

/**
 * Those of `glibc 2.34, musl 1.2, coreutils 8.31` that a libc leaves: it does not do what a newer version or another
 * library does; programs that are no C library stay.
 */
export function usersWith(libc: Libc | undefined, users: string): string[] {
  return users.split(/,\s*/).filter(user => {
    const [, name, version = ""] = /^(glibc|musl) (\S+)$/.exec(user) ?? [];
    if (libc === undefined || name === undefined) return true;
    return name === libc.name && compareVersions(libc.version, version) >= 0;
  });
}
