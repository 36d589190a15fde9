import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import {
  Decoder,
  DecoderOptions,
  FlowControl,
  Instruction,
  InstructionInfoFactory,
  Mnemonic,
  OpAccess,
  Register,
  RegisterExt,
} from "iced-x86";
import { ElfFile } from "../../../src/static/elf/file.ts";
import { Flow, newInsn, type Insn } from "../../../src/static/ir.ts";
import { x8664 } from "../../../src/static/x86-64/machine.ts";

const WRITES = new Set<OpAccess>([
  OpAccess.Write,
  OpAccess.CondWrite,
  OpAccess.ReadWrite,
  OpAccess.ReadCondWrite,
]);

/** General registers that iced says are written, as a bit mask; the stack pointer apart. */
function written(factory: InstructionInfoFactory, instruction: Instruction): number {
  const info = factory.info(instruction);
  let mask = 0;
  for (const used of info.usedRegisters()) {
    if (WRITES.has(used.access) && RegisterExt.isGPR(used.register)) {
      mask |= 1 << (RegisterExt.fullRegister(used.register) - Register.RAX);
    }
    used.free();
  }
  info.free();
  return mask;
}

function flowOf(instruction: Instruction): number[] {
  switch (instruction.flowControl) {
    case FlowControl.Next:
      return [instruction.mnemonic === Mnemonic.Hlt ? Flow.stop : Flow.next];
    case FlowControl.UnconditionalBranch:
      return [Flow.jump];
    case FlowControl.IndirectBranch:
      return [Flow.jumpIndirect];
    case FlowControl.ConditionalBranch:
    case FlowControl.XbeginXabortXend:
      return [Flow.branch, Flow.next];
    case FlowControl.Return:
      return [Flow.return];
    case FlowControl.Call:
      return instruction.isCallNear ? [Flow.call] : [Flow.syscall, Flow.foreignSyscall, Flow.next];
    case FlowControl.IndirectCall:
      return [Flow.callIndirect];
    case FlowControl.Interrupt:
      return [Flow.stop, Flow.foreignSyscall, Flow.next];
    default:
      return [Flow.stop, Flow.invalid];
  }
}

function check(insn: Insn, instruction: Instruction, factory: InstructionInfoFactory, path: string): void {
  const place = `${path} ${insn.address.toString(16)} ${instruction.toString()}`;
  assert.equal(insn.length, instruction.length, place);
  assert.ok(flowOf(instruction).includes(insn.flow), `${place}: flow ${insn.flow}`);
  if (insn.flow === Flow.jump || insn.flow === Flow.branch || insn.flow === Flow.call) {
    assert.equal(BigInt(insn.target), instruction.nearBranchTarget, place);
  }
  if (instruction.isIpRelMemoryOperand) {
    assert.equal(BigInt(insn.ref), instruction.ipRelMemoryAddress, place);
  }
  let mine = insn.clobbers;
  if (insn.dst >= 0) mine |= 1 << insn.dst;
  if (insn.op === 18) mine |= 1 << insn.src;
  if (insn.stack !== 0 || insn.stackBase >= 0) mine |= 1 << 4;
  const missing =
    written(factory, instruction) &
    ~mine &
    ~(insn.flow === Flow.syscall ||
    insn.flow === Flow.call ||
    insn.flow === Flow.callIndirect ||
    insn.flow === Flow.return
      ? x8664.syscallClobbers | 16
      : 0);
  assert.equal(missing.toString(2), "0", `${place}: does not say that it writes these registers`);
}

/** Compares every instruction of the functions in the unwind tables. Returns how many. */
function compareFile(path: string, step: number): number {
  const elf = new ElfFile(path, readFileSync(path));
  const lifter = x8664.lifter({ bytes: elf.bytes, absolute: false, low: 0, high: 0 });
  const insn = newInsn();
  const factory = new InstructionInfoFactory();
  const instruction = new Instruction();
  let count = 0;
  elf.frames.forEach((frame, index) => {
    if (index % step !== 0) return;
    const offset = elf.offsetOf(frame.start);
    const decoder = new Decoder(
      64,
      elf.bytes.subarray(offset, offset + frame.end - frame.start),
      DecoderOptions.None,
    );
    decoder.ip = BigInt(frame.start);
    for (let at = frame.start; at < frame.end; at += insn.length) {
      decoder.decodeOut(instruction);
      lifter.lift(at, elf.offsetOf(at), offset + frame.end - frame.start, insn);
      check(insn, instruction, factory, path);
      count++;
    }
    decoder.free();
  });
  instruction.free();
  factory.free();
  return count;
}

const FILES: readonly [string, number][] = [
  ["/lib64/ld-linux-x86-64.so.2", 1],
  ["/lib/x86_64-linux-gnu/libc.so.6", 1],
  ["/usr/lib/x86_64-linux-gnu/libcrypto.so.3", 40],
];

for (const [path, step] of FILES) {
  if (!existsSync(path)) continue;
  test(`decodes ${path} as iced-x86 does`, () => {
    assert.ok(compareFile(path, step) > 10_000);
  });
}
