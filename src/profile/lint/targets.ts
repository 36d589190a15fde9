import type { ProfileDocument } from "../document.ts";
import { isSyscallName } from "../resolve.ts";
import { syscallNames } from "../../abi/syscalls.ts";
import { didYouMean } from "../../suggest.ts";
import { runtimeCalls } from "../runtime-base.ts";
import { nameAnswer } from "./answers.ts";
import { eachRule, type Found, type LintRule, type LintTarget } from "./rule.ts";
import { RUNC_SECCOMP } from "./sources.ts";

function extensions(document: ProfileDocument): readonly Found[] {
  const map =
    document.archMap === undefined
      ? []
      : [{ message: "archMap is ignored: only the host's own ABI is filtered", path: ["archMap"] }];
  const rules = eachRule(document, (rule, index) =>
    (["includes", "excludes"] as const).flatMap(field =>
      rule[field] === undefined || Object.keys(rule[field]).length === 0
        ? []
        : [
            {
              message: `${field} is ignored: the rule for ${rule.names.slice(0, 3).join(", ")}${rule.names.length > 3 ? ", …" : ""} always holds`,
              path: ["syscalls", index, field],
            },
          ],
    ),
  );
  return [...map, ...rules];
}

const PLAIN_READERS: readonly LintTarget[] = ["containerd"];

const dockerExtensions: LintRule = {
  id: "docker-extension-ignored",
  severity: "error",
  title: "The target ignores Docker's conditions",
  why: "containerd reads a Kubernetes Localhost profile as plain OCI and silently skips archMap, includes and excludes. Rules that Docker applies only with CAP_SYS_ADMIN, say, hold for every container.",
  source: {
    name: "OCI runtime specification, config-linux.md: fields of a syscall rule",
    url: "https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md#seccomp",
  },
  fix: "Resolve the conditions for the workload's capabilities first: `seccraft convert --to oci --cap …`.",
  check: ({ document, target }) =>
    target !== undefined && PLAIN_READERS.includes(target) ? extensions(document) : [],
};

const minKernel: LintRule = {
  id: "min-kernel-ignored",
  severity: "warning",
  title: "The target ignores minKernel",
  why: "Podman and CRI-O read Docker's includes and excludes, but not minKernel in them: the rule holds on every kernel.",
  source: {
    name: "containers/common, pkg/seccomp/types.go",
    url: "https://github.com/containers/common/blob/main/pkg/seccomp/types.go",
  },
  fix: "Resolve the condition for the kernel: `seccraft convert --to oci --kernel …`.",
  check: ({ document, target }) =>
    target === "podman" || target === "cri-o"
      ? eachRule(document, (rule, index) =>
          (["includes", "excludes"] as const).flatMap(field =>
            rule[field]?.minKernel === undefined
              ? []
              : [
                  {
                    message: `minKernel ${rule[field].minKernel} is ignored`,
                    path: ["syscalls", index, field, "minKernel"],
                  },
                ],
          ),
        )
      : [],
};

function isNamedKill(action: string): boolean {
  return action === "SCMP_ACT_KILL_PROCESS" || action === "SCMP_ACT_KILL_THREAD";
}

const killNames: LintRule = {
  id: "action-unknown-to-target",
  severity: "error",
  title: "The target does not know the action",
  why: "Podman's and CRI-O's reader of profiles has SCMP_ACT_KILL alone: SCMP_ACT_KILL_PROCESS and SCMP_ACT_KILL_THREAD are refused, and the container does not start.",
  source: {
    name: "containers/common, pkg/seccomp/conversion.go",
    url: "https://github.com/containers/common/blob/main/pkg/seccomp/conversion.go",
  },
  fix: "Write SCMP_ACT_KILL, which kills the thread, or SCMP_ACT_ERRNO.",
  check: ({ document, target }) => {
    if (target !== "podman" && target !== "cri-o") return [];
    const fallback = isNamedKill(document.defaultAction)
      ? [{ message: `${target} refuses ${document.defaultAction}`, path: ["defaultAction"] }]
      : [];
    const rules = eachRule(document, (rule, index) =>
      isNamedKill(rule.action)
        ? [{ message: `${target} refuses ${rule.action}`, path: ["syscalls", index, "action"] }]
        : [],
    );
    return [...fallback, ...rules];
  },
};

const unknownName: LintRule = {
  id: "unknown-syscall",
  severity: "warning",
  title: "No kernel has a syscall of this name",
  why: "runc ignores a name that libseccomp does not know, without a word. A call that was to be allowed is denied, or one that was to be denied goes by the default.",
  source: RUNC_SECCOMP,
  fix: "Correct the name, or remove it.",
  check: ({ document }) =>
    eachRule(document, (rule, index) =>
      rule.names.flatMap((name, at) =>
        isSyscallName(name)
          ? []
          : [
              {
                message: `${name} is no syscall${didYouMean(name, syscallNames())}`,
                path: ["syscalls", index, "names", at],
              },
            ],
      ),
    ),
};

/** Without these the runtime cannot even hand over to the program, whichever the version and the settings. */
const CORE: readonly string[] = [
  "execve",
  "exit_group",
  "close",
  "read",
  "write",
  "openat",
  "fstat",
  "newfstatat",
  "prctl",
];

function notAllowed(names: readonly string[]): string {
  return `not allowed: ${names.join(" ")}`;
}

const runtimeCallsMissing: LintRule = {
  id: "runtime-calls-missing",
  severity: "warning",
  title: "The container runtime's own calls are not all allowed",
  why: "runc and crun make calls between loading the filter and executing the program. What the profile denies of them fails the start of the container; how many there are depends on the version and on no_new_privs.",
  source: {
    name: "security-profiles-operator, base profiles",
    url: "https://github.com/kubernetes-sigs/security-profiles-operator/tree/main/examples",
  },
  fix: "Add the runtime's calls: `seccraft craft --runtime runc`, or merge a profile recorded with the runtime.",
  check: ({ profile, target }) => {
    if (profile === undefined || target === undefined || target === "systemd") return [];
    const lacking = (names: readonly string[]): string[] =>
      names.filter(name => nameAnswer(profile, profile.native, name) === "never");
    const core = lacking(CORE);
    const other = lacking(runtimeCalls("runc")).filter(name => !core.includes(name));
    return [
      ...(core.length === 0
        ? []
        : [{ severity: "error" as const, message: notAllowed(core), path: ["syscalls"] }]),
      ...(other.length === 0
        ? []
        : [{ severity: "note" as const, message: notAllowed(other), path: ["syscalls"] }]),
    ];
  },
};

/** About what the reader of the profile makes of it. */
export const TARGET_RULES: readonly LintRule[] = [
  dockerExtensions,
  minKernel,
  killNames,
  unknownName,
  runtimeCallsMissing,
];
