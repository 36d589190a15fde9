import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { aarch64 } from "../../../src/static/aarch64/machine.ts";
import { liftWord } from "../../../src/static/aarch64/lift.ts";
import { ElfFile } from "../../../src/static/elf/file.ts";
import { Flow, type Insn, newInsn, Op } from "../../../src/static/ir.ts";
import { testWith } from "../../support/needs.ts";

const LIBC = "/usr/aarch64-linux-gnu/lib/libc.so.6";
const CALL_KILLS = 0x4003_ffff;

/** By register: pages that wait for their low bits. */
type State = (ReadonlySet<number> | undefined)[];

/** Addresses that a function mentions, by a fixpoint over its control flow: what the lifter's one pass has to find. */
function mentioned(view: DataView, offset: number, start: number, end: number): Map<number, Set<number>> {
  const count = (end - start) / 4;
  const states: (State | undefined)[] = Array.from({ length: count + 1 });
  states[0] = [];
  const todo = [0];
  const found = new Map<number, Set<number>>();
  const insn = newInsn();
  while (todo.length > 0) {
    const index = todo.pop() ?? 0;
    const state = (states[index] ?? []).slice();
    const word = view.getUint32(offset + index * 4, true);
    liftWord(word, start + index * 4, insn);
    for (const address of use(insn, state)) {
      const list = found.get(insn.address) ?? new Set();
      found.set(insn.address, list.add(address));
    }
    step(insn, state, (word & 0x9f00_0000) >>> 0 === 0x9000_0000);
    const isEnd = [Flow.jump, Flow.jumpIndirect, Flow.return, Flow.stop, Flow.invalid].some(
      f => f === insn.flow,
    );
    const next = isEnd ? [] : [index + 1];
    if (insn.flow === Flow.jump || insn.flow === Flow.branch) next.push((insn.target - start) / 4);
    for (const to of next) if (to >= 0 && to < count && merge(states, to, state)) todo.push(to);
  }
  return found;
}

/** Everything on a page has to be mentioned here. A whole address was mentioned where it came about. */
function use(insn: Insn, state: State): number[] {
  const isSum = insn.op === Op.add && insn.width === 8;
  if (!isSum && !(insn.memory && insn.base >= 0)) return [];
  const bases = [...(state[isSum ? insn.src : insn.base] ?? [])];
  return bases.map(base => base + (isSum ? insn.imm : insn.disp));
}

function step(insn: Insn, state: State, isPage: boolean): void {
  const source = insn.op === Op.move && insn.width === 8 ? state[insn.src] : undefined;
  let killed = insn.clobbers | (insn.flow === Flow.call || insn.flow === Flow.callIndirect ? CALL_KILLS : 0);
  if (insn.dst >= 0) killed |= 1 << insn.dst;
  if (insn.dst2 >= 0) killed |= 1 << insn.dst2;
  for (let r = 0; r < 31; r++) if ((killed >>> r) & 1) state[r] = undefined;
  if (isPage || source !== undefined) state[insn.dst] = isPage ? new Set([insn.imm]) : source;
}

function merge(states: (State | undefined)[], index: number, from: State): boolean {
  const old = states[index];
  if (old === undefined) {
    states[index] = from.slice();
    return true;
  }
  let changed = false;
  for (const [r, values] of from.entries()) {
    const union = new Set([...(old[r] ?? []), ...(values ?? [])]);
    if (union.size > (old[r]?.size ?? 0)) {
      old[r] = union;
      changed = true;
    }
  }
  return changed;
}

testWith([`file:${LIBC}`], "one pass over a function mentions every address that a fixpoint finds", () => {
  const elf = new ElfFile(LIBC, readFileSync(LIBC));
  const lifter = aarch64.lifter({ bytes: elf.bytes, absolute: false, low: 0, high: 0 });
  const insn = newInsn();
  const missing: string[] = [];
  let compared = 0;
  for (const { start, end } of elf.frames) {
    const offset = elf.offsetOf(start);
    const found = new Set<number>();
    lifter.reset({ address: start, offset, length: end - start });
    for (let at = start; at < end; at += 4) {
      lifter.lift(at, offset + at - start, elf.bytes.length, insn);
      found.add(insn.ref);
    }
    // Where two pages meet one is named here; the other has to be named elsewhere.
    for (const [at, addresses] of mentioned(elf.view, offset, start, end)) {
      compared += addresses.size;
      for (const a of addresses) if (!found.has(a)) missing.push(`${at.toString(16)}: ${a.toString(16)}`);
    }
  }
  assert.ok(compared > 8_000, `${compared} addresses compared`);
  assert.deepEqual(missing, []);
});
