import type { AbiName } from "../../abi/abi.ts";
import { riskOf, riskyCalls } from "../../abi/risk.ts";
import { newerTwinsOf } from "../../abi/twins.ts";
import type { FieldPath } from "../../json/path.ts";
import type { ProfileDocument } from "../document.ts";
import { multiplexed } from "../multiplex.ts";
import type { Profile } from "../resolve.ts";
import { nameActions, nameAnswer } from "./answers.ts";
import { eachRule, type Found, type LintRule } from "./rule.ts";
import { usersWith } from "./versions.ts";

/** The first rule that names a call, or the list of rules. */
function ruleOf(document: ProfileDocument, name: string): FieldPath {
  const index = (document.syscalls ?? []).findIndex(rule => rule.names.includes(name));
  return index === -1 ? ["syscalls"] : ["syscalls", index];
}

function isOpen(profile: Profile, name: string, abi: AbiName = profile.native): boolean {
  return ["always", "sometimes"].includes(nameAnswer(profile, abi, name));
}

/** Whether libc's first try at a call fails for good: denied, and not with ENOSYS. */
function deniedForGood(profile: Profile, name: string): boolean {
  const actions = nameActions(profile, profile.native, name);
  return actions !== undefined && actions.every(action => action.kind === "errno" && action.errno !== 38);
}

const missingExit: LintRule = {
  id: "missing-exit-calls",
  severity: "error",
  title: "A program could not end, or not come back from a signal",
  why: "Without exit_group and exit a program that wants to end runs into an endless loop at full load; without rt_sigreturn it dies at its first signal, without restart_syscall after being stopped and continued.",
  source: { name: "kubernetes #85191", url: "https://github.com/kubernetes/kubernetes/issues/85191" },
  fix: "Allow exit, exit_group, rt_sigreturn and restart_syscall.",
  check: ({ document, profile }) => {
    if (profile === undefined) return [];
    const missing = ["exit", "exit_group", "rt_sigreturn", "restart_syscall"].filter(
      name => nameAnswer(profile, profile.native, name) === "never",
    );
    if (missing.length === 0) return [];
    const severity = missing.includes("exit_group") || missing.includes("rt_sigreturn") ? "error" : "warning";
    return [
      {
        message: `not allowed: ${missing.join(" ")}`,
        path: ruleOf(document, "execve").slice(0, 1),
        severity,
      },
    ];
  },
};

/** Who makes threads by clone3 and takes EPERM for final. */
const CLONE3_USERS = newerTwinsOf("clone").find(pair => pair.newer === "clone3")?.fallback?.by ?? "";

const cloneBypass: LintRule = {
  id: "clone3-bypasses-clone",
  severity: "error",
  title: "clone is filtered by its flags and clone3 is not",
  why: "clone3 takes its flags from memory, where seccomp cannot look. Allowed beside a filtered clone it makes the namespaces that the filter was to prevent; answered with EPERM it makes glibc 2.34 and newer fail to start threads.",
  source: { name: "moby #42680", url: "https://github.com/moby/moby/issues/42680" },
  fix: "Answer clone3 with ENOSYS (errnoRet 38): C libraries then use clone.",
  check: ({ document, profile, libc }) => {
    if (profile === undefined || nameAnswer(profile, profile.native, "clone") !== "sometimes") return [];
    if (isOpen(profile, "clone3")) {
      return [
        {
          message: "clone3 is allowed, which makes the conditions on clone pointless",
          path: ruleOf(document, "clone3"),
        },
      ];
    }
    return deniedForGood(profile, "clone3") && usersWith(libc, CLONE3_USERS).length > 0
      ? [
          {
            message: "clone3 answers an errno that C libraries take for final",
            path: ruleOf(document, "clone"),
            severity: "warning",
          },
        ]
      : [];
  },
};

const twinDenied: LintRule = {
  id: "newer-twin-denied",
  severity: "warning",
  title: "A newer call is denied for good while the older one is allowed",
  why: "C libraries and programs try the newer call first and fall back to the older one when the answer is ENOSYS. EPERM they take for final: the program fails although what it needs is allowed.",
  source: { name: "moby #41381", url: "https://github.com/moby/moby/issues/41381" },
  fix: "Allow the newer call, or answer it with ENOSYS (errnoRet 38): `seccraft port --libc-safe`.",
  check: ({ document, profile, libc }) => {
    if (profile === undefined) return [];
    const found = new Map<string, Found>();
    const names = new Set((document.syscalls ?? []).flatMap(rule => rule.names));
    for (const older of [...names].sort()) {
      if (!isOpen(profile, older)) continue;
      for (const { newer, fallback } of newerTwinsOf(older)) {
        if (
          fallback === undefined ||
          found.has(newer) ||
          newer === "clone3" ||
          !deniedForGood(profile, newer)
        )
          continue;
        const users = usersWith(libc, fallback.by);
        if (users.length === 0) continue;
        const falls = users.length === 1 ? "falls" : "fall";
        const message = `${newer} is denied, ${older} is allowed; ${users.join(", ")} ${falls} back on ENOSYS only`;
        found.set(newer, { message, path: ruleOf(document, older) });
      }
    }
    return [...found.values()];
  },
};

