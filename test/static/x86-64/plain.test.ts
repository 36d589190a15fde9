import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { assert as holds, property, uint8Array } from "fast-check";
import { ElfFile } from "../../../src/static/elf/file.ts";
import { Flow, newInsn } from "../../../src/static/ir.ts";
import { x8664 } from "../../../src/static/x86-64/machine.ts";

/** Compares the quick length at every byte with what the lifter says; returns how many instructions were plain. */
function compare(bytes: Uint8Array): number {
  const lifter = x8664.lifter({ bytes, absolute: false, low: 0, high: bytes.length });
  const insn = newInsn();
  let plain = 0;
  for (let at = 0; at < bytes.length; at++) {
    const length = lifter.plainLength(at, bytes.length);
    if (length === 0) continue;
    plain++;
    lifter.lift(at, at, bytes.length, insn);
    const place = `at ${at}: ${Buffer.from(bytes.subarray(at, at + length)).toString("hex")}`;
    assert.equal(insn.length, length, place);
    assert.equal(insn.flow, Flow.next, place);
    assert.equal(insn.nop, false, place);
    assert.equal(insn.ref, -1, place);
  }
  return plain;
}

test("an instruction that is passed over is one that only needs its length", () => {
  const libc = new ElfFile("libc.so.6", readFileSync("/lib/x86_64-linux-gnu/libc.so.6"));
  for (const { start, end } of libc.code) {
    const offset = libc.offsetOf(start);
    const plain = compare(libc.bytes.subarray(offset, offset + end - start));
    if (end - start > 1_000_000) assert.ok(plain > 500_000, `${plain} of ${end - start}`);
  }
});

test("the same for bytes that no compiler wrote", () => {
  let plain = 0;
  holds(
    property(uint8Array({ minLength: 1, maxLength: 400, size: "max" }), bytes => {
      plain += compare(bytes);
    }),
    { numRuns: 2000 },
  );
  assert.ok(plain > 50_000, `${plain}`);
});

test("at a fixed address any constant may be an address, so that nothing is passed over", () => {
  const bytes = Uint8Array.of(0xbf, 0x00, 0x10, 0x40, 0x00);
  const fixed = x8664.lifter({ bytes, absolute: true, low: 0x400000, high: 0x500000 });
  assert.equal(fixed.plainLength(0, bytes.length), 0);
  assert.equal(x8664.lifter({ bytes, absolute: false, low: 0, high: 5 }).plainLength(0, bytes.length), 5);
});
