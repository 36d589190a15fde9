import { ABIS } from "../../abi/abi.ts";
import { syscallByName } from "../../abi/syscalls.ts";
import { kernelAtLeast } from "../host.ts";
import type { ActionName, FlagName, ProfileDocument } from "../document.ts";
import { eachRule, type Found, type LintContext, type LintRule } from "./rule.ts";
import { type Component, isOlder, kernelOfLibseccomp } from "./versions.ts";

type Field = "errnoRet" | "defaultErrnoRet" | "listenerPath" | "listenerMetadata";

/** Something that a component understands since a version. */
interface Feature {
  readonly component: Component;
  readonly since: string;
  readonly what: readonly (ActionName | FlagName | Field | "flags")[];
  /** What an older version does with it. */
  readonly before: "ignores" | "refuses";
}

/**
 * Sources: CHANGELOG.md and history of runc (libcontainer/seccomp/config.go, specconv), NEWS of crun, moby #42604,
 * CHANGELOG of libseccomp, seccomp(2) of the Linux manual.
 */
const FEATURES: readonly Feature[] = [
  { component: "runc", since: "1.0.0-rc9", what: ["SCMP_ACT_LOG"], before: "refuses" },
  { component: "runc", since: "1.0.0-rc91", what: ["errnoRet"], before: "ignores" },
  { component: "runc", since: "1.0.0-rc95", what: ["defaultErrnoRet"], before: "ignores" },
  {
    component: "runc",
    since: "1.1.0",
    what: ["SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_NOTIFY"],
    before: "refuses",
  },
  { component: "runc", since: "1.2.0", what: ["flags"], before: "refuses" },
  {
    component: "runc",
    since: "1.5.0",
    what: ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"],
    before: "refuses",
  },
  { component: "crun", since: "0.14", what: ["errnoRet"], before: "ignores" },
  { component: "crun", since: "0.15", what: ["SCMP_ACT_LOG", "SCMP_ACT_KILL_THREAD"], before: "refuses" },
  { component: "crun", since: "0.19", what: ["defaultErrnoRet", "listenerPath"], before: "ignores" },
  {
    component: "docker",
    since: "23.0",
    what: ["defaultErrnoRet", "listenerPath", "listenerMetadata"],
    before: "ignores",
  },
  {
    component: "libseccomp",
    since: "2.4.0",
    what: ["SCMP_ACT_KILL_PROCESS", "SCMP_ACT_LOG"],
    before: "refuses",
  },
  { component: "libseccomp", since: "2.5.0", what: ["SCMP_ACT_NOTIFY"], before: "refuses" },
  {
    component: "libseccomp",
    since: "2.6.0",
    what: ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"],
    before: "refuses",
  },
  {
    component: "kernel",
    since: "4.14",
    what: ["SCMP_ACT_KILL_PROCESS", "SCMP_ACT_LOG", "SECCOMP_FILTER_FLAG_LOG"],
    before: "refuses",
  },
  { component: "kernel", since: "4.17", what: ["SECCOMP_FILTER_FLAG_SPEC_ALLOW"], before: "refuses" },
  { component: "kernel", since: "5.0", what: ["SCMP_ACT_NOTIFY"], before: "refuses" },
  {
    component: "kernel",
    since: "5.19",
    what: ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"],
    before: "refuses",
  },
];

/** Where a document uses something; each place once. */
function uses(document: ProfileDocument, what: Feature["what"][number]): Found[] {
  const found: Found[] = [];
  const add = (path: Found["path"]): number => found.push({ message: what, path });
  if (document.defaultAction === what) add(["defaultAction"]);
  if (what === "flags" && (document.flags ?? []).length > 0) add(["flags"]);
  for (const [index, flag] of (document.flags ?? []).entries()) if (flag === what) add(["flags", index]);
  if (what !== "errnoRet" && what !== "flags" && Object.hasOwn(document, what)) add([what]);
  for (const [index, rule] of (document.syscalls ?? []).entries()) {
    if (rule.action === what) add(["syscalls", index, "action"]);
    else if (what === "errnoRet" && rule.errnoRet !== undefined) add(["syscalls", index, "errnoRet"]);
  }
  return found;
}

function versionOf({ versions, host }: LintContext, component: Component): string | undefined {
  return component === "kernel" ? host.kernel : versions[component];
}

