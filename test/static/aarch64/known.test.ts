import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { aarch64 } from "../../../src/static/aarch64/machine.ts";
import { liftWord } from "../../../src/static/aarch64/lift.ts";
import { ElfFile } from "../../../src/static/elf/file.ts";
import { Flow, type Insn, newInsn, Op } from "../../../src/static/ir.ts";
import { testWith } from "../../support/needs.ts";

const LIBC = "/usr/aarch64-linux-gnu/lib/libc.so.6";
const CALL_KILLS = 0x4003_ffff;

/** A page that waits for its low bits, or a whole address, which has been mentioned already. */
type State = (ReadonlySet<number> | undefined)[];
const isPage = (address: number): boolean => address % 4096 === 0;

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
    step(insn, state, (word & 0x1f00_0000) === 0x1000_0000);
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
  const bases = [...(state[isSum ? insn.src : insn.base] ?? [])].filter(isPage);
  return bases.map(base => base + (isSum ? insn.imm : insn.disp));
}

function step(insn: Insn, state: State, isAddress: boolean): void {
  const source = state[insn.src];
  let value: Set<number> | undefined;
  if (isAddress) value = new Set([insn.imm]);
  else if (insn.op === Op.move && insn.width === 8 && source) value = new Set(source);
  else if (
    insn.op === Op.add &&
    insn.width === 8 &&
    source &&
    (insn.src !== insn.dst || [...source].every(isPage))
  ) {
    value = new Set([...source].map(base => base + insn.imm));
  }
  let killed = insn.clobbers | (insn.flow === Flow.call || insn.flow === Flow.callIndirect ? CALL_KILLS : 0);
  if (insn.dst >= 0) killed |= 1 << insn.dst;
  if (insn.dst2 >= 0) killed |= 1 << insn.dst2;
  for (let r = 0; r < 31; r++) if ((killed >>> r) & 1) state[r] = undefined;
  if (value !== undefined) state[insn.dst] = value;
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
    // A loop that walks a table would go on for ever.
    if (union.size > (old[r]?.size ?? 0) && union.size < 8) {
      old[r] = union;
      changed = true;
    }
  }
  return changed;
}

testWith([`file:${LIBC}`], "one pass mentions every address that a fixpoint finds", () => {
  const elf = new ElfFile(LIBC, readFileSync(LIBC));
  const lifter = aarch64.lifter({ bytes: elf.bytes, absolute: false, low: 0, high: 0 });
  const insn = newInsn();
  const missing: string[] = [];
  let compared = 0;
  for (const { start, end } of elf.frames) {
    const offset = elf.offsetOf(start);
    const wanted = mentioned(elf.view, offset, start, end);
    lifter.reset();
    for (let at = start; at < end; at += 4) {
      lifter.lift(at, offset + at - start, elf.bytes.length, insn);
      for (const address of wanted.get(at) ?? []) {
        compared++;
        if (insn.ref !== address)
          missing.push(`${at.toString(16)}: ${address.toString(16)}, not ${insn.ref.toString(16)}`);
      }
    }
  }
  assert.ok(compared > 9_000, `${compared} addresses compared`);
  assert.deepEqual(missing, []);
});
