import { Assembler, FP, R0, R1, R2, R3, R4, R6, R7, R8, R9 } from "../../linux/ebpf/assembler.ts";
import { syscallByName } from "../../abi/syscalls.ts";
import type { Abi } from "../../abi/abi.ts";
import {
  CELL,
  CELL_SHIFT,
  ENTERED,
  FIRST_SHIFT,
  MAX_CELLS,
  MAX_ROWS,
  MAX_VALUES,
  OVERFLOW_ROW,
  PAGE_NUMBERS,
  PAGE_SHIFT,
  PATH_BYTES,
  RUNTIME_ROW,
  STATE,
  UNKNOWN_ROW,
} from "./layout.ts";
import {
  countIn,
  findPage,
  lookup,
  requireMember,
  SLOT,
  update,
  UPDATE_ANY,
  UPDATE_NEW,
  type Maps,
  type ProgramOptions,
} from "./page.ts";

const LARGEST_ERRNO = 511;
const ENTERED_SHIFT: number = Math.log2(ENTERED);
/** include/uapi/linux/prctl.h, include/uapi/linux/seccomp.h */
const PR_SET_SECCOMP = 22;
const SECCOMP_SET_MODE_FILTER = 1;

/** Counts one value of argument `index` (in R1) for the cell in R9, unless it is known or there are too many. */
function recordValue(code: Assembler, { maps, registers }: ProgramOptions, index: number): void {
  const done = `argument_${index}_done`;
  const native = registers.native[index] ?? 0;
  const compat = registers.compatArguments[index] ?? 0;
  code
    .load(8, R1, FP, SLOT.mask)
    .aluImmediate("and", R1, 1 << index)
    .jumpIf("eq", R1, 0, done)
    .load(8, R2, FP, SLOT.abi)
    .jumpIf("eq", R2, 1, `argument_${index}_compat`)
    .load(8, R1, R8, native)
    .jump(`argument_${index}_loaded`)
    .label(`argument_${index}_compat`)
    .load(8, R1, R8, compat)
    .aluImmediate("lsh", R1, 32)
    .aluImmediate("rsh", R1, 32)
    .label(`argument_${index}_loaded`)
    .store(8, FP, SLOT.valueKey + 8, R1)
    .store(4, FP, SLOT.valueKey, R9)
    .storeImmediate(4, FP, SLOT.valueKey + 4, index);
  lookup(code, maps.values, SLOT.valueKey).jumpIf("ne", R0, 0, done);
  code
    .store(4, FP, SLOT.countKey, R9)
    .storeImmediate(4, FP, SLOT.countKey + 4, index)
    .storeImmediate(8, FP, SLOT.one, 1);
  lookup(code, maps.valueCounts, SLOT.countKey).jumpIf("ne", R0, 0, `argument_${index}_counted`);
  update(code, maps.valueCounts, SLOT.countKey, SLOT.one, UPDATE_ANY).jump(`argument_${index}_insert`);
  code
    .label(`argument_${index}_counted`)
    .movImmediate(R1, 1)
    .atomicAdd(8, R0, 0, R1, true)
    .jumpIf("ge", R1, MAX_VALUES, done)
    .label(`argument_${index}_insert`);
  update(code, maps.values, SLOT.valueKey, SLOT.one, UPDATE_ANY).label(done);
}

/** On every syscall's start: count it and, where its arguments are worth it, their values. */
export function sysEnter(options: ProgramOptions): Uint8Array {
  const { maps } = options;
  const code = new Assembler().mov(R6, R1).load(8, R7, R6, 8).load(8, R8, R6, 0);
  findPage(code, options, "out");
  code
    .jumpIf("ge", R7, PAGE_NUMBERS, "odd")
    .mov(R9, R3)
    .aluImmediate("lsh", R9, PAGE_SHIFT)
    .alu("add", R9, R7)
    .jumpIf("ge", R9, MAX_CELLS, "out")
    .mov(R1, R9)
    .aluImmediate("lsh", R1, CELL_SHIFT)
    .loadMapValue(R2, maps.cells.fd)
    .alu("add", R2, R1)
    .load(8, R1, R2, CELL.first)
    .jumpIf("eq", R1, 0, "first")
    .label("count")
    .movImmediate(R3, 1)
    .atomicAdd(8, R2, CELL.count, R3)
    .aluImmediate("and", R1, (1 << FIRST_SHIFT) - 1)
    .jumpIf("ne", R1, 0, "arguments")
    .label("out")
    .movImmediate(R0, 0)
    .exit();

  code
    .label("first")
    .call("ktime_get_ns")
    .aluImmediate("lsh", R0, FIRST_SHIFT)
    .load(8, R1, FP, SLOT.abi)
    .jumpIf("gt", R1, 2, "out")
    .aluImmediate("lsh", R1, PAGE_SHIFT)
    .jumpIf("ge", R7, PAGE_NUMBERS, "out")
    .alu("add", R1, R7)
    .loadMapValue(R2, maps.recorded.fd)
    .alu("add", R2, R1)
    .load(1, R1, R2, 0)
    .alu("or", R1, R0)
    .jumpIf("ge", R9, MAX_CELLS, "out")
    .mov(R3, R9)
    .aluImmediate("lsh", R3, CELL_SHIFT)
    .loadMapValue(R2, maps.cells.fd)
    .alu("add", R2, R3)
    .store(8, R2, CELL.first, R1)
    .jump("count");

  code.label("arguments").store(8, FP, SLOT.mask, R1);
  for (let index = 0; index < 6; index++) recordValue(code, options, index);
  code.jump("out");

  code
    .label("odd")
    .store(4, FP, SLOT.countKey, R3)
    .store(4, FP, SLOT.countKey + 4, R7);
  countIn(code, maps.odd, "odd");
  return code.jump("out").assemble();
}

