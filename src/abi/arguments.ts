import { type AbiName, abiByName } from "./abi.ts";
import { type Constant, type ConstantSet, constantsOf, type Flags, flagsOf } from "./constants.ts";
import { domainAt } from "./call-domains.ts";
import type { Domain } from "./domains.ts";
import { syscallByName } from "./syscalls.ts";

/**
 * Arguments that take few values and say much about what a call does: indexes by syscall name, as on x86_64.
 * Worth recording as a set of values, and worth a condition in a profile. Pointers, descriptors, sizes, process
 * ids and addresses are left out.
 */
export const RECORDED_ARGUMENTS: Readonly<Record<string, readonly number[]>> = {
  accept4: [3],
  access: [1],
  arch_prctl: [0],
  bpf: [0],
  clock_adjtime: [0],
  clock_getres: [0],
  clock_gettime: [0],
  clock_gettime64: [0],
  clock_nanosleep: [0, 1],
  clock_nanosleep_time64: [0, 1],
  clock_settime: [0],
  clone: [0],
  close_range: [2],
  delete_module: [1],
  dup3: [2],
  epoll_create1: [0],
  epoll_ctl: [1],
  eventfd2: [1],
  execveat: [4],
  faccessat: [2],
  faccessat2: [2, 3],
  fadvise64: [3],
  fallocate: [1],
  fanotify_init: [0, 1],
  fanotify_mark: [1],
  fchmodat2: [3],
  fchownat: [4],
  fcntl: [1],
  fcntl64: [1],
  finit_module: [2],
  flock: [1],
  fsconfig: [1],
  fsmount: [1, 2],
  fsopen: [1],
  futex: [1],
  futex_time64: [1],
  get_mempolicy: [4],
  getitimer: [0],
  getpriority: [0],
  getrandom: [2],
  getrlimit: [0],
  getrusage: [0],
  getsockopt: [1, 2],
  inotify_add_watch: [2],
  inotify_init1: [0],
  io_uring_register: [1],
  io_uring_enter: [3],
  ioctl: [1],
  ioprio_get: [0],
  ioprio_set: [0],
  ipc: [0],
  kcmp: [2],
  kexec_file_load: [4],
  kexec_load: [3],
  keyctl: [0],
  kill: [1],
  landlock_add_rule: [1],
  landlock_create_ruleset: [2],
  linkat: [4],
  lseek: [2],
  madvise: [2],
  mbind: [2],
  membarrier: [0, 1],
  memfd_create: [1],
  memfd_secret: [0],
  mknod: [1],
  mlock2: [2],
  mlockall: [0],
  mmap: [2, 3],
  mmap2: [2, 3],
  modify_ldt: [0],
  mount: [3],
  mount_setattr: [2],
  move_mount: [4],
  mprotect: [2],
  mremap: [3],
  msgctl: [1],
  msgget: [1],
  msync: [2],
  name_to_handle_at: [4],
  newfstatat: [3],
  open: [1],
  open_by_handle_at: [2],
  open_tree: [2],
  openat: [2],
  perf_event_open: [4],
  personality: [0],
  pidfd_open: [1],
  pidfd_send_signal: [1, 3],
  pipe2: [1],
  pkey_alloc: [0, 1],
  pkey_mprotect: [2],
  prctl: [0],
  preadv2: [5],
  prlimit64: [1],
  process_madvise: [3],
  ptrace: [0],
  pwritev2: [5],
  quotactl: [0],
  quotactl_fd: [1],
  reboot: [2],
  recvfrom: [3],
  recvmmsg: [3],
  recvmsg: [2],
  renameat2: [4],
  rseq: [2],
  rt_sigaction: [0],
  rt_sigprocmask: [0],
  rt_sigqueueinfo: [1],
  rt_tgsigqueueinfo: [2],
  sched_setscheduler: [1],
  seccomp: [0, 1],
  semctl: [2],
  semget: [2],
  sendmmsg: [3],
  sendmsg: [2],
  sendto: [3],
  set_mempolicy: [0],
  setitimer: [0],
  setns: [1],
  setpriority: [0],
  setrlimit: [0],
  setsockopt: [1, 2],
  shmat: [2],
  shmctl: [1],
  shmget: [2],
  shutdown: [1],
  sigaction: [0],
  signal: [0],
  signalfd4: [3],
  sigprocmask: [0],
  socket: [0, 1, 2],
  socketcall: [0],
  socketpair: [0, 1, 2],
  splice: [5],
  statx: [2],
  swapon: [1],
  sync_file_range: [3],
  syslog: [0],
  tee: [3],
  tgkill: [2],
  timer_create: [0],
  timer_settime: [1],
  timerfd_create: [0, 1],
  timerfd_settime: [1],
  tkill: [1],
  umount2: [1],
  unlinkat: [2],
  unshare: [0],
  userfaultfd: [0],
  utimensat: [3],
  vmsplice: [3],
  wait4: [2],
  waitid: [0, 3],
};