const ioUring: LintRule = {
  id: "io-uring-walks-around",
  severity: "error",
  title: "io_uring does what the profile forbids",
  why: "Through io_uring a process opens, reads and sends without the syscalls that the filter looks at. A profile that allows it and denies some of them does not deny them.",
  source: { name: "moby #46762", url: "https://github.com/moby/moby/pull/46762" },
  fix: "Do not allow io_uring_setup, io_uring_enter and io_uring_register; programs fall back.",
  check: ({ document, profile }) => {
    if (profile === undefined || !isOpen(profile, "io_uring_setup") || !isOpen(profile, "io_uring_enter"))
      return [];
    const blocked = [
      "openat",
      "connect",
      "socket",
      "accept4",
      "sendmsg",
      "recvmsg",
      "unlinkat",
      "mkdirat",
      "renameat2",
    ].filter(name => nameAnswer(profile, profile.native, name) !== "always");
    if (blocked.length === 0) return [];
    return [
      {
        message: `io_uring stands for ${blocked.join(", ")}, which the profile restricts`,
        path: ruleOf(document, "io_uring_setup"),
      },
    ];
  },
};

const socketcall: LintRule = {
  id: "socketcall-walks-around",
  severity: "error",
  title: "socketcall or ipc walks around conditions",
  why: "On i386, s390 and MIPS o32 all socket calls also go through socketcall, whose arguments lie in memory; ipc does the same for System V calls. Allowed as a whole it makes conditions on socket pointless, and libseccomp itself compares other arguments there than were meant.",
  source: {
    name: "libseccomp, abi_rule_add in src/syscalls.c",
    url: "https://github.com/seccomp/libseccomp/blob/main/src/syscalls.c",
  },
  fix: "Do not list the 32-bit architecture, or deny socketcall there.",
  check: ({ document, profile }) => {
    if (profile === undefined) return [];
    const conditional = new Set(
      (document.syscalls ?? []).flatMap(rule => ((rule.args ?? []).length === 0 ? [] : rule.names)),
    );
    const found: Found[] = [];
    for (const abi of profile.abis.keys()) {
      for (const name of [...conditional].sort()) {
        const way = multiplexed(abi, name);
        if (
          way === undefined ||
          nameAnswer(profile, abi, name) === "always" ||
          !isOpen(profile, way.through, abi)
        )
          continue;
        found.push({
          message: `${way.through} on ${abi} lets ${name} through past the conditions on it`,
          path: ruleOf(document, name),
        });
      }
    }
    return found;
  },
};

const s390Clone: LintRule = {
  id: "clone-flags-on-s390",
  severity: "error",
  title: "clone's flags are another argument on s390",
  why: "On s390 and s390x the flags of clone are argument 1, elsewhere argument 0. One rule for all architectures looks at the stack address there.",
  source: { name: "Linux manual, clone(2)", url: "https://man7.org/linux/man-pages/man2/clone.2.html" },
  fix: "Write two rules, in Docker's form, with includes and excludes for s390 and s390x.",
  check: ({ document, profile }) => {
    if (profile === undefined || ![...profile.abis.keys()].some(abi => abi === "s390" || abi === "s390x"))
      return [];
    return eachRule(document, (rule, index) => {
      const looks =
        rule.names.includes("clone") && (rule.args ?? []).some(condition => condition.index === 0);
      const spared = rule.excludes?.arches?.some(arch => arch.startsWith("s390")) === true;
      return looks && !spared
        ? [
            {
              message: "argument 0 of clone is the stack here, the flags are argument 1",
              path: ["syscalls", index, "args"],
            },
          ]
        : [];
    });
  },
};

const highRisk: LintRule = {
  id: "high-risk-call",
  severity: "warning",
  title: "A call is allowed that few workloads need and attackers like",
  why: "Each of these calls has a record of escapes or of leaks about the host. What each allows, and the source for it, is in the message.",
  source: { name: "Docker documentation, seccomp", url: "https://docs.docker.com/engine/security/seccomp/" },
  fix: "Remove it from the profile, or say in the rule's comment why the workload needs it: `seccraft-ignore high-risk-call: REASON`.",
  check: ({ document, profile }) => {
    if (profile === undefined) return [];
    return riskyCalls().flatMap(name => {
      const risk = riskOf(name);
      const answer = nameAnswer(profile, profile.native, name);
      if (risk?.level !== "high" || answer === "never" || answer === "absent") return [];
      const how = answer === "sometimes" ? " with some arguments" : "";
      return [
        {
          message: `${name} is allowed${how}: ${risk.why} (${risk.source.url})`,
          path: ruleOf(document, name),
        },
      ];
    });
  },
};

/** About which calls are allowed. */
export const CALL_RULES: readonly LintRule[] = [
  missingExit,
  cloneBypass,
  twinDenied,
  ioUring,
  socketcall,
  s390Clone,
  highRisk,
];
