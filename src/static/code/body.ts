import type { Guarded } from "../elf/eh-frame.ts";
import { Flow, newInsn, Op, Ref, type Insn } from "../ir.ts";
import { lastAtOrBefore } from "../sorted.ts";
import type { Module } from "./module.ts";
import { jumpTableTargets } from "./jump-table.ts";
import { continues } from "./scan.ts";
import { Does, stackOffsets, type StackLayout } from "./stack.ts";

/** Where computed jumps and what they may lead to are so many that each pair cannot be kept. */
export interface OpenJumps {
  /** 1 for the jumps. */
  readonly from: Uint8Array;
  /** 1 for what they may lead to. */
  readonly to: Uint8Array;
}

const MAX_PAIRS = 1 << 18;

/** Most instructions have none; a new view for each would be most of the work. */
const NONE = new Int32Array(0);

/** What a body is made from. */
export interface BodySource {
  readonly module: Module;
  /** First instruction. */
  readonly start: number;
  /** Exclusive end of the range that is decoded in order; not used with `code`. */
  readonly end: number;
  /** Addresses of the instructions, ascending, when they are not all those of a range. */
  readonly code: readonly number[] | undefined;
  /** Its calls whose exceptions go to landing pads. */
  readonly guarded: readonly Guarded[];
  /** Addresses in data that its code mentions: jump tables may be there. */
  readonly data: readonly number[];
  /** Registers that a call leaves alone, as a bit mask. */
  readonly preserved: number;
  /** Whether control comes back from a direct call of an address. */
  readonly returnsFrom: (target: number) => boolean;
}

/** The control flow of one function over its instructions, to be walked backwards. */
export class Body {
  readonly module: Module;
  readonly preserved: number;
  /** Addresses of the instructions, ascending. */
  readonly starts: Float64Array;
  readonly flows: Uint8Array;
  /** 1 where the instruction before runs into this one. */
  readonly falls: Uint8Array;
  /** Registers that each instruction itself writes, as a bit mask; what a call or the kernel changes is not in it. */
  readonly writes: Int32Array;
  /** What else an instruction may do, as bits of `Does`. */
  readonly does: Uint8Array;
  /** Index of the first instruction. */
  readonly entry: number;
  readonly stack: StackLayout;
  /** Computed jumps that are not among those that `jumpsTo` gives, since they are too many. */
  readonly openJumps: OpenJumps | undefined;
  readonly #predecessorAt: Int32Array;
  readonly #predecessors: Int32Array;

  constructor(source: BodySource) {
    this.module = source.module;
    this.preserved = source.preserved;
    const draft = decodeAll(source);
    this.starts = draft.starts;
    this.flows = draft.flows;
    this.writes = draft.writes;
    this.does = draft.does;
    this.falls = new Uint8Array(this.starts.length);
    this.entry = Math.max(0, this.indexOf(source.start));
    const edges = draft.branches.flatMap(([from, target]) => {
      const to = this.indexOf(target);
      return to < 0 ? [] : [[from, to] as const];
    });
    const isTarget = new Uint8Array(this.starts.length);
    for (const [, to] of edges) isTarget[to] = 1;
    this.#setFalls(draft, isTarget);
    const { pairs, open } = this.#indirectEdges(source, draft, edges);
    this.openJumps = open;
    const all = edges.concat(pairs);
    [this.#predecessorAt, this.#predecessors] = groupByTarget(all, this.starts.length);
    this.stack = stackOffsets(this, all);
  }

  /** Index of the instruction at an address, or -1. */
  indexOf(address: number): number {
    let low = 0;
    let high = this.starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.starts[middle] ?? 0) < address) low = middle + 1;
      else high = middle;
    }
    return this.starts[low] === address ? low : -1;
  }

  lift(index: number, out: Insn): void {
    this.module.liftAt(this.starts[index] ?? 0, out);
  }

  /** Instructions that jump to the one at `index`; the one before it, if it runs into it, is not among them. */
  jumpsTo(index: number): Int32Array {
    const from = this.#predecessorAt[index];
    const to = this.#predecessorAt[index + 1];
    return from === to ? NONE : this.#predecessors.subarray(from, to);
  }

  /** Whether an instruction is come to otherwise than from the one before it. */
  isJumpedTo(index: number): boolean {
    return this.#predecessorAt[index] !== this.#predecessorAt[index + 1] || this.openJumps?.to[index] === 1;
  }

  /** Padding after a jump, which nothing jumps to, does not run into what follows it. */
  #setFalls({ nops, noReturn }: Draft, isTarget: Uint8Array): void {
    for (let i = 1; i < this.starts.length; i++) {
      const isDead =
        nops[i - 1] === 1 && this.falls[i - 1] === 0 && i - 1 !== this.entry && isTarget[i - 1] === 0;
      this.falls[i] = !isDead && noReturn[i - 1] === 0 && continues(this.flows[i - 1] ?? Flow.stop) ? 1 : 0;
    }
  }

  /** From each call that may throw to the landing pad of the range that it is in. */
  #exceptionEdges({ guarded }: BodySource, calls: readonly number[]): [number, number][] {
    const edges: [number, number][] = [];
    const at = Float64Array.from(calls, index => this.starts[index] ?? 0);
    for (const { start, end, pad } of guarded) {
      const to = this.indexOf(pad);
      if (to < 0) continue;
      for (let i = lastAtOrBefore(at, start - 1) + 1; i < at.length && (at[i] ?? end) < end; i++) {
        edges.push([calls[i] ?? 0, to]);
      }
    }
    return edges;
  }

  /** Edges of computed jumps and of exceptions. */
  #indirectEdges(
    source: BodySource,
    draft: Draft,
    direct: readonly (readonly [number, number])[],
  ): { readonly pairs: [number, number][]; readonly open: OpenJumps | undefined } {
    const calls: number[] = [];
    const jumps: number[] = [];
    for (let i = 0; i < this.starts.length; i++) {
      const flow = this.flows[i];
      if (flow === Flow.call || flow === Flow.callIndirect) calls.push(i);
      else if (flow === Flow.jumpIndirect && draft.throughSlot[i] === 0) jumps.push(i);
    }
    const edges = this.#exceptionEdges(source, calls);
    if (jumps.length === 0) return { pairs: edges, open: undefined };
    const isTarget = new Uint8Array(this.starts.length);
    for (const [, to] of direct) isTarget[to] = 1;
    for (const [, to] of edges) isTarget[to] = 1;
    const targets = new Set(jumpTableTargets(this, source.data));
    for (let i = 0; i < this.starts.length; i++) {
      if (this.falls[i] === 0 && isTarget[i] === 0 && i !== this.entry && draft.nops[i] === 0) targets.add(i);
    }
    if (targets.size * jumps.length > MAX_PAIRS) {
      const open = { from: new Uint8Array(this.starts.length), to: new Uint8Array(this.starts.length) };
      for (const from of jumps) open.from[from] = 1;
      for (const to of targets) open.to[to] = 1;
      return { pairs: edges, open };
    }
    for (const to of targets) for (const from of jumps) edges.push([from, to]);
    return { pairs: edges, open: undefined };
  }
}

