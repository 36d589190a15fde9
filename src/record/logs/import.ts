import path from "node:path";
import type { AbiName } from "../../abi/abi.ts";
import { InputError } from "../../errors.ts";
import { parseEvidence } from "../../evidence/codec.ts";
import { joinEvidence, NO_EVIDENCE } from "../../evidence/join.ts";
import type { Evidence, Phase, SourceKind } from "../../evidence/model.ts";
import { type Block, streamBlocks } from "./blocks.ts";
import type { LogFilter } from "./filter.ts";
import { containersOf, parseJsonLine } from "./journal.ts";
import { kernelRing, KMSG } from "./kmsg.ts";
import { kindOfLog, type LogKind } from "./kind.ts";
import { OperatorReader } from "./operator.ts";
import { RecordScanner } from "./scan.ts";
import { type LogSource, openFile, openStream } from "./source.ts";
import type { Births } from "./strace/processes.ts";
import { StraceReader } from "./strace/reader.ts";
import { type Call, Tally } from "./tally.ts";

/** Evidence and profiles are read whole; larger ones than this are none. */
const MAX_DOCUMENT_BYTES = 64 * 1024 * 1024;

export interface ImportOptions {
  readonly filter: LogFilter;
  /** ABI of the machine that the log comes from, for logs that do not tell it: strace's and the operator's. */
  readonly machine: AbiName;
  /** `seccraft 0.1.0` */
  readonly tool: string;
  /** Gets what each file holds, before it is joined. */
  readonly onFile?: (evidence: Evidence) => void;
}

interface Reader {
  block(block: Block): void;
  /** Puts what is held back into the tally, though later lines might tell more about it. */
  settle?(): void;
  finish(): void;
}

async function wholeText(source: LogSource, file: string): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const { bytes, start, end, overlong } of source.blocks) {
    length += end - start;
    if (overlong > 0 || length > MAX_DOCUMENT_BYTES) {
      throw new InputError("has lines or a size that no evidence or profile has", { file });
    }
    parts.push(Buffer.from(bytes.subarray(start, end)));
  }
  return Buffer.concat(parts).toString("utf8");
}

/** A reader of one log, with what it has found so far at any time. */
export class LogImport {
  readonly #tally = new Tally();
  readonly #reader: Reader;
  readonly #scanner: RecordScanner | undefined;
  readonly #about: () => { readonly source: SourceKind; readonly epoch: boolean };
  readonly #file: string;
  readonly #tool: string;
  readonly #id: string | undefined;

  /** @param id of the run, for a log whose content still grows; a hash of what was found when absent. */
  constructor(
    kind: "records" | "strace" | "operator",
    file: string,
    options: ImportOptions,
    births: Births,
    id?: string,
  ) {
    const { filter, machine } = options;
    this.#file = file;
    this.#tool = options.tool;
    this.#id = id;
    if (kind === "strace") {
      const suffix = /\.(\d{1,7})(?:\.gz|\.zst)?$/.exec(file)?.[1];
      const pid = suffix === undefined ? undefined : Number(suffix);
      const reader = new StraceReader(this.#tally, { filter, machine, pid, births });
      this.#reader = reader;
      this.#about = () => ({ source: "strace", epoch: reader.epoch });
    } else if (kind === "operator") {
      this.#reader = new OperatorReader(this.#tally, filter, machine);
      this.#about = () => ({ source: "operator-log", epoch: true });
    } else {
      const scanner: RecordScanner = new RecordScanner(this.#tally, filter, (line, offset) => {
        const records = parseJsonLine(line);
        for (const record of records ?? []) scanner.record(record, containersOf(line), offset);
        return records !== undefined;
      });
      this.#reader = scanner;
      this.#scanner = scanner;
      this.#about = () => ({ source: scanner.channels.has("audit") ? "audit" : "kernel-log", epoch: true });
    }
  }

  /** Records or calls that were recognised, whether the filter let them pass or not. */
  get found(): number {
    return this.#tally.found;
  }

  /** Those of them that the filter let pass. */
  get records(): number {
    return this.#tally.records;
  }

