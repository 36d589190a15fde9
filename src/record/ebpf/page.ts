/** What the eBPF programs have in common: who belongs to the target, and which page counts a call. */
import { type Assembler, FP, R0, R1, R2, R3, R4, R5, R7, R8, R9 } from "../../linux/ebpf/assembler.ts";
import type { BpfMap } from "../../linux/ebpf/system.ts";
import { CACHE, MAX_PAGES, OVERFLOW_PAGE, PATH_BYTES, STATE, type MachineRegisters } from "./layout.ts";

export interface Maps {
  readonly state: BpfMap;
  readonly cache: BpfMap;
  readonly rows: BpfMap;
  readonly paths: BpfMap;
  readonly pages: BpfMap;
  readonly cells: BpfMap;
  readonly recorded: BpfMap;
  readonly values: BpfMap;
  readonly valueCounts: BpfMap;
  readonly errnos: BpfMap;
  readonly odd: BpfMap;
}

/**
 * Whose calls count: everything below a cgroup (its id and depth, where that is known), or processes in the map `rows` and their
 * children. In a container only from the moment on at which a process has done what `programs.begin` looks for: what
 * comes before is the container runtime setting things up.
 */
export type Membership =
  | {
      readonly kind: "cgroup";
      readonly id: bigint;
      readonly level: number | undefined;
      readonly container: boolean;
    }
  | { readonly kind: "tree"; readonly container: boolean };

/** Offsets in the running kernel's structures. */
export interface KernelOffsets {
  readonly taskTgid: number;
  readonly taskSignal: number;
  /** `thread_info.status`, where this machine has it. */
  readonly taskStatus: number;
  readonly signalLive: number;
  readonly binprmInterpreter: number;
}

export interface ProgramOptions {
  readonly maps: Maps;
  readonly membership: Membership;
  readonly registers: MachineRegisters;
  readonly offsets: KernelOffsets;
}

type SlotName =
  | "key"
  | "abi"
  | "cache"
  | "generation"
  | "pageKey"
  | "page"
  | "mask"
  | "valueKey"
  | "countKey"
  | "one"
  | "path";

/** Stack slots, below the frame pointer. */
export const SLOT: Readonly<Record<SlotName, number>> = {
  key: -8,
  abi: -16,
  cache: -24,
  generation: -32,
  pageKey: -40,
  page: -48,
  mask: -56,
  valueKey: -72,
  countKey: -80,
  one: -88,
  path: -88 - PATH_BYTES,
};
/** How deep a cgroup is looked for when its depth is hidden by a cgroup namespace. */
const DEEPEST_CGROUP = 16;
export const UPDATE_ANY = 0;
export const UPDATE_NEW = 1;

/** R1 = map, R2 = address of the key on the stack, then the look-up; R0 = address of the value or 0. */
export function lookup(code: Assembler, map: BpfMap, key: number): Assembler {
  return code.loadMap(R1, map.fd).mov(R2, FP).aluImmediate("add", R2, key).call("map_lookup_elem");
}

export function update(code: Assembler, map: BpfMap, key: number, value: number, flag: number): Assembler {
  return code
    .loadMap(R1, map.fd)
    .mov(R2, FP)
    .aluImmediate("add", R2, key)
    .mov(R3, FP)
    .aluImmediate("add", R3, value)
    .movImmediate(R4, flag)
    .call("map_update_elem");
}

/** Jumps to `out` unless the current process (R9 = its id, in the slot `key` as well) belongs to the target. */
export function requireMember(code: Assembler, { membership, maps }: ProgramOptions, out: string): void {
  if (membership.kind === "cgroup") {
    const { id, level } = membership;
    const levels =
      level === undefined ? Array.from({ length: DEEPEST_CGROUP }, (_, depth) => depth) : [level];
    for (const depth of levels) {
      code
        .movImmediate(R1, depth)
        .call("get_current_ancestor_cgroup_id")
        .loadImmediate64(R1, id)
        .jumpIfRegister("eq", R0, R1, "member");
    }
    code.jump(out).label("member");
  } else {
    lookup(code, maps.rows, SLOT.key).jumpIf("eq", R0, 0, out);
  }
}

/**
 * R0 = current task, R8 = registers, R7 = number: puts the ABI's index into its slot and strips x32's bit from R7.
 */
export function findAbi(code: Assembler, { registers, offsets }: ProgramOptions): void {
  if (registers.compat.in === "registers") code.load(8, R1, R8, registers.compat.offset);
  else code.load(4, R1, R0, offsets.taskStatus);
  code
    .movImmediate(R2, 0)
    .aluImmediate("and", R1, registers.compat.mask)
    .jumpIf("eq", R1, 0, "not_compat")
    .movImmediate(R2, 1)
    .jump("abi_known")
    .label("not_compat");
  if (registers.x32) {
    code
      .mov(R1, R7)
      .aluImmediate("and", R1, 0x4000_0000)
      .jumpIf("eq", R1, 0, "abi_known")
      .aluImmediate("and", R7, 0x3fff_ffff)
      .movImmediate(R2, 2);
  }
  code.label("abi_known").store(8, FP, SLOT.abi, R2);
}