interface Draft {
  readonly starts: Float64Array;
  readonly flows: Uint8Array;
  readonly writes: Int32Array;
  readonly does: Uint8Array;
  readonly nops: Uint8Array;
  readonly throughSlot: Uint8Array;
  /** Direct calls that do not come back. */
  readonly noReturn: Uint8Array;
  /** Pairs: index of a jump or branch, address of its target. */
  readonly branches: [number, number][];
}

function decodeAll(source: BodySource): Draft {
  const { module } = source;
  const insn = newInsn();
  const starts: number[] = [];
  const flows: number[] = [];
  const writes: number[] = [];
  const does: number[] = [];
  const nops: number[] = [];
  const throughSlot: number[] = [];
  const noReturn: number[] = [];
  const branches: [number, number][] = [];
  const { bytes } = module.elf;
  const bias = module.elf.offsetOf(source.start) - source.start;
  module.lifter.reset();
  let at = source.start;
  for (let i = 0; source.code === undefined ? at < source.end : i < source.code.length; i++) {
    if (source.code !== undefined) at = source.code[i] ?? 0;
    module.lifter.lift(at, at + bias, bytes.length, insn);
    if (insn.flow === Flow.jump || insn.flow === Flow.branch) branches.push([i, insn.target]);
    starts.push(at);
    flows.push(insn.flow);
    writes.push(writtenBy(insn));
    does.push(doneBy(insn));
    nops.push(insn.nop ? 1 : 0);
    noReturn.push(insn.flow === Flow.call && !source.returnsFrom(insn.target) ? 1 : 0);
    throughSlot.push(insn.memory && insn.refKind === Ref.read && module.slots.has(insn.ref) ? 1 : 0);
    at += insn.length;
  }
  return {
    starts: Float64Array.from(starts),
    flows: Uint8Array.from(flows),
    writes: Int32Array.from(writes),
    does: Uint8Array.from(does),
    nops: Uint8Array.from(nops),
    throughSlot: Uint8Array.from(throughSlot),
    noReturn: Uint8Array.from(noReturn),
    branches,
  };
}

function writtenBy(insn: Insn): number {
  let mask = insn.clobbers;
  if (insn.dst >= 0) mask |= 1 << insn.dst;
  if (insn.dst2 >= 0) mask |= 1 << insn.dst2;
  if (insn.op === Op.exchange && insn.src >= 0) mask |= 1 << insn.src;
  return mask;
}

function doneBy({ op, stack, stackBase }: Insn): number {
  const movesStack = stack !== 0 || stackBase >= 0;
  const isAddress = op === Op.move || op === Op.add || op === Op.addReg;
  const isStore = op === Op.store || op === Op.storeConstant || op === Op.pushLoad;
  return (movesStack || isAddress ? Does.stack : 0) | (isStore ? Does.store : 0);
}

function groupByTarget(
  edges: readonly (readonly [number, number])[],
  count: number,
): [Int32Array, Int32Array] {
  const at = new Int32Array(count + 1);
  for (const [, to] of edges) at[to + 1] = (at[to + 1] ?? 0) + 1;
  for (let i = 0; i < count; i++) at[i + 1] = (at[i + 1] ?? 0) + (at[i] ?? 0);
  const fill = at.slice();
  const list = new Int32Array(edges.length);
  for (const [from, to] of edges) {
    list[fill[to] ?? 0] = from;
    fill[to] = (fill[to] ?? 0) + 1;
  }
  return [at, list];
}
