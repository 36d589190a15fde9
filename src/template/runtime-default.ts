import { type AbiName, ABIS } from "../abi/abi.ts";
import { dockerDefaultAllows } from "../abi/docker-default.ts";
import { syscallByName } from "../abi/syscalls.ts";
import { UsageError } from "../errors.ts";
import type { ArchName, Condition, Host, ProfileDocument, RuleDocument } from "../profile/document.ts";
import { kernelAtLeast, resolveForHost } from "../profile/host.ts";
import { cloneRule, enosysRule } from "./document.ts";

/** What Docker's default allows beyond a plain container's share for a capability. Source: DOCKER_DEFAULT_VERSION. */
const BY_CAPABILITY: Readonly<Record<string, string>> = {
  CAP_DAC_READ_SEARCH: "open_by_handle_at",
  CAP_SYS_ADMIN:
    "bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie lsm_get_self_attr lsm_list_modules lsm_set_self_attr mount mount_setattr move_mount open_tree perf_event_open quotactl quotactl_fd setdomainname sethostname setns syslog umount umount2 unshare",
  CAP_SYS_BOOT: "reboot",
  CAP_SYS_MODULE: "delete_module finit_module init_module",
  CAP_SYS_PACCT: "acct",
  CAP_SYS_PTRACE: "kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev ptrace",
  CAP_SYS_RAWIO: "ioperm iopl",
  CAP_SYS_TIME: "clock_settime clock_settime64 settimeofday stime",
  CAP_SYS_TTY_CONFIG: "vhangup",
  CAP_SYS_NICE: "get_mempolicy mbind set_mempolicy set_mempolicy_home_node",
  CAP_SYSLOG: "syslog",
  CAP_BPF: "bpf",
  CAP_PERFMON: "perf_event_open",
};

/** Only from Linux 4.8 on: before, a tracer could walk around seccomp. */
const SINCE_4_8: ReadonlySet<string> = new Set(["process_vm_readv", "process_vm_writev", "ptrace"]);

/** The ABIs that Docker adds to the native one. */
const WITH: Readonly<Partial<Record<AbiName, readonly AbiName[]>>> = {
  x86_64: ["i386", "x32"],
  aarch64: ["arm"],
  s390x: ["s390"],
  mipsel64: ["mipsel", "mipsel64n32"],
};

/** Every address family but AF_ALG (38) and AF_VSOCK (40). */
const SOCKETS: readonly Condition[] = [
  { index: 0, value: 38n, op: "SCMP_CMP_LT" },
  { index: 0, value: 39n, op: "SCMP_CMP_EQ" },
  { index: 0, value: 40n, op: "SCMP_CMP_GT" },
];
/** PER_LINUX, PER_LINUX32, each with UNAME26, and the question for the present one. */
const PERSONALITIES: readonly bigint[] = [0n, 8n, 0x2_0000n, 0x2_0008n, 0xffff_ffffn];

const allowWhen = (name: string, condition: Condition): RuleDocument => ({
  names: [name],
  action: "SCMP_ACT_ALLOW",
  args: [condition],
});

/** The calls that Docker's default allows on a host, those with conditions among them, sorted. */
function allowedOn(host: Host, abis: readonly AbiName[]): readonly string[] {
  const names = new Set(abis.flatMap(abi => [...dockerDefaultAllows(abi)]));
  if (!kernelAtLeast(host.kernel, "4.8")) for (const name of SINCE_4_8) names.delete(name);
  if (!host.capabilities.includes("CAP_SYS_CHROOT")) names.delete("chroot");
  for (const capability of host.capabilities) {
    for (const name of BY_CAPABILITY[capability]?.split(" ") ?? []) {
      if (abis.some(abi => syscallByName(abi, name) !== undefined)) names.add(name);
    }
  }
  return [...names].sort();
}

/**
 * What Docker's default profile resolves to on a host and for capabilities, without Docker's own extensions, so that
 * any runtime takes it. From the data of `abi/docker-default.ts`, or from a profile file such as Docker's default.json.
 * @throws UsageError for an architecture that Docker does not run on
 */
export function runtimeDefault(host: Host, from?: ProfileDocument): ProfileDocument {
  if (from !== undefined) return resolveForHost(from, host);
  if (dockerDefaultAllows(host.abi).size === 0)
    throw new UsageError(`Docker does not run on ${host.abi}, so there is no default of it`);
  const abis = [host.abi, ...(WITH[host.abi] ?? [])];
  const allowed = allowedOn(host, abis);
  const isAdmin = host.capabilities.includes("CAP_SYS_ADMIN");
  const conditional = new Set(["socket", "personality", ...(isAdmin ? [] : ["clone"])]);
  const architectures: readonly ArchName[] = ABIS.filter(({ name }) => abis.includes(name)).map(
    ({ scmp }) => scmp,
  );
  const rules: readonly RuleDocument[] = [
    { names: allowed.filter(name => !conditional.has(name)), action: "SCMP_ACT_ALLOW" },
    ...SOCKETS.map(condition => allowWhen("socket", condition)),
    ...PERSONALITIES.map(value => allowWhen("personality", { index: 0, value, op: "SCMP_CMP_EQ" })),
    ...(isAdmin ? [] : [cloneRule(host.abi), enosysRule(["clone3"])]),
  ];
  return {
    defaultAction: "SCMP_ACT_ERRNO",
    defaultErrnoRet: 1,
    architectures,
    syscalls: rules,
  };
}
