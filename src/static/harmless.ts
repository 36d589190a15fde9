import type { FunctionNode } from "./code/node.ts";
import type { Module } from "./code/module.ts";
import { Flow, newInsn, readBytes, Ref, storedBytes, type Insn } from "./ir.ts";

/**
 * GCC's `deregister_tm_clones` and `register_tm_clones` up to their first branch, in every file for x86-64: they compare the
 * end of the file's data with itself, and return. `..` is any byte. Source: libgcc crtstuff.c.
 */
const COMPARED_WITH_ITSELF = [
  "48 8d 3d .. .. .. .. 48 8d 05 .. .. .. .. 48 39 f8 74",
  "48 8d 3d .. .. .. .. 48 8d 35 .. .. .. .. 48 29 fe 48 89 f0 48 c1 ee 3f 48 c1 f8 03 48 01 c6 48 d1 fe 74",
].map(text => text.split(" ").map(byte => (byte === ".." ? -1 : Number.parseInt(byte, 16))));
/** Bytes of the instruction that takes the address; there are two of them. */
const TAKING = 7;
const FINALIZATION = "__cxa_finalize";

/**
 * How far a mention of data reaches, where nothing but the bytes from the address on is meant: the end of what is read or
 * written, the address itself where no byte is. Undefined where the address becomes a value, so that anything around it may
 * be meant. On AArch64 an instruction alone does not show which address it means.
 */
export function reachOf(address: number, from: FunctionNode, site: number): number | undefined {
  const { module } = from;
  if (module.machine.name !== "x86_64") return undefined;
  const insn = newInsn();
  module.liftAt(site, insn);
  if (namesModule(address, module, insn) || isComparedWithItself(address, module, site)) return address;
  const isWrite = insn.refKind === Ref.written;
  if (insn.ref !== address || (insn.refKind !== Ref.read && !isWrite)) return undefined;
  const end = address + Math.max(readBytes(insn), isWrite ? storedBytes(insn) : 0);
  return Number.isFinite(end) ? end : undefined;
}

/**
 * Whether an instruction reads the name of its own module, a word that holds its own address, for `__cxa_finalize`, which
 * only compares it: the next instruction calls that, and leaves something else in the register.
 */
function namesModule(address: number, module: Module, insn: Insn): boolean {
  const { slots, elf, machine } = module;
  const isName = insn.ref === address && insn.refKind === Ref.read && insn.dst === machine.callArguments[0];
  if (!isName || elf.u64(address) !== address) return false;
  const call = newInsn();
  module.liftAt(insn.address + insn.length, call);
  const isCall = call.flow === Flow.call || (call.flow === Flow.callIndirect && call.memory);
  const row = isCall
    ? slots.get(call.flow === Flow.call ? module.thunkSlot(call.target) : call.ref)
    : undefined;
  const symbol = row === undefined ? 0 : (elf.relocations.symbol[row] ?? 0);
  return symbol !== 0 && elf.dynamicSymbols[symbol]?.name === FINALIZATION;
}

function isComparedWithItself(address: number, module: Module, site: number): boolean {
  const insn = newInsn();
  const takes = (at: number): boolean => {
    module.liftAt(at, insn);
    return insn.ref === address && insn.refKind === Ref.taken;
  };
  return [site, site - TAKING].some(
    start =>
      COMPARED_WITH_ITSELF.some(code =>
        code.every((byte, i) => byte === -1 || module.elf.u8(start + i) === byte),
      ) &&
      takes(start) &&
      takes(start + TAKING),
  );
}
