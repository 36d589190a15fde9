import { Flow, newInsn, Op, type Insn } from "../ir.ts";
import type { Body } from "./body.ts";

/** What instructions do to the stack. */
export const Does = {
  /** Moves the stack pointer, or may make an address on the stack a value. */
  stack: 1,
  /** Writes to memory. */
  store: 2,
} as const;

/** Where the stack pointer is in a function, relative to where it is at its entry. */
export interface StackLayout {
  /** Offset before each instruction; NaN where it is not known. */
  readonly offsets: Float64Array;
  /** Registers that hold the same stack address all through the function once set, by number. */
  readonly frames: ReadonlyMap<number, number>;
  /** Offsets whose addresses become values in registers, ascending: memory from there on may be changed by others. */
  readonly exposed: readonly number[];
}

/** After the stack is aligned nobody knows by how much; the new place gets an origin of its own. */
const ORIGIN_STEP = 2 ** 40;

/** Offsets of the stack pointer by forward propagation; the first value to arrive at an instruction counts. */
export function stackOffsets(body: Body, edges: readonly (readonly [number, number])[]): StackLayout {
  const count = body.starts.length;
  let open = body.openJumps;
  const offsets = new Float64Array(count).fill(Number.NaN);
  const successors = new Map<number, number[]>();
  for (const [from, to] of edges) {
    const list = successors.get(from);
    if (list === undefined) successors.set(from, [to]);
    else list.push(to);
  }
  const frames = new Map<number, number>();
  const insn = newInsn();
  const { stackPointer } = body.module.machine;
  const exposed = new Set<number>();
  const todo: number[] = [];
  const arrive = (index: number, offset: number): void => {
    if (index < count && Number.isNaN(offsets[index] ?? 0)) {
      offsets[index] = offset;
      todo.push(index);
    }
  };
  arrive(body.entry, 0);
  while (todo.length > 0) {
    const index = todo.pop() ?? 0;
    const before = offsets[index] ?? 0;
    let after = before;
    if (((body.does[index] ?? 0) & Does.stack) !== 0) {
      body.lift(index, insn);
      noteAddress(insn, before, stackPointer, frames, exposed);
      after = moved(insn, before, index, frames);
    }
    if (body.falls[index + 1] === 1) arrive(index + 1, after);
    for (const to of successors.get(index) ?? []) arrive(to, after);
    if (open?.from[index] === 1) {
      open.to.forEach((isTarget, to) => isTarget === 1 && arrive(to, after));
      // All have arrived.
      open = undefined;
    }
  }
  return { offsets, frames: stableFrames(body, frames), exposed: [...exposed].sort((a, b) => a - b) };
}

/** Where the stack pointer is after an instruction; NaN if it is not known before it. */
export function offsetAfter(body: Body, index: number): number {
  const insn = newInsn();
  body.lift(index, insn);
  return moved(insn, body.stack.offsets[index] ?? Number.NaN, index, body.stack.frames);
}

function moved(insn: Insn, before: number, index: number, frames: ReadonlyMap<number, number>): number {
  if (insn.stackBase >= 0) {
    const frame = frames.get(insn.stackBase);
    return frame === undefined ? (index + 1) * ORIGIN_STEP : frame + insn.stack;
  }
  return Number.isNaN(insn.stack) ? (index + 1) * ORIGIN_STEP : before + insn.stack;
}

function noteAddress(
  insn: Insn,
  before: number,
  stackPointer: number,
  frames: Map<number, number>,
  exposed: Set<number>,
): void {
  if (insn.op !== Op.move && insn.op !== Op.add && insn.op !== Op.addReg) return;
  const from = insn.src === stackPointer ? before : frames.get(insn.src);
  if (from === undefined || insn.dst === stackPointer) return;
  const offset = from + (insn.op === Op.move ? 0 : insn.imm);
  const isFrame = insn.src === stackPointer && insn.op !== Op.addReg && !frames.has(insn.dst);
  if (isFrame) frames.set(insn.dst, offset);
  if (!isFrame || !isFramePointer(insn)) exposed.add(offset);
}

/** RBP and X29 set from the stack pointer are frame pointers, not addresses handed out. */
function isFramePointer(insn: Insn): boolean {
  return insn.dst === 5 || insn.dst === 29;
}

/** Keeps the registers that nothing else but restoring them at the end writes. */
function stableFrames(body: Body, candidates: ReadonlyMap<number, number>): Map<number, number> {
  const stable = new Map(candidates);
  const insn = newInsn();
  const { stackPointer } = body.module.machine;
  const set = new Set<number>();
  const mask = [...candidates.keys()].reduce((bits, register) => bits | (1 << register), 0);
  for (let i = 0; i < body.starts.length && stable.size > 0; i++) {
    const isCall = body.flows[i] === Flow.call || body.flows[i] === Flow.callIndirect;
    if (!isCall && ((body.writes[i] ?? 0) & mask) === 0) continue;
    body.lift(i, insn);
    for (const register of stable.keys()) {
      const isRestore = insn.op === Op.load && (insn.base === stackPointer || insn.base === register);
      const isWritten =
        ((insn.dst === register || insn.dst2 === register) && !isRestore) ||
        (insn.op === Op.exchange && insn.src === register) ||
        ((insn.clobbers >>> register) & 1) === 1 ||
        (isCall && ((body.preserved >>> register) & 1) === 0);
      if (!isWritten) continue;
      if (insn.src === stackPointer && !set.has(register) && insn.op !== Op.addReg) set.add(register);
      else stable.delete(register);
    }
  }
  return stable;
}