/** Values of the other arguments of the same call by position, undefined where they are not known or many. */
export type CallContext = readonly (bigint | undefined)[];

const UPPER = 0xffff_ffff_0000_0000n;
const LOWER = 0xffff_ffffn;

/** A call's argument is known by its name, for the ABIs order some of them differently (clone, fadvise64). */
function domainOf(abi: AbiName, syscall: string, index: number): Domain | undefined {
  const own = syscallByName(abi, syscall);
  const argument = own?.args?.[index];
  if (argument === undefined) return undefined;
  const reference = syscallByName("x86_64", syscall) ?? syscallByName("i386", syscall) ?? own;
  return domainAt(syscall, reference?.args?.indexOf(argument) ?? -1, argument);
}

function bitsOf(abi: AbiName, domain: Domain | undefined): 32 | 64 {
  return abiByName(abi)?.bits === 32 ? 32 : (domain?.bits ?? 64);
}

/** The value that the kernel sees, or undefined when it would ignore bits that are set. */
function effective(value: bigint, bits: 32 | 64): bigint | undefined {
  if (bits === 64 || (value & UPPER) === 0n) return value;
  return (value & UPPER) === UPPER && (value & 0x8000_0000n) !== 0n ? value & LOWER : undefined;
}

function formatNumber(value: bigint, bits: 32 | 64): string {
  const signed = BigInt.asIntN(bits, value);
  if (signed > -4096n && signed < 1024n) return signed.toString();
  return `0x${value.toString(16)}`;
}

/** Sets that hold names for the argument: those of its domain, or of the domain in this context. */
function fieldsOf(abi: AbiName, domain: Domain, context: CallContext): Domain["fields"] {
  const { depends } = domain;
  const decisive = depends === undefined ? undefined : context[depends.on];
  if (depends === undefined || decisive === undefined) return domain.fields;
  const names = constantsOf(abi, depends.by).filter(constant => constant.value === (decisive & LOWER));
  const set = names.map(({ name }) => depends.sets[name]).find(found => found !== undefined);
  return set === undefined ? domain.fields : [{ mask: LOWER, set }];
}

/** The flags that make up a value, in the order of their definition. */
function splitFlags(flags: Flags, value: bigint): { names: string[]; rest: bigint } {
  let rest = value;
  const found = new Set<Constant>();
  for (const flag of flags.widestFirst) {
    if ((rest & flag.value) !== flag.value) continue;
    found.add(flag);
    rest &= ~flag.value;
  }
  return { names: flags.ordered.filter(flag => found.has(flag)).map(flag => flag.name), rest };
}

/**
 * An argument's value in the words of the manual: `SOCK_STREAM|SOCK_CLOEXEC`, `AT_FDCWD`, `0644`, `-1`, else a
 * decimal or hexadecimal number, and always what `parseArgument` reads back. Bits without a name follow in
 * hexadecimal. `value` is the register, unsigned 64 bits. With `context`, names that depend on another argument
 * are found as well (the protocol of socket, the option of setsockopt); without it those stay numbers.
 */
