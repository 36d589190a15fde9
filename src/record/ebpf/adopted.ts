import { closeSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import process from "node:process";
import { abisOfMachine, type AbiName } from "../../abi/abi.ts";

/** A process and all its descendants, by /proc. */
export function processTree(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      children.set(parent, [...(children.get(parent) ?? []), pid]);
    } catch {
      // It ended while we looked.
    }
  }
  const found = [root];
  for (let i = 0; i < found.length; i++) found.push(...(children.get(found[i] ?? 0) ?? []));
  return found;
}

/** A call that a process was in before anybody looked, such as the accept of an idle server. */
export interface CallUnderWay {
  readonly abi: AbiName;
  readonly number: number;
}

const ELF_CLASS_32 = 1;

/** The calls that the threads of a process are in, by /proc/PID/task/TID/syscall. */
export function callsUnderWay(pid: number): CallUnderWay[] {
  const abi = abiOfProcess(pid);
  if (abi === undefined) return [];
  return readdirSync(`/proc/${pid}/task`).flatMap(thread => {
    try {
      const number = Number(readFileSync(`/proc/${pid}/task/${thread}/syscall`, "latin1").split(" ")[0]);
      return Number.isInteger(number) && number >= 0 ? [{ abi, number }] : [];
    } catch {
      return [];
    }
  });
}

/** By the class of the program's ELF header: 32 or 64 bits. */
function abiOfProcess(pid: number): AbiName | undefined {
  const [native, compat] = abisOfMachine(process.arch);
  const header = Buffer.alloc(5);
  const fd = openSync(`/proc/${pid}/exe`, "r");
  try {
    readSync(fd, header, 0, header.length, 0);
  } finally {
    closeSync(fd);
  }
  return (header[4] === ELF_CLASS_32 ? compat : native)?.name;
}
