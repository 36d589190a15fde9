import type { ConstantSet } from "./constants.ts";

/** What the values of an argument mean. */
export interface Domain {
  /** Bits that the kernel looks at: 32 for an `int`, whose sign may be spread over the upper half. */
  readonly bits: 32 | 64;
  /** Fields of which each holds one value of a set, shifted nowhere: the set's values lie within the mask. */
  readonly fields: readonly { readonly mask: bigint; readonly set: ConstantSet }[];
  /** Sets whose values are or-ed together. */
  readonly flags: readonly ConstantSet[];
  /** Where the field's low bits are file permissions, written in octal. */
  readonly mode?: true;
  /** What names stand for depends on another argument: its index, its own set, and by its name the set here. */
  readonly depends?: {
    readonly on: number;
    readonly by: ConstantSet;
    readonly sets: Readonly<Record<string, ConstantSet>>;
  };
}

/** The whole argument. */
const ALL = 0xffff_ffff_ffff_ffffn;

function one(set: ConstantSet, bits: 32 | 64 = 32): Domain {
  return { bits, fields: [{ mask: ALL, set }], flags: [] };
}

function flags(...sets: ConstantSet[]): Domain {
  return { bits: 32, fields: [], flags: sets };
}

function mixed(set: ConstantSet, mask: bigint, ...sets: ConstantSet[]): Domain {
  return { bits: 32, fields: [{ mask, set }], flags: sets };
}

function long(domain: Domain): Domain {
  return { ...domain, bits: 64 };
}

const int: Domain = { bits: 32, fields: [], flags: [] };

/** By the name that call-domains.ts uses. A set that is a domain of its own, `one` or `flags`, keeps its name. */
export const DOMAINS: Readonly<Record<string, Domain>> = {
  int,
  mode: { bits: 32, fields: [{ mask: 0xf000n, set: "fmt" }], flags: [], mode: true },
  af: one("af"),
  sock: mixed("sock", 0xfn, "sock_flag"),
  sock_flag: flags("sock_flag"),
  protocol: {
    ...int,
    depends: { on: 0, by: "af", sets: { AF_INET: "ipproto", AF_INET6: "ipproto", AF_NETLINK: "netlink" } },
  },
  sol: one("sol"),
  optname: {
    ...int,
    depends: {
      on: 1,
      by: "sol",
      sets: {
        SOL_SOCKET: "so",
        SOL_TCP: "tcp",
        SOL_IP: "ip",
        SOL_IPV6: "ip6",
        SOL_UDP: "udp",
        SOL_PACKET: "packet",
        SOL_NETLINK: "netlink_opt",
        SOL_ALG: "alg",
        SOL_TLS: "tls",
      },
    },
  },
  msg: flags("msg"),
  shut: one("shut"),
  prot: long(flags("prot")),
  map: long({
    bits: 32,
    fields: [
      { mask: 0xbn, set: "map_type" },
      { mask: 0xfc00_0000n, set: "map_huge" },
    ],
    flags: ["map"],
  }),
  mremap: long(flags("mremap")),
  madv: one("madv"),
  ms_sync: flags("ms_sync"),
  mcl: flags("mcl"),
  mlock: flags("mlock"),
  clone: long(mixed("signal", 0xffn, "clone")),
  unshare: long(flags("clone", "clone_time")),
  setns: flags("clone", "clone_time"),
  open: mixed("acc", 3n, "open"),
  open_flags: flags("open"),
  at_stat: flags("at_stat"),
  at_access: flags("at_access"),
  at_unlink: flags("at_unlink"),
  at_link: flags("at_link"),
  at_path: flags("at_path"),
  execveat: flags("execveat"),
  access: flags("access"),
  fcntl: one("fcntl"),
  ioctl: one("ioctl"),
  futex: mixed("futex", 0x7fn, "futex_flag"),
  futex2: mixed("futex2_size", 3n, "futex2"),
  prctl: one("prctl"),
  arch_prctl: one("arch_prctl"),
  bpf: one("bpf"),
  seccomp: one("seccomp"),
  seccomp_flag: flags("seccomp_flag"),
  ptrace: one("ptrace", 64),
  mount: long(flags("mount")),
  umount: flags("umount"),
  epoll_ctl: one("epoll_ctl"),
  epoll: flags("epoll"),
  efd: flags("efd"),
  sfd: flags("sfd"),
  tfd: flags("tfd_create"),
  tfd_time: flags("tfd_time"),
  inotify_init: flags("inotify_init"),
  inotify: flags("inotify"),
  fan_init: mixed("fan_class", 0xcn, "fan_init"),
  fan_mark: flags("fan_mark"),
  mfd: flags("mfd"),
  secretmem: flags("secretmem"),
  grnd: flags("grnd"),
  flock: flags("flock"),
  seek: one("seek"),
  idtype: one("idtype"),
  wait: flags("wait"),
  sigmask: one("sigmask"),
  signal: one("signal"),
  rlimit: one("rlimit"),
  itimer: one("itimer"),
  prio: one("prio"),
  clock: one("clock"),
  clockflag: flags("clockflag"),
  rusage: one("rusage"),
  keyctl: one("keyctl"),
  socketcall: one("socketcall"),
  ipc: mixed("ipc", 0xffffn),
  ipc_get: { ...flags("ipc_get"), mode: true },
  shm_get: { ...flags("shm_get"), mode: true },
  shm: flags("shm"),
  shmctl: one("shmctl"),
  semctl: one("semctl"),
  msgctl: one("msgctl"),
  membarrier: one("membarrier"),
  membarrier_flag: flags("membarrier_flag"),
  sched: mixed("sched", 0xfn, "sched_reset"),
  ioprio: one("ioprio"),
  kcmp: one("kcmp"),
  kexec: long(flags("kexec")),
  kexec_file: long(flags("kexec_file")),
  module: flags("module"),
  delete_module: flags("delete_module"),
  perf: long(flags("perf")),
  pidfd: flags("pidfd"),
  pidfd_signal: flags("pidfd_signal"),
  personality: mixed("per", 0xffn, "per_flag"),
  reboot: one("reboot"),
  rename: flags("rename"),
  rwf: flags("rwf"),
  splice: flags("splice"),
  swap: flags("swap"),
  sync_range: flags("sync_range"),
  syslog: one("syslog"),
  uffd: flags("uffd"),
  mpol: mixed("mpol", 0x1fffn, "mpol_flag"),
  mpol_get: long(flags("mpol_get")),
  fadv: one("fadv"),
  falloc: flags("falloc"),
  close_range: flags("close_range"),
  landlock: flags("landlock"),
  landlock_rule: one("landlock_rule"),
  uring_register: one("uring_register"),
  uring_enter: flags("uring_enter"),
  fsconfig: one("fsconfig"),
  fsmount: flags("fsmount"),
  mount_attr: flags("mount_attr"),
  fsopen: flags("fsopen"),
  fspick: flags("fspick"),
  mount_setattr: flags("mount_setattr"),
  move_mount: flags("move_mount"),
  open_tree: flags("open_tree"),
  xattr: flags("xattr"),
  pkey: long(flags("pkey")),
  rseq: flags("rseq"),
  name_to_handle: flags("name_to_handle"),
  dirfd: one("dirfd"),
};
