import type { AbiName } from "../abi/abi.ts";

/** Calls that reach the kernel through one number with the wanted call in the first argument. */
export interface Multiplexed {
  readonly through: "socketcall" | "ipc";
  /** Value of the first argument (include/uapi/linux/net.h, ipc.h). */
  readonly selector: number;
}

/** ABIs where libseccomp writes such rules for both ways (`abi_rule_add` in its src/arch-*.c). */
const ABIS: ReadonlySet<AbiName> = new Set<AbiName>([
  "i386",
  "mips",
  "mipsel",
  "ppc",
  "ppc64",
  "ppc64le",
  "s390",
  "s390x",
  "m68k",
  "sh",
  "sheb",
]);

const SOCKETCALL =
  "socket bind connect listen accept getsockname getpeername socketpair send recv sendto recvfrom shutdown setsockopt getsockopt sendmsg recvmsg accept4 recvmmsg sendmmsg".split(
    " ",
  );
const IPC: Readonly<Record<string, number>> = {
  semop: 1,
  semget: 2,
  semctl: 3,
  semtimedop: 4,
  msgsnd: 11,
  msgrcv: 12,
  msgget: 13,
  msgctl: 14,
  shmat: 21,
  shmdt: 22,
  shmget: 23,
  shmctl: 24,
};

/** How a call is also reached on an ABI, undefined when only by its own number. */
export function multiplexed(abi: AbiName, name: string): Multiplexed | undefined {
  if (!ABIS.has(abi)) return undefined;
  const socket = SOCKETCALL.indexOf(name);
  if (socket !== -1) return { through: "socketcall", selector: socket + 1 };
  const ipc = Object.hasOwn(IPC, name) ? IPC[name] : undefined;
  return ipc === undefined ? undefined : { through: "ipc", selector: ipc };
}
