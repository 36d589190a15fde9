import type { Body } from "./code/body.ts";
import type { FunctionNode } from "./code/node.ts";
import type { Module } from "./code/module.ts";
import { Flow, newInsn, Op, type Insn } from "./ir.ts";
import { equalWay, runsWithout, wholeBody } from "./runs.ts";

/** Instructions between taking the address of the entry and comparing it. */
const MOST_BETWEEN = 8;

const known = new WeakMap<Module, Map<number, ReadonlySet<number>>>();

/**
 * Addresses in a function of glibc's ld.so that only run when it is started as a program itself (`ld.so PROGRAM`): there it
 * executes programs and prints diagnostics. It tells so by comparing the entry that the kernel has given to it with its
 * own, so what only equality leads to does not run when the kernel has started a program that names it as interpreter.
 * Source: glibc elf/rtld.c, dl_main.
 */
export function directStartOnly(node: FunctionNode): ReadonlySet<number> {
  const { module } = node;
  let functions = known.get(module);
  if (functions === undefined) {
    functions = new Map();
    known.set(module, functions);
  }
  let dead = functions.get(node.start);
  if (dead === undefined) {
    const mayCompare = node.scan.taken.some((address, i) => i % 2 === 1 && address === module.elf.entry);
    dead = mayCompare && node.code === undefined ? readDead(node) : new Set();
    functions.set(node.start, dead);
  }
  return dead;
}

/**
 * Whether a function of glibc's ld.so is only called before the program starts, though its address is a value: its entry,
 * which is compared, and `dl_main`, which compares it, is called once by its address, and later names the caller for dlmopen.
 * Source: glibc elf/rtld.c, _dl_start_final, dl_main, dlmopen_doit; elf/dl-sysdep.c.
 */
export function isLoadersOwn(loader: Module, start: number): boolean {
  if (start === loader.elf.entry) return true;
  const index = loader.rangeIndex(start);
  if (index < 0 || loader.ranges[index]?.start !== start) return false;
  return loader.scanRange(index).taken.some((address, i) => i % 2 === 1 && address === loader.elf.entry);
}

function readDead(node: FunctionNode): ReadonlySet<number> {
  const body = wholeBody(node);
  const cut = equalWays(body, node);
  if (cut.size === 0) return new Set();
  const runs = runsWithout(node, body, cut);
  const dead = new Set<number>();
  for (let i = 0; i < body.starts.length; i++) if (!runs.has(i)) dead.add(body.starts[i] ?? -1);
  return dead;
}

/** Indices of the branches after a comparison with the entry, with the index that equality leads to. */
function equalWays(body: Body, { scan, module }: FunctionNode): ReadonlyMap<number, number> {
  const ways = new Map<number, number>();
  const insn = newInsn();
  for (let i = 0; i < scan.taken.length; i += 2) {
    const at = body.indexOf(scan.taken[i] ?? -1);
    if (at < 0 || scan.taken[i + 1] !== module.elf.entry) continue;
    body.lift(at, insn);
    const branch = insn.dst < 0 || insn.memory ? -1 : comparison(body, at + 1, insn.dst);
    if (branch < 0) continue;
    const equal = equalWay(body, branch);
    if (equal !== undefined) ways.set(branch, equal);
  }
  return ways;
}

/** Index of the branch on a comparison of all of a register with another word, or -1. */
function comparison(body: Body, from: number, register: number): number {
  const insn = newInsn();
  const isOnlyFallenInto = (i: number): boolean => body.falls[i] === 1 && !body.isJumpedTo(i);
  for (let i = from; i < from + MOST_BETWEEN && isOnlyFallenInto(i) && isOnlyFallenInto(i + 1); i++) {
    body.lift(i, insn);
    if (isComparison(body.module, insn, register)) return body.flows[i + 1] === Flow.branch ? i + 1 : -1;
    const isKept =
      ((insn.clobbers >>> register) & 1) === 0 && insn.dst !== register && insn.dst2 !== register;
    if (insn.flow !== Flow.next || insn.op === Op.exchange || !isKept) return -1;
  }
  return -1;
}

function isComparison(module: Module, { address }: Insn, register: number): boolean {
  const { elf } = module;
  if (module.machine.name === "aarch64") {
    const word = elf.u32(address) ?? 0;
    // CMP Xn, Xm without a shift.
    if (((word & 0xffe0_fc1f) | 0) !== (0xeb00_001f | 0)) return false;
    return ((word >>> 5) & 31) === register || ((word >>> 16) & 31) === register;
  }
  const [rex, opcode, mode] = [elf.u8(address) ?? 0, elf.u8(address + 1) ?? 0, elf.u8(address + 2) ?? 0];
  // CMP r/m64, r64 and CMP r64, r/m64.
  if ((rex & 0xf8) !== 0x48 || (opcode !== 0x39 && opcode !== 0x3b)) return false;
  return (((mode >> 3) & 7) | ((rex & 4) << 1)) === register;
}