/**
 * The page of the current call, in R3, by the CPU's memory or the slow way; jumps to `out` for strangers.
 * In: R7 = number, R8 = registers. Keeps R6–R8. R9 is lost.
 */
export function findPage(code: Assembler, options: ProgramOptions, out: string): void {
  const { maps, offsets } = options;
  code.call("get_current_task_btf").load(4, R9, R0, offsets.taskTgid);
  findAbi(code, options);
  code.storeImmediate(8, FP, SLOT.key, 0);
  lookup(code, maps.cache, SLOT.key).jumpIf("eq", R0, 0, out);

  code
    .loadMapValue(R4, maps.state.fd)
    .load(8, R5, R4, STATE.generation)
    .load(4, R3, R0, CACHE.process)
    .jumpIfRegister("ne", R3, R9, "slow")
    .load(8, R3, R0, CACHE.generation)
    .jumpIfRegister("ne", R3, R5, "slow")
    .load(8, R2, FP, SLOT.abi)
    .aluImmediate("lsh", R2, 2)
    .mov(R3, R0)
    .alu("add", R3, R2)
    .load(4, R3, R3, CACHE.pages)
    .jumpIf("ne", R3, 0, "have_page");

  // The generation is read before what it protects, so that a change in between leaves a stale generation in the cache.
  code
    .label("slow")
    .store(8, FP, SLOT.cache, R0)
    .store(8, FP, SLOT.generation, R5)
    .store(8, FP, SLOT.key, R9);
  requireMember(code, options, out);
  code.movImmediate(R1, 0);
  code.store(8, FP, SLOT.pageKey, R1);
  lookup(code, maps.rows, SLOT.key)
    .jumpIf("eq", R0, 0, "row_known")
    .load(4, R1, R0, 0)
    .store(4, FP, SLOT.pageKey, R1);
  code
    .label("row_known")
    .loadMapValue(R4, maps.state.fd)
    .load(4, R1, R4, STATE.phase)
    .aluImmediate("lsh", R1, 8)
    .load(8, R2, FP, SLOT.abi)
    .alu("or", R1, R2)
    .store(4, FP, SLOT.pageKey + 4, R1);
  lookup(code, maps.pages, SLOT.pageKey).jumpIf("ne", R0, 0, "page_exists");
  code
    .movImmediate(R1, 1)
    .loadMapValue(R4, maps.state.fd)
    .atomicAdd(4, R4, STATE.nextPage, R1, true)
    .aluImmediate("and", R1, 0x7fff_ffff)
    .jumpIf("lt", R1, MAX_PAGES, "page_free")
    .movImmediate(R1, OVERFLOW_PAGE)
    .label("page_free")
    .store(8, FP, SLOT.page, R1);
  update(code, maps.pages, SLOT.pageKey, SLOT.page, UPDATE_NEW);
  lookup(code, maps.pages, SLOT.pageKey).jumpIf("eq", R0, 0, out);
  code.label("page_exists").load(4, R3, R0, 0);

  code
    .load(8, R0, FP, SLOT.cache)
    .load(8, R5, FP, SLOT.generation)
    .load(4, R1, R0, CACHE.process)
    .jumpIfRegister("ne", R1, R9, "cache_reset")
    .load(8, R1, R0, CACHE.generation)
    .jumpIfRegister("eq", R1, R5, "cache_kept")
    .label("cache_reset")
    .movImmediate(R1, 0)
    .store(4, R0, CACHE.pages, R1)
    .store(4, R0, CACHE.pages + 4, R1)
    .store(4, R0, CACHE.pages + 8, R1)
    .store(4, R0, CACHE.process, R9)
    .store(8, R0, CACHE.generation, R5)
    .label("cache_kept")
    .load(8, R2, FP, SLOT.abi)
    .jumpIf("gt", R2, 2, out)
    .aluImmediate("lsh", R2, 2)
    .alu("add", R0, R2)
    .store(4, R0, CACHE.pages, R3)
    .label("have_page");
}

/** Adds one to the entry of a hash map whose key is in a slot. */
export function countIn(code: Assembler, map: BpfMap, prefix: string, key: number = SLOT.countKey): void {
  lookup(code, map, key)
    .jumpIf("eq", R0, 0, `${prefix}_new`)
    .movImmediate(R1, 1)
    .atomicAdd(8, R0, 0, R1)
    .jump(`${prefix}_done`);
  code.label(`${prefix}_new`).storeImmediate(8, FP, SLOT.one, 1);
  update(code, map, key, SLOT.one, UPDATE_ANY).label(`${prefix}_done`);
}
