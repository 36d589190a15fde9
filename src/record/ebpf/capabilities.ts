/**
 * Which capabilities a call failed for want of. The kernel asks for capabilities more often than a call needs them, at
 * every mmap(2) for one, so only those are counted that it asked for, and did not find, in a call that then failed with
 * EPERM or EACCES.
 */
import { CAPABILITIES } from "../../abi/capabilities.ts";
import { syscallByNumber } from "../../abi/syscalls.ts";
import type { Abi } from "../../abi/abi.ts";
import type { Gap } from "../../evidence/model.ts";
import { Assembler, FP, R0, R1, R2, R6, R7, R8, R9 } from "../../linux/ebpf/assembler.ts";
import { BpfMap, MAP_FLAG, MAP_TYPE } from "../../linux/ebpf/system.ts";
import { RUNTIME_ROW, ENTERED } from "./layout.ts";
import {
  countIn,
  findAbi,
  lookup,
  requireMember,
  SLOT,
  update,
  UPDATE_ANY,
  type ProgramOptions,
} from "./page.ts";

const EPERM = 1;
const EACCES = 13;
const ABI_SHIFT = 16;

export interface CapabilityMaps {
  /** Thread → capabilities that its present call was found to lack, as bits. */
  readonly pending: BpfMap;
  /** Row, number and ABI, capabilities → how often. */
  readonly lacking: BpfMap;
}

function hash(name: string, key: number, entries: number): BpfMap {
  return new BpfMap(`seccraft_${name}`, MAP_TYPE.hash, key, 8, entries, MAP_FLAG.noPreallocation);
}

export function createCapabilityMaps(): CapabilityMaps {
  return { pending: hash("pending", 8, 1 << 14), lacking: hash("lacking", 16, 1 << 12) };
}

/** `SLOT.countKey` = the current thread; jumps to `out` unless it is the target's, with its row in the slot `page`. */
function requireTarget(code: Assembler, options: ProgramOptions): void {
  code
    .call("get_current_pid_tgid")
    .store(8, FP, SLOT.countKey, R0)
    .mov(R9, R0)
    .aluImmediate("rsh", R9, 32)
    .store(8, FP, SLOT.key, R9);
  requireMember(code, options, "out");
  lookup(code, options.maps.rows, SLOT.key)
    .jumpIf("eq", R0, 0, "out")
    .load(4, R1, R0, 0)
    .store(8, FP, SLOT.page, R1);
}

/** The kernel looks whether a task has a capability: (cred, target_ns, capable_ns, cap, ret). */
export function capabilityAsked(options: ProgramOptions, { pending }: CapabilityMaps): Uint8Array {
  const code = new Assembler()
    .mov(R6, R1)
    .load(8, R8, R6, 32)
    .aluImmediate("lsh", R8, 32)
    .jumpIf("eq", R8, 0, "out")
    .load(8, R7, R6, 24)
    .aluImmediate("and", R7, 63);
  requireTarget(code, options);
  code.movImmediate(R8, 1).alu("lsh", R8, R7);
  lookup(code, pending, SLOT.countKey)
    .jumpIf("eq", R0, 0, "new")
    .load(8, R1, R0, 0)
    .alu("or", R1, R8)
    .store(8, R0, 0, R1)
    .jump("out")
    .label("new")
    .store(8, FP, SLOT.one, R8);
  update(code, pending, SLOT.countKey, SLOT.one, UPDATE_ANY);
  return code.label("out").movImmediate(R0, 0).exit().assemble();
}

/** At a call's end: what it lacked is forgotten, or counted when it failed for that. */
export function callEnded(options: ProgramOptions, { pending, lacking }: CapabilityMaps): Uint8Array {
  const { registers } = options;
  const code = new Assembler().mov(R6, R1).call("get_current_pid_tgid").store(8, FP, SLOT.countKey, R0);
  lookup(code, pending, SLOT.countKey)
    .jumpIf("eq", R0, 0, "out")
    .load(8, R1, R0, 0)
    .store(8, FP, SLOT.valueKey + 8, R1)
    .loadMap(R1, pending.fd)
    .mov(R2, FP)
    .aluImmediate("add", R2, SLOT.countKey)
    .call("map_delete_elem")
    .load(8, R1, R6, 8)
    .jumpIf("eq", R1, -EPERM, "failed")
    .jumpIf("ne", R1, -EACCES, "out")
    .label("failed")
    .load(8, R8, R6, 0)
    .load(8, R7, R8, registers.number);
  code.call("get_current_task_btf");
  findAbi(code, options);
  requireTarget(code, options);
  code
    .load(8, R1, FP, SLOT.page)
    .store(4, FP, SLOT.valueKey, R1)
    .load(8, R2, FP, SLOT.abi)
    .aluImmediate("lsh", R2, ABI_SHIFT)
    .alu("or", R2, R7)
    .store(4, FP, SLOT.valueKey + 4, R2);
  countIn(code, lacking, "lacking", SLOT.valueKey);
  return code.label("out").movImmediate(R0, 0).exit().assemble();
}

/** A gap for each program, call and set of capabilities; of a set, any one may have been enough. */
export function capabilityGaps(
  { lacking }: CapabilityMaps,
  run: string,
  abis: readonly Abi[],
  paths: ReadonlyMap<number, string>,
): Gap[] {
  const { keys, values, count } = lacking.entries();
  const gaps: Gap[] = [];
  for (let i = 0; i < count; i++) {
    const row = keys.readUInt32LE(i * 16);
    const call = keys.readUInt32LE(i * 16 + 4);
    const abi = abis[call >>> ABI_SHIFT];
    // The runtime has whatever it needs.
    if (abi === undefined || (row & ~ENTERED) === RUNTIME_ROW) continue;
    const number = (call & ((1 << ABI_SHIFT) - 1)) + abi.numberBase;
    const name = syscallByNumber(abi.name, number)?.name ?? `syscall_${number}`;
    const bits = keys.readBigUInt64LE(i * 16 + 8);
    const capabilities = CAPABILITIES.filter((_, bit) => (bits & (1n << BigInt(bit))) !== 0n).sort();
    const file = paths.get(row);
    gaps.push({
      run,
      kind: "capability",
      reason: `${name} failed for want of ${capabilities.join(" or ")}: what follows where it succeeds is not known`,
      ...(file === undefined ? {} : { place: { file } }),
      remedy: "Give it with --cap-add, unless the program is to do without.",
      count: Number(values.readBigUInt64LE(i * 8)),
      capabilities,
    });
  }
  return gaps;
}
