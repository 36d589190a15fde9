import { readlinkSync } from "node:fs";
import process from "node:process";
import { abisOfMachine } from "../../abi/abi.ts";
import { MachineError } from "../../errors.ts";
import type { Evidence, Phase, Run } from "../../evidence/model.ts";
import { readKernelTypes, type KernelTypes } from "../../linux/ebpf/btf.ts";
import {
  attachTracingProgram,
  BpfMap,
  loadTracingProgram,
  MAP_FLAG,
  MAP_TYPE,
} from "../../linux/ebpf/system.ts";
import {
  cgroupOfProcess,
  cgroupProcesses,
  createCgroup,
  openCgroup,
  removeCgroup,
  removeLegacyCgroups,
  type Cgroup,
} from "../../linux/cgroup.ts";
import { CAPABILITY_TRACEPOINT, capabilityChecks, type Finding } from "../../linux/features.ts";
import { libc } from "../../linux/libc.ts";
import type { Leftover } from "../../linux/runfolder.ts";
import type { Recorder, Recording, RecordingOptions } from "../recorder.ts";
import { recordedArguments } from "../recorded.ts";
import { newRun } from "../run.ts";
import { callsUnderWay, processTree, type CallUnderWay } from "./adopted.ts";
import { callEnded, capabilityAsked, createCapabilityMaps, type CapabilityMaps } from "./capabilities.ts";
import { readEvidence } from "./evidence.ts";
import * as layout from "./layout.ts";
import type { KernelOffsets, Maps, ProgramOptions } from "./page.ts";
import * as programs from "./programs.ts";

const POLL_MS = 100;
/** Of looking for processes that run already. */
const MOST_ROUNDS = 10;
/**
 * Above this many calls a second results are not looked at: the tracepoint at a call's end costs as much as all the
 * rest. What is called, how often and with what, is counted all the same.
 */
const RESULTS_LIMIT_PER_SECOND = 400_000;

/** Counts in the kernel, by programs on the raw syscall tracepoints. Needs root and a kernel with BTF. */
export const ebpfRecorder: Recorder = {
  name: "ebpf",
  open: options => Promise.resolve(new EbpfRecording(options)),
};

function createMaps(): Maps {
  const grow = MAP_FLAG.noPreallocation;
  const hash = (name: string, key: number, value: number, entries: number): BpfMap =>
    new BpfMap(`seccraft_${name}`, MAP_TYPE.hash, key, value, entries, grow);
  return {
    state: new BpfMap("seccraft_state", MAP_TYPE.array, 4, layout.STATE.bytes, 1, MAP_FLAG.mappable),
    cache: new BpfMap("seccraft_cache", MAP_TYPE.percpuArray, 4, layout.CACHE.bytes, 1),
    rows: hash("rows", 4, 4, 1 << 18),
    paths: hash("paths", layout.PATH_BYTES, 4, layout.MAX_ROWS),
    pages: hash("pages", 8, 4, layout.MAX_PAGES * 4),
    cells: new BpfMap(
      "seccraft_cells",
      MAP_TYPE.array,
      4,
      layout.MAX_CELLS << layout.CELL_SHIFT,
      1,
      MAP_FLAG.mappable,
    ),
    recorded: new BpfMap("seccraft_recorded", MAP_TYPE.array, 4, layout.ABI_SLOTS * layout.PAGE_NUMBERS, 1),
    values: hash("values", 16, 4, 1 << 18),
    valueCounts: hash("vcounts", 8, 8, 1 << 16),
    errnos: hash("errnos", 8, 8, 1 << 16),
    odd: hash("odd", 8, 8, 1 << 12),
  };
}

function readOffsets(types: KernelTypes, registers: layout.MachineRegisters): KernelOffsets {
  return {
    taskTgid: types.offset("task_struct", "tgid"),
    taskSignal: types.offset("task_struct", "signal"),
    taskStatus:
      registers.compat.in === "status"
        ? types.offset("task_struct", "thread_info") + types.offset("thread_info", "status")
        : 0,
    signalLive: types.offset("signal_struct", "live"),
    binprmInterpreter: types.offset("linux_binprm", "interp"),
  };
}

