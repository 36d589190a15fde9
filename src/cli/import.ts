import { randomUUID } from "node:crypto";
import process from "node:process";
import { EXIT, InputError, UsageError } from "../errors.ts";
import { printEvidence } from "../evidence/codec.ts";
import type { Evidence } from "../evidence/model.ts";
import { joinEvidence } from "../evidence/join.ts";
import { writeWhole } from "../files.ts";
import { countingEvidence } from "../profile/policies.ts";
import type { LogFilter } from "../record/logs/filter.ts";
import { followFile } from "../record/logs/follow.ts";
import { followLog, importLogs, type ImportOptions } from "../record/logs/import.ts";
import { kernelRing, KMSG } from "../record/logs/kmsg.ts";
import { TOOL } from "../version.ts";
import type { ImportCliOptions } from "./commands/import.ts";
import { tellGaps } from "./gaps.ts";
import { writeResult } from "./result.ts";
import { print } from "./say.ts";

/** The whole of `seccraft import`; returns the exit code. */
export async function runImport(
  files: readonly string[],
  options: ImportCliOptions,
  signal: AbortSignal,
): Promise<number> {
  const filter = await filterOf(files, options);
  const counting: Evidence[] = [];
  const settings: ImportOptions = {
    filter,
    machine: options.machine,
    tool: TOOL,
    onFile: part => counting.push(countingEvidence(part)),
  };
  if (options.follow === true) return await follow(files, options, settings, signal);
  const evidence = await importLogs(files, process.stdin, settings);
  if (signal.aborted) return EXIT.interrupted;
  tellGaps(evidence);
  if (evidence.observations.length === 0) {
    const filtered = Object.keys(settings.filter).length > 0;
    throw new InputError(filtered ? "no record passes the filter" : "nothing of use was found", {
      file: files.join(" "),
    });
  }
  if (options.evidence !== undefined) writeWhole(options.evidence, printEvidence(evidence));
  const isProfile = options.format === "oci" || options.format === "names";
  writeResult(isProfile ? joinEvidence(...counting) : evidence, options);
  return EXIT.ok;
}

async function filterOf(files: readonly string[], options: ImportCliOptions): Promise<LogFilter> {
  const { pid, comm, exe, container, since, until } = options;
  return {
    ...(container.length === 0 ? {} : await containerFilter(files, options)),
    ...(pid.length === 0 ? {} : { pids: new Set(pid) }),
    ...(comm.length === 0 ? {} : { comms: new Set(comm) }),
    ...(exe.length === 0 ? {} : { executables: new Set(exe) }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  };
}

/** The kernel's records tell only process ids; while a log grows, these tell the container. */
async function containerFilter(
  files: readonly string[],
  { container, follow }: ImportCliOptions,
): Promise<LogFilter> {
  const wanted = new Set(container);
  if (follow !== true && !files.includes(KMSG)) return { containers: wanted };
  const { findContainer } = await import("../engine/running.ts");
  const { containerNames } = await import("../engine/container-names.ts");
  for (const name of container) {
    try {
      const { id, cgroup } = await findContainer(name);
      wanted.add(id);
      if (cgroup !== undefined) wanted.add(cgroup);
    } catch (error) {
      // It does not run now; the log may tell its name by itself.
      if (!(error instanceof InputError)) throw error;
    }
  }
  return { containers: wanted, containersOf: containerNames() };
}

async function follow(
  files: readonly string[],
  options: ImportCliOptions,
  settings: ImportOptions,
  signal: AbortSignal,
): Promise<number> {
  const [file, ...more] = files;
  if (file === undefined || more.length > 0) throw new UsageError("--follow reads one file");
  const chunks = growing(file, signal);
  const name = file === "-" ? "standard input" : file;
  const evidence = await followLog(chunks, name, settings, `follow-${randomUUID()}`, call => {
    print(`${call.syscall}\t${call.abi}\t${call.executable ?? ""}\n`);
  });
  tellGaps(evidence);
  if (options.evidence !== undefined) writeWhole(options.evidence, printEvidence(evidence));
  if (options.output !== undefined) writeResult(evidence, options);
  return EXIT.ok;
}

function growing(file: string, signal: AbortSignal): AsyncIterable<Uint8Array> {
  if (file === "-") return process.stdin;
  return file === KMSG ? kernelRing(signal) : followFile(file, signal);
}