/** On every syscall's end: count errnos. Filters that answer by themselves are seen only here. */
export function sysExit(options: ProgramOptions): Uint8Array {
  const { maps, registers } = options;
  const code = new Assembler()
    .load(8, R0, R1, 8)
    .jumpIf("sge", R0, 0, "out")
    // Below are addresses, and the kernel's internal restart codes, which no program sees.
    .jumpIf("slt", R0, -LARGEST_ERRNO, "out")
    .mov(R6, R1)
    .load(8, R8, R6, 0)
    .load(8, R7, R8, registers.number);
  findPage(code, options, "out");
  code
    .jumpIf("ge", R7, PAGE_NUMBERS, "out")
    .aluImmediate("lsh", R3, PAGE_SHIFT)
    .alu("add", R3, R7)
    .store(4, FP, SLOT.countKey, R3)
    .movImmediate(R1, 0)
    .load(8, R2, R6, 8)
    .alu("sub", R1, R2)
    .store(4, FP, SLOT.countKey + 4, R1);
  countIn(code, maps.errnos, "errno");
  return code.label("out").movImmediate(R0, 0).exit().assemble();
}

function nextGeneration(code: Assembler, maps: Maps): void {
  code.movImmediate(R1, 1).loadMapValue(R4, maps.state.fd).atomicAdd(8, R4, STATE.generation, R1);
}

/** A process starts another program: from now on its calls count for that executable. */
export function processExec(options: ProgramOptions): Uint8Array {
  const { maps, offsets } = options;
  const code = new Assembler()
    .mov(R6, R1)
    .call("get_current_pid_tgid")
    .mov(R9, R0)
    .aluImmediate("rsh", R9, 32)
    .store(8, FP, SLOT.key, R9);
  requireMember(code, options, "out");
  code.movImmediate(R8, 0);
  if (isContainer(options)) {
    // The runtime executes itself anew while it sets the container up.
    lookup(code, maps.rows, SLOT.key)
      .jumpIf("eq", R0, 0, "out")
      .load(4, R8, R0, 0)
      .jumpIf("eq", R8, UNKNOWN_ROW, "out")
      .aluImmediate("and", R8, ENTERED);
  }
  for (let at = 0; at < PATH_BYTES; at += 8) code.storeImmediate(8, FP, SLOT.path + at, 0);
  code
    .load(8, R3, R6, 16)
    .load(8, R3, R3, offsets.binprmInterpreter)
    .mov(R1, FP)
    .aluImmediate("add", R1, SLOT.path)
    .movImmediate(R2, PATH_BYTES - 1)
    .call("probe_read_kernel_str")
    // The last byte tells rows of one path apart.
    .mov(R1, R8)
    .aluImmediate("rsh", R1, ENTERED_SHIFT)
    .store(1, FP, SLOT.path + PATH_BYTES - 1, R1);
  lookup(code, maps.paths, SLOT.path).jumpIf("ne", R0, 0, "row_exists");
  code
    .movImmediate(R1, 1)
    .loadMapValue(R4, maps.state.fd)
    .atomicAdd(4, R4, STATE.nextRow, R1, true)
    .aluImmediate("and", R1, 0x7fff_ffff)
    .jumpIf("lt", R1, MAX_ROWS, "row_free")
    .movImmediate(R1, OVERFLOW_ROW)
    .label("row_free")
    .alu("or", R1, R8)
    .store(8, FP, SLOT.page, R1);
  update(code, maps.paths, SLOT.path, SLOT.page, UPDATE_NEW);
  lookup(code, maps.paths, SLOT.path)
    .jumpIf("ne", R0, 0, "row_exists")
    .movImmediate(R1, OVERFLOW_ROW)
    .alu("or", R1, R8)
    .jump("row_found");
  code.label("row_exists").load(4, R1, R0, 0).label("row_found").store(8, FP, SLOT.page, R1);
  update(code, maps.rows, SLOT.key, SLOT.page, UPDATE_ANY);
  nextGeneration(code, maps);
  return code.label("out").movImmediate(R0, 0).exit().assemble();
}