class EbpfRecording implements Recording {
  readonly needs: Recording["needs"];
  readonly #maps: Maps;
  /** In a container, where the kernel tells which capabilities it looks for. */
  #capabilities: CapabilityMaps | undefined;
  /** Why it does not. */
  #capabilitiesUnseen: Finding | undefined;
  readonly #descriptors: number[] = [];
  readonly #state: { bytes: Uint8Array; unmap: () => void };
  readonly #cells: { bytes: Uint8Array; unmap: () => void };
  readonly #cgroup: Cgroup | undefined;
  readonly #run: Run;
  readonly #options: RecordingOptions;
  readonly #abis = abisOfMachine(process.arch);
  readonly #startedNs = process.hrtime.bigint();
  readonly #announced = new Set<string>();
  readonly #timer: NodeJS.Timeout;
  /** Descriptor of the attached program for results, undefined while it is detached. */
  #results: number | undefined;
  #resultsProgram = -1;
  #resultsMissed = false;
  #callsAtTick = 0;
  #leftover: Leftover | undefined;
  /** Calls in which adopted processes were when the recording began. */
  readonly #underWay = new Map<string, CallUnderWay & { readonly executable: string }>();
  #open = true;

  constructor(options: RecordingOptions) {
    const registers = layout.REGISTERS[process.arch];
    if (registers === undefined)
      throw new MachineError(
        `the eBPF recorder does not know the registers of ${process.arch}`,
        "Use --recorder notify.",
      );
    const types = readKernelTypes();
    this.#options = options;
    this.#run = newRun("ebpf", options.purpose, options.target);
    this.#maps = createMaps();
    this.#state = this.#maps.state.map();
    this.#cells = this.#maps.cells.map();
    const recorded = Buffer.alloc(layout.ABI_SLOTS * layout.PAGE_NUMBERS);
    recorded.set(recordedArguments(this.#abis));
    this.#maps.recorded.set(Buffer.alloc(4), recorded);
    this.#view().setUint32(layout.STATE.nextPage, layout.FIRST_PAGE, true);
    this.#view().setUint32(layout.STATE.nextRow, layout.FIRST_ROW, true);
    this.setPhase(options.phase);
    try {
      if (options.scope.kind === "launch") {
        const parent = options.scope.container === true ? "root" : "own";
        this.#cgroup = createCgroup(name => {
          this.#leftover = options.folder.note({ kind: "cgroup", name });
        }, parent);
      } else if (options.scope.kind === "cgroup") this.#cgroup = openCgroup(options.scope.path);
      else if (options.scope.kind === "starting") this.#cgroup = ownCgroupOf(options.scope.pid);
      this.needs = {
        noNewPrivileges: false,
        ...(this.#cgroup === undefined ? {} : { cgroup: this.#cgroup.path }),
      };
      this.#attachPrograms(
        {
          maps: this.#maps,
          registers,
          offsets: readOffsets(types, registers),
          membership:
            this.#cgroup === undefined
              ? { kind: "tree", container: isContainer(options.scope) }
              : {
                  kind: "cgroup",
                  id: this.#cgroup.id,
                  level: this.#cgroup.level,
                  container: isContainer(options.scope),
                },
        },
        types,
      );
      this.#adoptRunning();
    } catch (error) {
      this.#release();
      throw error;
    }
    this.#timer = setInterval(() => this.#tick(), POLL_MS);
    this.#timer.unref();
  }

  attach(): Promise<void> {
    // The target joined the cgroup before its exec; nothing is left to do.
    return Promise.resolve();
  }

  setPhase(phase: Phase): void {
    const view = this.#view();
    view.setUint32(layout.STATE.phase, layout.PHASES.indexOf(phase), true);
    view.setBigUint64(
      layout.STATE.generation,
      view.getBigUint64(layout.STATE.generation, true) + (1n << 32n),
      true,
    );
  }

