import type { FunctionNode } from "./code/node.ts";
import type { Module } from "./code/module.ts";
import { continues } from "./code/scan.ts";
import { PT, Reloc } from "./elf/layout.ts";
import { Condition, Flow, newInsn, Op, type Insn } from "./ir.ts";

/** A part of a function that only runs once a variable of the thread has been set. */
export interface ThreadGuard {
  /** Offset of the variable in the module's block of thread-local data. */
  readonly variable: number;
  /** Addresses of the part: from `start` to before `end`. */
  readonly start: number;
  readonly end: number;
}

/** The test is among a function's first instructions. */
const MOST_INSTRUCTIONS = 16;
const FS = 0x64;
const MOV = 0x8b;
/** MRS Xt, TPIDR_EL0 without its register. */
const MRS_THREAD = 0xd53b_d040;

const known = new WeakMap<Module, ReadonlyMap<number, number>>();

/**
 * Offsets of thread-local variables by the slots that hold them, for libc of glibc, which reaches all of its variables
 * by such slots. Only variables that start as zero.
 */
export function threadVariables(module: Module): ReadonlyMap<number, number> {
  let variables = known.get(module);
  if (variables === undefined) {
    variables = module.isGlibc ? readVariables(module) : new Map();
    known.set(module, variables);
  }
  return variables;
}

function readVariables(module: Module): Map<number, number> {
  const { elf } = module;
  const { address, kind, addend, symbol, count } = elf.relocations;
  const variables = new Map<number, number>();
  const set = elf.segments.find(segment => segment.type === PT.tls)?.fileSize ?? Number.POSITIVE_INFINITY;
  for (let row = 0; row < count; row++) {
    // TPOFF64 of a local variable: the only relocation of libc that is `other` and names no symbol.
    const offset = addend[row] ?? 0;
    if (kind[row] === Reloc.other && symbol[row] === 0 && offset >= set)
      variables.set(address[row] ?? 0, offset);
  }
  return variables;
}

/**
 * What a function leaves out as long as a variable of the thread is zero: `if (variable == NULL) return;` at its start.
 * The end of a thread runs through glibc's sunrpc that way, whose code only runs in threads that have used it.
 */
export function threadGuard(node: FunctionNode): ThreadGuard | undefined {
  const { module } = node;
  const variables = threadVariables(module);
  if (variables.size === 0 || !uses(node, variables)) return undefined;
  const loads = slotLoads(node, variables);
  const insn = newInsn();
  let [slot, thread, value, variable, compared] = [-1, -1, -1, -1, false];
  let at = node.start;
  for (let i = 0; i < MOST_INSTRUCTIONS && at < node.end; i++, at += insn.length) {
    module.liftAt(at, insn);
    if (insn.compared >= 0) compared = insn.compared === value && insn.comparedTo === 0;
    if (insn.target >= 0) {
      const isTest =
        compared && insn.condition === Condition.equal && insn.target > at && insn.target < node.end;
      const guard = { variable, start: at + insn.length, end: insn.target };
      return isTest && isLeftAlone(node, guard) ? guard : undefined;
    }
    if (!continues(insn.flow)) return undefined;
    const read = insn.op === Op.load ? loads.get(at) : undefined;
    if (read !== undefined) [slot, variable] = [insn.dst, read];
    else if (slot >= 0 && value < 0) value = readsThread(module, insn, slot, thread);
    if (holdsThread(module, at)) thread = (module.elf.u32(at) ?? 0) & 31;
  }
  return undefined;
}

/** Where a function loads the offset of a variable. */
function slotLoads(node: FunctionNode, variables: ReadonlyMap<number, number>): ReadonlyMap<number, number> {
  const { slots } = node.scan;
  const loads = new Map<number, number>();
  for (let i = 0; i < slots.length; i += 3) {
    const variable = variables.get(slots[i + 1] ?? 0);
    if (variable !== undefined) loads.set(slots[i] ?? 0, variable);
  }
  return loads;
}

/** Whether an instruction of AArch64 puts the address of the thread into a register. */
function holdsThread({ elf, machine }: Module, at: number): boolean {
  return machine.name === "aarch64" && (((elf.u32(at) ?? 0) & ~31) | 0) === (MRS_THREAD | 0);
}

function uses(node: FunctionNode, variables: ReadonlyMap<number, number>): boolean {
  for (let i = 1; i < node.scan.slots.length; i += 3) if (variables.has(node.scan.slots[i] ?? 0)) return true;
  return false;
}

/** The register that gets the variable whose offset `slot` holds: `mov %fs:(slot), register`, LDR register, [thread, slot]. */
function readsThread(module: Module, insn: Insn, slot: number, thread: number): number {
  const { elf } = module;
  const at = insn.address;
  if (module.machine.name === "aarch64") {
    const isVariable = insn.base === thread && insn.index === slot && insn.scale === 1 && insn.disp === 0;
    return insn.op === Op.load && insn.size === 8 && insn.memory && isVariable ? insn.dst : -1;
  }
  const byte = (i: number): number => elf.u8(at + i) ?? 0;
  const rex = byte(1);
  if (byte(0) !== FS || (rex & 0xf8) !== 0x48 || byte(2) !== MOV) return -1;
  const [mode, register, base] = [byte(3) >> 6, (byte(3) >> 3) & 7, byte(3) & 7];
  const isPlain = (mode === 0 && base !== 4 && base !== 5) || (mode === 1 && base !== 4 && byte(4) === 0);
  if (!isPlain || (base | ((rex & 1) << 3)) !== slot) return -1;
  return register | ((rex & 4) << 1);
}

/** Whether the code after the part returns without going back into it. */
function isLeftAlone(node: FunctionNode, guard: ThreadGuard): boolean {
  const insn = newInsn();
  for (let at = guard.end; at < node.end; at += insn.length) {
    node.module.liftAt(at, insn);
    if (insn.flow === Flow.return) return true;
    if (insn.flow !== Flow.next && insn.flow !== Flow.call) return false;
  }
  return false;
}

interface Held {
  readonly node: FunctionNode;
  readonly guard: ThreadGuard;
}

/** Parts of reached functions that wait for code that may set a variable. */
export class ThreadGuards {
  readonly #waiting = new Map<number, Held[]>();
  readonly #set = new Set<number>();

  /** The part of a newly reached function that waits. */
  hold(node: FunctionNode): ThreadGuard | undefined {
    if (!node.module.isGlibc) return undefined;
    const guard = threadGuard(node);
    if (guard === undefined || this.#set.has(guard.variable)) return undefined;
    const waiting = this.#waiting.get(guard.variable) ?? [];
    waiting.push({ node, guard });
    this.#waiting.set(guard.variable, waiting);
    return guard;
  }

  /** A reached function uses variables, other than in the test that holds its own part: what may run from now on. */
  release(node: FunctionNode, guard: ThreadGuard | undefined): readonly Held[] {
    if (!node.module.isGlibc) return [];
    const variables = threadVariables(node.module);
    const released: Held[] = [];
    const { slots } = node.scan;
    for (let i = 0; i < slots.length; i += 3) {
      const variable = variables.get(slots[i + 1] ?? 0);
      if (variable === undefined || this.#set.has(variable)) continue;
      if (variable === guard?.variable && (slots[i] ?? 0) < guard.start) continue;
      this.#set.add(variable);
      released.push(...(this.#waiting.get(variable) ?? []));
      this.#waiting.delete(variable);
    }
    return released;
  }
}