export function describeArgument(
  abi: AbiName,
  syscall: string,
  index: number,
  value: bigint,
  context: CallContext = [],
): string {
  const domain = domainOf(abi, syscall, index);
  const bits = bitsOf(abi, domain);
  const seen = effective(value, bits);
  if (domain === undefined || seen === undefined) return formatNumber(value, seen === undefined ? 64 : bits);

  const words: string[] = [];
  let unnamed = 0n;
  let remaining = seen;
  for (const { mask, set } of fieldsOf(abi, domain, context)) {
    const field = seen & mask;
    remaining &= ~mask;
    const name = constantsOf(abi, set).find(constant => constant.value === field)?.name;
    if (name !== undefined) words.push(name);
    else unnamed |= field;
  }
  const flags = flagsOf(abi, domain.flags);
  const { names, rest } = splitFlags(flags, remaining);
  words.push(...names);
  unnamed |= rest;

  const zero = flags.ordered.find(flag => flag.value === 0n)?.name;
  if (seen === 0n && words.length === 0) return zero ?? "0";
  if (unnamed === 0n) return words.join("|");
  const octal = domain.mode === true && unnamed <= 0o7777n;
  const plain = words.length === 0 && domain.flags.length === 0 ? formatNumber(unnamed, bits) : undefined;
  return [...words, octal ? `0${unnamed.toString(8)}` : (plain ?? `0x${unnamed.toString(16)}`)].join("|");
}

function parseNumber(text: string, bits: 32 | 64): bigint | undefined {
  const match = /^(-?)(0x[0-9a-f]{1,16}|0[0-7]{0,22}|[1-9]\d{0,19})$/i.exec(text);
  if (match === null) return undefined;
  const [, sign, digits = ""] = match;
  const value = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits);
  const limit = sign === "-" ? 1n << BigInt(bits - 1) : (1n << 64n) - 1n;
  if (value > limit) return undefined;
  return sign === "-" ? BigInt.asUintN(bits, -value) : value;
}

/** Every set that the argument's names may come from; for a field also its mask. */
function candidates(
  abi: AbiName,
  domain: Domain,
  context: CallContext,
): readonly { readonly mask?: bigint; readonly set: ConstantSet }[] {
  const fields = fieldsOf(abi, domain, context);
  const anyContext = fields.length > 0 ? [] : Object.values(domain.depends?.sets ?? {});
  return [...fields, ...anyContext.map(set => ({ mask: LOWER, set })), ...domain.flags.map(set => ({ set }))];
}

/**
 * Reads what `describeArgument` writes: names and numbers (decimal, `0x`, octal with a leading 0, negative)
 * joined by `|`. Undefined when a name is not one of this argument's on this ABI, two names exclude each other, or
 * a number has more than 64 bits. A negative `int` is given as its 32 bits (`AT_FDCWD` is 0xffffff9c), other
 * negative arguments as the ABI's register.
 */
export function parseArgument(
  abi: AbiName,
  syscall: string,
  index: number,
  text: string,
  context: CallContext = [],
): bigint | undefined {
  const domain = domainOf(abi, syscall, index);
  const sets = domain === undefined ? [] : candidates(abi, domain, context);
  let value = 0n;
  let taken = 0n;
  for (const word of text.split("|").map(part => part.trim())) {
    const number = parseNumber(word, bitsOf(abi, domain));
    if (number !== undefined) {
      value |= number;
      continue;
    }
    const found = sets
      .map(({ mask, set }) => ({ mask, constant: constantsOf(abi, set).find(({ name }) => name === word) }))
      .find(({ constant }) => constant !== undefined);
    if (found?.constant === undefined) return undefined;
    if (found.mask !== undefined) {
      if ((taken & found.mask) !== 0n) return undefined;
      taken |= found.mask;
    }
    value |= found.constant.value;
  }
  return value;
}