  snapshot(): Evidence {
    return this.#read(false);
  }

  async finish(): Promise<Evidence> {
    const evidence = this.#read(true);
    this.#tell(this.#countCalls());
    await this.abandon();
    return evidence;
  }

  async abandon(): Promise<void> {
    this.#release();
    if (this.#leftover === undefined || this.#cgroup === undefined) return;
    await removeCgroup(this.#cgroup.path);
    if (isContainer(this.#options.scope)) await removeLegacyCgroups(this.#cgroup.name);
    this.#options.folder.forget(this.#leftover);
    this.#leftover = undefined;
  }

  #view(): DataView {
    const { buffer, byteOffset } = this.#state.bytes;
    return new DataView(buffer, byteOffset, layout.STATE.bytes);
  }

  #attachPrograms(options: ProgramOptions, types: KernelTypes): void {
    const load = (tracepoint: string, code: Uint8Array): number => {
      const program = loadTracingProgram(tracepoint, code, types.typedefId(`btf_trace_${tracepoint}`));
      this.#descriptors.push(program);
      return program;
    };
    const attach = (tracepoint: string, code: Uint8Array): void => {
      this.#descriptors.push(attachTracingProgram(load(tracepoint, code)));
    };
    // First those that tell executables apart, so that no exec or fork falls between.
    attach("sched_process_exit", programs.processExit(options));
    attach("sched_process_fork", programs.processFork(options));
    attach("sched_process_exec", programs.processExec(options));
    this.#resultsProgram = load("sys_exit", programs.sysExit(options));
    this.#results = attachTracingProgram(this.#resultsProgram);
    attach("sys_enter", programs.sysEnter(options));
    const [native] = this.#abis;
    const { scope } = this.#options;
    if (!isContainer(scope) || native === undefined) return;
    // After those that count, so that the call which is the mark does not count itself.
    if (scope.kind === "starting") attach("sys_enter", programs.prctlCalled(options, native));
    else attach("sys_exit", programs.filterLoaded(options, native));
    // Whoever watches a container at work cannot give it any.
    if (scope.kind === "cgroup") return;
    const checks = capabilityChecks(types);
    if (checks.state === "yes") {
      this.#capabilities = createCapabilityMaps();
      attach(CAPABILITY_TRACEPOINT, capabilityAsked(options, this.#capabilities));
      attach("sys_exit", callEnded(options, this.#capabilities));
    } else this.#capabilitiesUnseen = checks;
  }

  /** Enters processes that run already, again and again, so that what is forked in between is not missed. */
  #adoptRunning(): void {
    const scope = this.#options.scope;
    if (scope.kind === "launch") return;
    if (scope.kind === "starting") {
      if (this.#cgroup === undefined) this.#maps.rows.set(word(scope.pid), word(layout.UNKNOWN_ROW));
      return;
    }
    // Whatever loads a filter from now on has entered a container that ran already.
    this.#view().setUint32(layout.STATE.starts, 1, true);
    let known: ReadonlySet<number> = new Set();
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const processes =
        scope.kind === "process"
          ? processTree(scope.pid)
          : this.#cgroup === undefined
            ? []
            : cgroupProcesses(this.#cgroup.path);
      for (const pid of processes) this.#adopt(pid);
      const isNew = processes.some(pid => !known.has(pid));
      known = new Set(processes);
      if (round > 0 && !isNew) break;
    }
    this.setPhase(this.#options.phase);
  }

  #adopt(pid: number): void {
    let executable: string;
    try {
      executable = readlinkSync(`/proc/${pid}/exe`);
      for (const call of callsUnderWay(pid))
        this.#underWay.set(`${executable} ${call.abi} ${call.number}`, { ...call, executable });
    } catch {
      return;
    }
    const path = Buffer.alloc(layout.PATH_BYTES);
    path.write(executable.slice(0, layout.PATH_BYTES - 1));
    const known = this.#rowOf(path);
    const view = this.#view();
    const row = known ?? view.getUint32(layout.STATE.nextRow, true);
    if (known === undefined) {
      view.setUint32(layout.STATE.nextRow, row + 1, true);
      this.#maps.paths.set(path, word(row));
    }
    this.#maps.rows.set(word(pid), word(row));
  }

  #rowOf(path: Buffer): number | undefined {
    const { keys, values, count } = this.#maps.paths.entries();
    for (let i = 0; i < count; i++) {
      if (keys.subarray(i * layout.PATH_BYTES, (i + 1) * layout.PATH_BYTES).equals(path))
        return values.readUInt32LE(i * 4);
    }
    return undefined;
  }

  #tick(): void {
    const calls = this.#countCalls();
    const busy = ((calls - this.#callsAtTick) * 1000) / POLL_MS > RESULTS_LIMIT_PER_SECOND;
    this.#callsAtTick = calls;
    if (busy && this.#options.allResults !== true && this.#results !== undefined) {
      libc().close(this.#results);
      this.#results = undefined;
      this.#resultsMissed = true;
    } else if (!busy && this.#results === undefined) {
      this.#results = attachTracingProgram(this.#resultsProgram);
    }
    this.#tell(calls);
  }

  #countCalls(): number {
    return countCalls(this.#cells.bytes, this.#view().getUint32(layout.STATE.nextPage, true));
  }

  #tell(calls: number): void {
    if (!this.#open) return;
    this.#options.onCalls?.(calls);
    this.#announce();
  }

  #read(finished: boolean): Evidence {
    const seconds = Number(process.hrtime.bigint() - this.#startedNs) / 1e9;
    return readEvidence({
      maps: this.#maps,
      cells: this.#cells.bytes,
      abis: this.#abis,
      startedNs: this.#startedNs,
      launched: this.#options.scope.kind === "launch",
      running: ["process", "cgroup"].includes(this.#options.scope.kind),
      container: isContainer(this.#options.scope),
      resultsMissed: this.#resultsMissed,
      capabilities: this.#capabilities,
      capabilitiesUnseen: this.#capabilitiesUnseen,
      underWay: [...this.#underWay.values()],
      run: { ...this.#run, finished, seconds: Math.round(seconds * 1000) / 1000 },
    });
  }

  #announce(): void {
    if (this.#options.onNew === undefined) return;
    for (const seen of this.#read(false).observations) {
      const key = `${seen.abi} ${seen.syscall}`;
      if (this.#announced.has(key)) continue;
      this.#announced.add(key);
      this.#options.onNew({ abi: seen.abi, syscall: seen.syscall, executable: seen.executable });
    }
  }

  #release(): void {
    if (!this.#open) return;
    this.#open = false;
    clearInterval(this.#timer);
    if (this.#results !== undefined) libc().close(this.#results);
    for (const descriptor of this.#descriptors.reverse()) libc().close(descriptor);
    this.#state.unmap();
    this.#cells.unmap();
    for (const map of Object.values<BpfMap>({ ...this.#maps, ...this.#capabilities })) map.close();
  }
}

function isContainer(scope: RecordingOptions["scope"]): boolean {
  return scope.kind === "starting" || (scope.kind !== "process" && scope.container === true);
}

/** The cgroup that a runtime has made for a container; undefined when it shares one with others. */
function ownCgroupOf(pid: number): Cgroup | undefined {
  const name = cgroupOfProcess(pid);
  return name === "/" || name === cgroupOfProcess("self") ? undefined : openCgroup(name);
}

/** All calls counted so far in pages below `pages`. */
function countCalls(cells: Uint8Array, pages: number): number {
  const counts = new BigUint64Array(
    cells.buffer,
    cells.byteOffset,
    Math.min(pages, layout.MAX_PAGES) * layout.PAGE_NUMBERS * 2,
  );
  let sum = 0;
  for (let i = 0; i < counts.length; i += 2) sum += Number(counts[i]);
  return sum;
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
