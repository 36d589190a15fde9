import { statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { formatDuration, parseDuration } from "../duration.ts";
import { TargetError, UsageError } from "../errors.ts";
import { didYouMean } from "../suggest.ts";
import { describeExit, type Running } from "./engine.ts";
import type { ServerSpec } from "./probe.ts";
import { type WaitOptions, within } from "./wait.ts";

/** What tells that the target is ready to be exercised. */
export type ReadySpec =
  /** Something accepts connections there. Without a host (`local`): the container's address, else 127.0.0.1 or ::1. */
  | { readonly kind: "tcp"; readonly hosts: readonly string[]; readonly port: number; readonly local?: true }
  /**
   * A GET is answered with a status below 500: a 404 comes from a server that serves, a 503 from one that does not yet.
   * Redirects are not followed, certificates not checked. `local` as with tcp.
   */
  | { readonly kind: "http"; readonly url: string; readonly local?: true }
  /** Something accepts connections on that socket. */
  | { readonly kind: "unix"; readonly path: string }
  /** A line of the target's output, which must be captured, matches. */
  | { readonly kind: "log"; readonly pattern: RegExp }
  /** The file exists; one that was there before the start must have changed since. */
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "delay"; readonly milliseconds: number }
  /** The main process has ended, with whatever code. */
  | { readonly kind: "exit" };

/** The forms of a ready spec, for help and errors. */
export const READY_FORMS: string =
  "tcp:PORT, tcp:HOST:PORT, http:URL, http:PORT/PATH, unix:PATH, log:REGEX, file:PATH, delay:TIME or exit";

const KINDS = ["tcp", "http", "https", "unix", "log", "file", "delay", "exit"];

/** @throws UsageError that says what is wrong with it. */
export function parseReady(text: string): ReadySpec {
  if (text === "exit") return { kind: "exit" };
  const colon = text.indexOf(":");
  const kind = colon < 0 ? text : text.slice(0, colon);
  const value = colon < 0 ? "" : text.slice(colon + 1);
  const wrong = (reason: string, meant = ""): UsageError =>
    new UsageError(`--ready ${JSON.stringify(text)}: ${reason}; write ${READY_FORMS}${meant}`);
  switch (kind) {
    case "tcp":
      return parseTcp(value, wrong);
    case "http":
    case "https":
      return parseHttp(text, value, wrong);
    case "unix":
    case "file":
      if (value === "") throw wrong("there is no path");
      return { kind, path: value };
    case "log":
      if (value === "") throw wrong("there is no pattern");
      try {
        return { kind, pattern: new RegExp(value) };
      } catch (error) {
        throw wrong((error as Error).message);
      }
    case "delay":
      return { kind, milliseconds: parseDuration(value, "--ready delay") };
    default:
      throw wrong("unknown kind", didYouMean(kind, KINDS));
  }
}

function parseTcp(value: string, wrong: (reason: string) => UsageError): ReadySpec {
  const match = /^(?:(?<host>[^:[\]]+|\[[0-9a-fA-F:.]+\]):)?(?<port>\d{1,5})$/.exec(value);
  const port = Number(match?.groups?.["port"]);
  if (match === null || port < 1 || port > 65535) throw wrong("no port between 1 and 65535");
  const host = match.groups?.["host"]?.replace(/^\[|\]$/g, "");
  if (host === undefined) return { kind: "tcp", hosts: ["127.0.0.1", "::1"], port, local: true };
  return { kind: "tcp", hosts: [host], port };
}

/** Takes `http:http://…`, `http://…` and `https://…` alone, and `http:8080/path` without a host. */
function parseHttp(text: string, value: string, wrong: (reason: string) => UsageError): ReadySpec {
  const [scheme = ""] = text.split(":");
  const port = /^:?(?<port>\d{1,5})(?<path>\/.*)?$/.exec(value)?.groups;
  if (port !== undefined) {
    const local = `${scheme}://127.0.0.1:${port["port"]}${port["path"] ?? "/"}`;
    if (!URL.canParse(local)) throw wrong("no port between 1 and 65535");
    return { kind: "http", url: new URL(local).href, local: true };
  }
  const url = value.startsWith("//") ? text : value;
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !["http:", "https:"].includes(parsed.protocol))
    throw wrong("no http or https URL");
  return { kind: "http", url: parsed.href };
}

/** What the user wrote, or as good as. */
export function describeReady(spec: ReadySpec): string {
  switch (spec.kind) {
    case "tcp":
      return spec.hosts.length > 1 ? `tcp:${spec.port}` : `tcp:${spec.hosts.join()}:${spec.port}`;
    case "http":
      return spec.url;
    case "unix":
    case "file":
      return `${spec.kind}:${spec.path}`;
    case "log":
      return `log:${spec.pattern.source}`;
    case "delay":
      return `delay:${formatDuration(spec.milliseconds)}`;
    case "exit":
      return "exit";
  }
}