/** EPERM is what they answer anyway. */
function isUsual(document: ProfileDocument, { path }: Found): boolean {
  if (path[0] === "defaultErrnoRet") return document.defaultErrnoRet === 1;
  return path[2] === "errnoRet" && document.syscalls?.[Number(path[1])]?.errnoRet === 1;
}

const tooNew: LintRule = {
  id: "too-new-for-version",
  severity: "error",
  title: "A version that reads the profile does not know what it uses",
  why: "Actions, errno numbers and flags came to runtimes, libseccomp and the kernel one by one. An older version refuses the profile, so that the container does not start, or passes over a number in silence and answers EPERM.",
  source: {
    name: "runc, CHANGELOG.md",
    url: "https://github.com/opencontainers/runc/blob/main/CHANGELOG.md",
  },
  fix: "Update what is too old, or write the profile without it: SCMP_ACT_KILL for KILL_PROCESS, a rule with errnoRet for defaultErrnoRet.",
  check: context =>
    FEATURES.filter(({ component, since }) => isOlder(versionOf(context, component), since)).flatMap(
      ({ component, since, what, before }) =>
        what
          .flatMap(each => uses(context.document, each))
          .filter(found => before === "refuses" || !isUsual(context.document, found))
          .map(
            ({ message, path }): Found => ({
              message: `${component} ${versionOf(context, component)} ${before} ${message}, which came with ${since}`,
              path,
              severity: before === "refuses" ? "error" : "warning",
            }),
          ),
    ),
};

function sinceOf(name: string): string | undefined {
  for (const abi of ABIS) {
    const call = syscallByName(abi.name, name);
    if (call !== undefined) return call.since;
  }
  return undefined;
}

const tooNewName: LintRule = {
  id: "syscall-unknown-to-libseccomp",
  severity: "warning",
  title: "This version of libseccomp does not know the syscall",
  why: "libseccomp knows syscalls by tables of its own. Runtimes ignore a name that it does not know without a word: the call goes by the default although the profile allows it, whatever the kernel can do.",
  source: {
    name: "libseccomp, CHANGELOG",
    url: "https://github.com/seccomp/libseccomp/blob/main/CHANGELOG",
  },
  fix: "Update libseccomp on the host; or make the default errno 38 (ENOSYS), which lets C libraries fall back.",
  check: ({ document, versions }) => {
    const { libseccomp } = versions;
    const kernel = libseccomp === undefined ? undefined : kernelOfLibseccomp(libseccomp);
    if (kernel === undefined) return [];
    return eachRule(document, (rule, index) =>
      rule.names.flatMap((name, at) => {
        const since = sinceOf(name);
        if (since === undefined || kernelAtLeast(kernel, since)) return [];
        const message = `libseccomp ${libseccomp} knows the calls of Linux ${kernel}, ${name} came with ${since}`;
        return [{ message, path: ["syscalls", index, "names", at] }];
      }),
    );
  },
};

const beyondSystemd: LintRule = {
  id: "beyond-systemd",
  severity: "error",
  title: "SystemCallFilter= cannot say this",
  why: "systemd's filter knows names and errno numbers. It has no conditions on arguments, and besides allowing and denying no answers such as logging or tracing.",
  source: {
    name: "systemd.exec(5), SystemCallFilter=",
    url: "https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#SystemCallFilter=",
  },
  fix: "Allow or deny the call whatever its arguments, or have the service load the filter itself.",
  check: ({ document, target }) =>
    target === "systemd"
      ? eachRule(document, (rule, index) => [
          ...((rule.args ?? []).length === 0
            ? []
            : [
                {
                  message: `conditions on arguments of ${rule.names.join(", ")}`,
                  path: ["syscalls", index, "args"],
                },
              ]),
          ...(["SCMP_ACT_TRAP", "SCMP_ACT_TRACE", "SCMP_ACT_NOTIFY"].includes(rule.action)
            ? [
                {
                  message: `${rule.action} for ${rule.names.join(", ")}`,
                  path: ["syscalls", index, "action"],
                },
              ]
            : []),
        ])
      : [],
};

/** About the versions and the kind of what reads the profile. */
export const RELEASE_RULES: readonly LintRule[] = [tooNew, tooNewName, beyondSystemd];