/**
 * At a call's end in a container: a process that has loaded a filter is the target's from now on. Up to its exec it
 * still runs the container runtime's code, which the filter has to let through.
 */
export function filterLoaded(options: ProgramOptions, native: Abi): Uint8Array {
  const { registers } = options;
  const code = new Assembler()
    .load(8, R0, R1, 8)
    .jumpIf("slt", R0, 0, "out")
    .load(8, R8, R1, 0)
    .load(8, R7, R8, registers.number)
    .jumpIf("eq", R7, numberOf(native, "seccomp"), "seccomp")
    .jumpIf("ne", R7, numberOf(native, "prctl"), "out")
    .load(8, R1, R8, registers.firstArgument)
    .jumpIf("eq", R1, PR_SET_SECCOMP, "begin")
    .jump("out")
    .label("seccomp")
    .load(8, R1, R8, registers.firstArgument)
    .jumpIf("ne", R1, SECCOMP_SET_MODE_FILTER, "out")
    .label("begin");
  return begin(code, options);
}

/** At a call's start in a container: a process that calls prctl(2) is the target's from now on, this call excepted. */
export function prctlCalled(options: ProgramOptions, native: Abi): Uint8Array {
  const code = new Assembler().load(8, R7, R1, 8).jumpIf("ne", R7, numberOf(native, "prctl"), "out");
  return begin(code, options);
}

/** The current process is the target's from now on, unless it is already. */
function begin(code: Assembler, options: ProgramOptions): Uint8Array {
  const { maps } = options;
  code.call("get_current_pid_tgid").mov(R9, R0).aluImmediate("rsh", R9, 32).store(8, FP, SLOT.key, R9);
  requireMember(code, options, "out");
  lookup(code, maps.rows, SLOT.key)
    .jumpIf("eq", R0, 0, "fresh")
    .load(4, R1, R0, 0)
    .jumpIf("ne", R1, UNKNOWN_ROW, "out")
    .label("fresh");
  code
    .movImmediate(R1, 1)
    .loadMapValue(R4, maps.state.fd)
    .atomicAdd(4, R4, STATE.starts, R1, true)
    .movImmediate(R2, RUNTIME_ROW)
    .jumpIf("eq", R1, 0, "first")
    .aluImmediate("or", R2, ENTERED)
    .label("first")
    .store(8, FP, SLOT.page, R2);
  update(code, maps.rows, SLOT.key, SLOT.page, UPDATE_ANY);
  nextGeneration(code, maps);
  return code.label("out").movImmediate(R0, 0).exit().assemble();
}

function numberOf(abi: Abi, name: string): number {
  const call = syscallByName(abi.name, name);
  if (call === undefined) throw new Error(`${abi.name} has no ${name}`);
  return call.number;
}

function isContainer({ membership }: ProgramOptions): boolean {
  return membership.container;
}

/** A child starts with its parent's executable. */
export function processFork(options: ProgramOptions): Uint8Array {
  const { maps, offsets } = options;
  const code = new Assembler()
    .load(8, R2, R1, 0)
    .load(4, R7, R2, offsets.taskTgid)
    .load(8, R2, R1, 8)
    .load(4, R8, R2, offsets.taskTgid)
    .jumpIfRegister("eq", R7, R8, "out")
    .store(8, FP, SLOT.key, R7);
  lookup(code, maps.rows, SLOT.key)
    .jumpIf("eq", R0, 0, "out")
    .load(4, R1, R0, 0)
    .store(8, FP, SLOT.page, R1)
    .store(8, FP, SLOT.key, R8);
  update(code, maps.rows, SLOT.key, SLOT.page, UPDATE_ANY);
  nextGeneration(code, maps);
  return code.label("out").movImmediate(R0, 0).exit().assemble();
}

/** The last thread of a process is gone: its id may be given to somebody else. */
export function processExit({ maps, offsets }: ProgramOptions): Uint8Array {
  const code = new Assembler()
    .load(8, R6, R1, 0)
    .load(8, R2, R6, offsets.taskSignal)
    .load(4, R2, R2, offsets.signalLive)
    .jumpIf("ne", R2, 0, "out")
    .load(4, R7, R6, offsets.taskTgid)
    .store(8, FP, SLOT.key, R7)
    .loadMap(R1, maps.rows.fd)
    .mov(R2, FP)
    .aluImmediate("add", R2, SLOT.key)
    .call("map_delete_elem");
  nextGeneration(code, maps);
  return code.label("out").movImmediate(R0, 0).exit().assemble();
}
