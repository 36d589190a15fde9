import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { Aarch64Lifter, liftWord } from "../../../src/static/aarch64/lift.ts";
import { Flow, newInsn, Op, Ref } from "../../../src/static/ir.ts";
import { testWith } from "../../support/needs.ts";
import { disagreements, parseLine } from "./oracle.ts";

const OBJDUMP = "aarch64-linux-gnu-objdump";

/** xorshift32, so that every run sees the same words. */
function randomWords(count: number, seed: number): Uint32Array {
  const words = new Uint32Array(count);
  let state = seed;
  for (let i = 0; i < count; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[i] = state >>> 0;
  }
  return words;
}

testWith([`program:${OBJDUMP}`], "agrees with objdump on 300,000 random words", () => {
  const directory = mkdtempSync(path.join(tmpdir(), "seccraft-lift-"));
  try {
    const file = path.join(directory, "words.bin");
    writeFileSync(file, randomWords(300_000, 20_250_301));
    const args = ["-D", "-b", "binary", "-m", "aarch64", "-M", "no-aliases", file];
    const { stdout } = spawnSync(OBJDUMP, args, { encoding: "utf8", maxBuffer: 1 << 28 });
    const insn = newInsn();
    const wrong: string[] = [];
    let compared = 0;
    for (const text of stdout.split("\n")) {
      const line = parseLine(text);
      if (line === undefined || line.mnemonic.startsWith(".") || text.includes("undefined")) continue;
      compared++;
      liftWord(line.word, line.address, insn);
      const found = disagreements(line, insn);
      if (found.length > 0) wrong.push(`${line.text}: ${found.join("; ")}`);
    }
    assert.ok(compared > 90_000, `only ${compared} words were instructions`);
    assert.deepEqual(wrong.slice(0, 20), []);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

/** Lifts the words in order and gives the references they make. */
function refs(words: readonly number[], address = 0x1000): { at: number; ref: number; kind: number }[] {
  const bytes = new Uint8Array(Uint32Array.from(words).buffer);
  const lifter = new Aarch64Lifter({ bytes, absolute: false, low: 0, high: 0 });
  lifter.reset();
  const insn = newInsn();
  const found: { at: number; ref: number; kind: number }[] = [];
  for (let i = 0; i < words.length; i++) {
    lifter.lift(address + i * 4, i * 4, bytes.length, insn);
    if (insn.ref !== -1) found.push({ at: i, ref: insn.ref, kind: insn.refKind });
  }
  return found;
}

/** Without the pages that ADRP makes. */
function joined(words: readonly number[]): { at: number; ref: number; kind: number }[] {
  return refs(words).filter(found => found.kind !== Ref.page);
}

const ADRP_X0_1 = 0xb000_0000; // adrp x0, one page on
const ADRP_X16_1 = 0xb000_0010;
const NOP = 0xd503_201f;

test("joins ADRP with what follows it", () => {
  assert.deepEqual(refs([ADRP_X0_1, NOP]), [{ at: 0, ref: 0x2000, kind: Ref.page }]);
  assert.deepEqual(joined([ADRP_X0_1, NOP, 0x9100_4000 /* add x0, x0, #16 */]), [
    { at: 2, ref: 0x2010, kind: Ref.taken },
  ]);
  assert.deepEqual(joined([ADRP_X0_1, 0xf940_0801 /* ldr x1, [x0, #16] */]), [
    { at: 1, ref: 0x2010, kind: Ref.read },
  ]);
  assert.deepEqual(joined([ADRP_X0_1, 0xf900_0801 /* str x1, [x0, #16] */]), [
    { at: 1, ref: 0x2010, kind: Ref.written },
  ]);
  assert.deepEqual(joined([ADRP_X0_1, 0xb861_7802 /* ldr w2, [x0, x1, lsl #2] */]), [
    { at: 1, ref: 0x2000, kind: Ref.indexed },
  ]);
});

test("says which slot a PLT entry jumps through", () => {
  const plt = [
    ADRP_X16_1,
    0xf940_0a11 /* ldr x17, [x16, #16] */,
    0x9100_4210 /* add x16, x16, #16 */,
    0xd61f_0220,
  ];
  assert.deepEqual(refs(plt).at(-1), { at: 3, ref: 0x2010, kind: Ref.read });
});

test("carries a page over a forward branch, and forgets it when the register is overwritten", () => {
  const jumpOver = [
    ADRP_X0_1,
    0x1400_0003 /* b +12 */,
    0xd280_0000 /* mov x0, #0 */,
    0xd65f_03c0,
    0x9100_4000,
  ];
  assert.deepEqual(joined(jumpOver), [{ at: 4, ref: 0x2010, kind: Ref.taken }]);
  assert.deepEqual(joined([ADRP_X0_1, 0xd280_0000 /* mov x0, #0 */, 0x9100_4000]), []);
  assert.deepEqual(joined([ADRP_X0_1, 0x9400_0010 /* bl */, 0x9100_4000]), [], "a call destroys x0");
});

test("an instruction alone has its whole meaning", () => {
  const insn = newInsn();
  liftWord(ADRP_X0_1, 0x1234, insn);
  assert.deepEqual([insn.op, insn.dst, insn.imm], [Op.constant, 0, 0x2000]);
  liftWord(0xa9be_7bfd, 0, insn); // stp x29, x30, [sp, #-32]!
  assert.deepEqual(
    [insn.op, insn.src, insn.src2, insn.base, insn.disp, insn.stack],
    [Op.store, 29, 30, 31, -32, -32],
  );
  liftWord(0xa8c2_7bfd, 0, insn); // ldp x29, x30, [sp], #32
  assert.deepEqual([insn.op, insn.dst, insn.dst2, insn.disp, insn.stack], [Op.load, 29, 30, 0, 32]);
  liftWord(0xd400_0001, 0, insn);
  assert.equal(insn.flow, Flow.syscall);
  liftWord(0xf2a0_0020, 0, insn); // movk x0, #1, lsl #16
  assert.deepEqual([insn.op, insn.dst, insn.src, insn.imm, insn.scale], [Op.insert, 0, 0, 0x1_0000, 16]);
});

test("stops at the limit", () => {
  const lifter = new Aarch64Lifter({ bytes: new Uint8Array(6), absolute: false, low: 0, high: 0 });
  const insn = newInsn();
  lifter.lift(4, 4, 6, insn);
  assert.deepEqual([insn.flow, insn.length], [Flow.invalid, 4]);
});