/** The same, asking at an address where no host was given. */
export function readyAt(spec: ReadySpec, address: string | undefined): ReadySpec {
  if (address === undefined) return spec;
  if (spec.kind === "tcp" && spec.local === true) return { kind: "tcp", hosts: [address], port: spec.port };
  if (spec.kind !== "http" || spec.local !== true) return spec;
  const url = new URL(spec.url);
  url.hostname = address.includes(":") ? `[${address}]` : address;
  return { kind: "http", url: url.href };
}

/** A ready check that knows how things were before the target started. */
export interface ReadyCheck {
  readonly spec: ReadySpec;
  /**
   * Resolves when the target is ready.
   * @throws TargetError when it ends before, or is not ready in time, with its last output; InterruptedError.
   */
  wait(running: Running, options: WaitOptions): Promise<void>;
}

/** Node's HTTP and TLS take longer to load than all that `--help` needs. */
async function probe(spec: ServerSpec, signal: AbortSignal): Promise<string | undefined> {
  const { probe } = await import("./probe.ts");
  return await probe(spec, signal);
}

/**
 * To be called before the target starts.
 * @param ownAddress the target will have an address of its own, where nothing else can answer
 * @throws TargetError when something else answers there already: its answer would be taken for the target's.
 */
export async function prepareReady(spec: ReadySpec, ownAddress = false): Promise<ReadyCheck> {
  if (spec.kind === "tcp" || spec.kind === "http" || spec.kind === "unix") {
    const alone = ownAddress && spec.kind !== "unix" && spec.local === true;
    if (!alone && (await probe(spec, new AbortController().signal)) === undefined) {
      throw new TargetError(`${describeReady(spec)} answers already, before the target was started`);
    }
  }
  const before = spec.kind === "file" ? fileIdentity(spec.path) : undefined;
  return { spec, wait: async (running, options) => await waitReady(spec, before, running, options) };
}

async function waitReady(
  written: ReadySpec,
  before: string | undefined,
  running: Running,
  options: WaitOptions,
): Promise<void> {
  const spec = readyAt(written, running.address);
  const name = describeReady(spec);
  let latest = "";
  const timedOut = (): Error => {
    const detail = latest === "" ? "" : ` (${latest})`;
    const message = `not ready after ${formatDuration(options.timeoutMs)}: ${name}${detail}`;
    return new TargetError(message, running.outputTail());
  };
  const report = (reason: string): void => {
    latest = reason;
  };
  await within(options, timedOut, async signal => {
    await Promise.race([until(spec, before, running, signal, report), endedBefore(name, running)]);
  });
}

/** Rejects when nothing of the target is left; its main process alone may well end, as that of a daemon does. */
async function endedBefore(name: string, running: Running): Promise<never> {
  await running.gone;
  const exit = await running.exited;
  throw new TargetError(
    `the target ended (${describeExit(exit)}) before it was ready: ${name}`,
    running.outputTail(),
  );
}

async function until(
  spec: ReadySpec,
  before: string | undefined,
  running: Running,
  signal: AbortSignal,
  report: (reason: string) => void,
): Promise<void> {
  switch (spec.kind) {
    case "exit":
      await running.exited;
      return;
    case "delay":
      await sleep(spec.milliseconds, undefined, { signal });
      return;
    case "log":
      await untilLine(spec.pattern, running, signal);
      return;
    case "file":
      await poll(
        signal,
        () => {
          const now = fileIdentity(spec.path);
          if (now === undefined) return "no such file";
          return now === before ? "unchanged since before the start" : undefined;
        },
        report,
      );
      return;
    default:
      await poll(signal, async () => await probe(spec, signal), report);
  }
}

async function poll(
  signal: AbortSignal,
  obstacle: () => Promise<string | undefined> | string | undefined,
  report: (reason: string) => void,
): Promise<void> {
  for (let pause = 5; !signal.aborted; pause = Math.min(pause * 2, 100)) {
    const reason = await obstacle();
    if (reason === undefined) return;
    report(reason);
    await sleep(pause, undefined, { signal });
  }
}

/** Inode and time of change: undefined when the file is not there. */
function fileIdentity(path: string): string | undefined {
  try {
    const stat = statSync(path, { bigint: true });
    return `${stat.dev}:${stat.ino}:${stat.ctimeNs}`;
  } catch {
    return undefined;
  }
}

const LONGEST_LINE = 64 * 1024;

function untilLine(pattern: RegExp, running: Running, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const decoder = new TextDecoder();
    let unfinished = "";
    const stop = running.onOutput(bytes => {
      const lines = (unfinished + decoder.decode(bytes, { stream: true })).split("\n");
      unfinished = (lines.at(-1) ?? "").slice(-LONGEST_LINE);
      if (lines.some(line => pattern.test(line))) resolve();
    });
    signal.addEventListener("abort", () => stop());
  });
}