  block(block: Block): void {
    this.#reader.block(block);
  }

  /** For records of the kernel that are read while the target runs: the phase of what is read from now on. */
  setPhase(phase: Phase): void {
    this.#scanner?.setPhase(phase);
  }

  /** For such records: audit's counter of lost ones when it began. */
  startLosses(total: number): void {
    this.#scanner?.startLosses(total);
  }

  /** Calls that were not there when this was last asked. */
  news(): readonly Call[] {
    this.#reader.settle?.();
    return this.#tally.news();
  }

  /** Call once, when the log has ended. */
  finish(): Evidence {
    this.#reader.finish();
    return this.snapshot();
  }

  /** What is known by now. */
  snapshot(): Evidence {
    return this.#tally.evidence({
      ...this.#about(),
      file: this.#file,
      tool: this.#tool,
      ...(this.#id === undefined ? {} : { id: this.#id }),
    });
  }
}

async function importSource(
  source: LogSource,
  file: string,
  options: ImportOptions,
  births: Births,
): Promise<{ kind: LogKind; evidence: Evidence }> {
  const kind = kindOfLog(source.head);
  if (kind === "evidence")
    return { kind, evidence: await parseEvidence(await wholeText(source, file), file) };
  if (kind === "profile") {
    const text = await wholeText(source, file);
    const { profileEvidence } = await import("./profile.ts");
    return { kind, evidence: profileEvidence(text, file, options.machine, options.tool) };
  }
  const log = new LogImport(kind, file, options, births);
  for await (const block of source.blocks) log.block(block);
  const evidence = log.finish();
  if (log.found === 0 && evidence.gaps.length === 0) {
    throw new InputError(
      "holds no seccomp record and no line of strace; known are syslog, dmesg, auditd, ausearch, journalctl -o json, " +
        "strace, security-profiles-operator, evidence and profiles",
      { file },
    );
  }
  return { kind, evidence };
}

async function openSource(file: string, stdin: AsyncIterable<Uint8Array>): Promise<LogSource> {
  if (file === "-") return openStream(stdin, "standard input");
  return file === KMSG ? openStream(kernelRing(), KMSG) : openFile(file);
}

/**
 * Reads logs, evidence files and profiles, each of a kind told by its content, into one evidence. Each log is a run
 * of its own, whose id is a hash of what was found, so that importing it twice adds nothing.
 * @param files paths; `-` is standard input, given by `stdin`, and `/dev/kmsg` the kernel's ring buffer
 * @throws InputError when one of them cannot be read or holds nothing
 */
export async function importLogs(
  files: readonly string[],
  stdin: AsyncIterable<Uint8Array>,
  options: ImportOptions,
): Promise<Evidence> {
  // Shared by the files of one `strace -ff`: a parent's file tells what its children started with.
  const births: Births = new Map();
  const parts: Evidence[] = [NO_EVIDENCE];
  for (const file of files) {
    const source = await openSource(file, stdin);
    const { evidence } = await importSource(
      source,
      file === "-" ? "standard input" : path.normalize(file),
      options,
      births,
    );
    options.onFile?.(evidence);
    parts.push(evidence);
  }
  return joinEvidence(...parts);
}

/**
 * Reads a log that still grows, and tells each call when it is new.
 * @param chunks bytes as they are appended; their end ends the reading
 * @param id of the run
 */
export async function followLog(
  chunks: AsyncIterable<Uint8Array>,
  file: string,
  options: ImportOptions,
  id: string,
  onNew: (call: Call) => void,
): Promise<Evidence> {
  let log: LogImport | undefined;
  for await (const block of streamBlocks(chunks)) {
    if (log === undefined) {
      const kind = kindOfLog(block.bytes.toString("utf8", block.start, block.end));
      if (kind === "evidence" || kind === "profile") {
        throw new InputError(`is ${kind === "evidence" ? "evidence" : "a profile"}, which does not grow`, {
          file,
        });
      }
      log = new LogImport(kind, file, options, new Map(), id);
    }
    log.block(block);
    for (const call of log.news()) onNew(call);
  }
  return log === undefined ? NO_EVIDENCE : log.finish();
}
