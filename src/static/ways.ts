import type { Body } from "./code/body.ts";
import { jumpTableTargets } from "./code/jump-table.ts";
import { continues } from "./code/scan.ts";
import { Flow, newInsn, Op, Ref, type Insn } from "./ir.ts";

/** From where a jump's table is read to the jump. */
const TABLE_TO_JUMP = 4;
/** What a register holds when it is no address of data that is known. */
const ANYTHING = -1;

/**
 * Which instructions of a function run when some ways are never taken. While control is followed, so are addresses of data
 * in registers, so that a computed jump leads only where its own table does, as long as that is known.
 */
export class Ways {
  readonly #body: Body;
  readonly #data: readonly number[];
  readonly #never: ReadonlyMap<number, number>;
  readonly #jumps: readonly number[][];
  /** What the registers hold before each instruction that was reached. */
  readonly #states = new Map<number, Float64Array>();
  #todo: number[] = [];

  /**
   * @param data addresses of data that the function mentions
   * @param never by the index of a branch, where it does not lead
   */
  constructor(body: Body, data: readonly number[], never: ReadonlyMap<number, number>) {
    this.#body = body;
    this.#data = data;
    this.#never = never;
    const jumps: number[][] = Array.from(body.starts, () => []);
    for (let to = 0; to < body.starts.length; to++)
      for (const from of body.jumpsTo(to)) jumps[from]?.push(to);
    const { openJumps } = body;
    if (openJumps !== undefined) {
      const targets = [...openJumps.to.keys()].filter(to => openJumps.to[to] === 1);
      for (const from of openJumps.from.keys()) if (openJumps.from[from] === 1) jumps[from] = targets;
    }
    this.#jumps = jumps;
  }

  /** Indices of the instructions that run when control enters at some. */
  from(entries: readonly number[]): ReadonlySet<number> {
    const { machine } = this.#body.module;
    for (const entry of entries)
      if (entry >= 0) this.#arrive(entry, new Float64Array(machine.registers).fill(ANYTHING));
    const insn = newInsn();
    for (let at = this.#todo.pop(); at !== undefined; at = this.#todo.pop()) {
      const after = this.#states.get(at)?.slice() ?? new Float64Array(machine.registers).fill(ANYTHING);
      const targets = this.#body.flows[at] === Flow.jumpIndirect ? this.#ownTable(at) : undefined;
      this.#body.lift(at, insn);
      this.#apply(insn, after);
      for (const to of targets ?? this.#jumps[at] ?? []) this.#go(at, to, after);
      if (this.#body.falls[at + 1] === 1 && continues(insn.flow)) this.#go(at, at + 1, after);
    }
    return new Set(this.#states.keys());
  }

  #go(from: number, to: number, state: Float64Array): void {
    if (this.#never.get(from) !== to) this.#arrive(to, state);
  }

  #arrive(at: number, state: Float64Array): void {
    const known = this.#states.get(at);
    if (known === undefined) {
      this.#states.set(at, state.slice());
      this.#todo.push(at);
      return;
    }
    let isNew = false;
    for (let r = 0; r < known.length; r++) {
      if (known[r] === state[r] || known[r] === ANYTHING) continue;
      known[r] = ANYTHING;
      isNew = true;
    }
    if (!isNew) return;
    this.#todo.push(at);
    // A jump looks at the register with its table where the table is read.
    for (let i = at + 1; i <= at + TABLE_TO_JUMP; i++)
      if (this.#body.flows[i] === Flow.jumpIndirect && this.#states.has(i)) this.#todo.push(i);
  }

  #apply(insn: Insn, state: Float64Array): void {
    const { machine } = this.#body.module;
    const isCall = insn.flow === Flow.call || insn.flow === Flow.callIndirect;
    const lost = isCall ? ~this.#body.preserved : insn.flow === Flow.syscall ? machine.syscallClobbers : 0;
    const moved = insn.op === Op.move && insn.width === 8 ? (state[insn.src] ?? ANYTHING) : ANYTHING;
    for (let r = 0; r < state.length; r++)
      if ((((lost | insn.clobbers) >>> r) & 1) === 1) state[r] = ANYTHING;
    for (const r of [insn.dst, insn.dst2]) if (r >= 0) state[r] = ANYTHING;
    if (insn.op === Op.exchange) state[insn.src] = ANYTHING;
    if (insn.dst < 0) return;
    if (insn.refKind === Ref.taken && insn.op === Op.constant && insn.width === 8) state[insn.dst] = insn.ref;
    else if (insn.op === Op.move) state[insn.dst] = moved;
  }

  /** Where a computed jump leads by the table that it reads; undefined where that is not known. */
  #ownTable(jump: number): readonly number[] | undefined {
    const insn = newInsn();
    for (let i = jump - 1; i >= Math.max(0, jump - TABLE_TO_JUMP); i--) {
      // Control that comes from elsewhere may not have read the table.
      if (this.#body.falls[i + 1] !== 1 || this.#body.isJumpedTo(i + 1)) return undefined;
      this.#body.lift(i, insn);
      if (insn.flow !== Flow.next) return undefined;
      if (insn.op !== Op.load || insn.index < 0 || insn.base < 0) continue;
      const table = this.#states.get(i)?.[insn.base] ?? ANYTHING;
      if (table === ANYTHING || insn.disp !== 0) return undefined;
      const end = Math.min(...this.#data.filter(address => address > table));
      const targets = jumpTableTargets(this.#body, [table], end);
      return targets.length > 0 ? targets : undefined;
    }
    return undefined;
  }
}
