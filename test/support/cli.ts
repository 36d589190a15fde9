import { spawn, type ChildProcessByStdio } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import type { Readable } from "node:stream";
import { cgroupOfProcess } from "../../src/linux/cgroup.ts";
import { ROOT } from "./programs.ts";
import { eventually } from "./target.ts";

export const PROGRAM: string = path.join(ROOT, "bin/seccraft.js");

/** How a run of seccraft ended, and what it printed. */
export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** What came on stderr until now. */
  stderr(): string;
  stdout(): string;
}

interface Options {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Instead of this repository's bin/seccraft.js: the command that seccraft's arguments follow. */
  readonly command?: readonly string[];
  readonly timeoutMs?: number;
}

let playgrounds = 0;

/**
 * A place for runs of seccraft: a folder, and a TMPDIR and a mark in the environment of their own, by which whatever a
 * run leaves behind is told from everybody else's.
 */
export class Playground {
  readonly folder: string;
  readonly #temporary: string;
  readonly #mark = `e2e-${process.pid}-${playgrounds++}`;
  readonly #pids: number[] = [];

  constructor(context: { after(body: () => void): void }) {
    this.folder = mkdtempSync(path.join(tmpdir(), "seccraft-e2e-"));
    this.#temporary = mkdtempSync(path.join(tmpdir(), "seccraft-e2e-tmp-"));
    // Also for an ordinary user.
    chmodSync(this.#temporary, 0o1777);
    context.after(() => {
      for (const pid of this.processes()) process.kill(pid, "SIGKILL");
      rmSync(this.folder, { recursive: true, force: true });
      rmSync(this.#temporary, { recursive: true, force: true });
    });
  }

  path(name: string): string {
    return path.join(this.folder, name);
  }

  /** A new folder inside. */
  subfolder(name: string): string {
    mkdirSync(this.path(name), { recursive: true });
    return this.path(name);
  }

  start(args: readonly string[], options: Options = {}): Started {
    const [command = process.execPath, ...before] = options.command ?? [process.execPath, PROGRAM];
    const child = spawn(command, [...before, ...args], {
      cwd: options.cwd ?? this.folder,
      env: {
        ...process.env,
        NO_COLOR: "1",
        NODE_OPTIONS: "",
        ...options.env,
        TMPDIR: this.#temporary,
        SECCRAFT_TEST: this.#mark,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const pid = child.pid ?? -1;
    this.#pids.push(pid);
    const out = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => (out.stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (out.stderr += text));
    const timer = setTimeout(() => child.kill("SIGKILL"), options.timeoutMs ?? 60_000);
    const ended = new Promise<Ended>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, signal) => {
        clearTimeout(timer);
        resolve({ code, signal, ...out });
      });
    });
    return { child, pid, ended, stderr: () => out.stderr, stdout: () => out.stdout };
  }

  async run(args: readonly string[], options: Options = {}): Promise<Ended> {
    return await this.start(args, options).ended;
  }

  /** Processes of these runs that there are now, zombies aside: seccraft, its launcher, targets, exercises. */
  processes(): number[] {
    return readdirSync("/proc")
      .filter(name => /^\d+$/.test(name))
      .filter(name => {
        try {
          return readFileSync(`/proc/${name}/environ`, "latin1").includes(`SECCRAFT_TEST=${this.#mark}\0`);
        } catch {
          return false;
        }
      })
      .map(Number);
  }

  /** Everything that these runs have left: processes, cgroups, mounts, temporary files. */
  traces(): string[] {
    return [
      ...this.processes().map(pid => `process ${pid} ${commandLine(pid)}`),
      ...this.cgroups(),
      ...this.temporaryFiles().map(name => `file ${name}`),
      ...mounts(),
    ];
  }

  /** Cgroups that one of these runs has made. */
  cgroups(): string[] {
    const root = cgroupRoot();
    const own = path.join(root, cgroupOfProcess("self"));
    return [...new Set([own, root])].flatMap(folder =>
      readdirSync(folder)
        .filter(name => this.#pids.some(pid => name.startsWith(`seccraft-${pid}-`)))
        .map(name => `cgroup ${name}`),
    );
  }

  temporaryFiles(): string[] {
    return readdirSync(this.#temporary, { recursive: true }).map(String);
  }

  /** Resolves when nothing is left, which after the end of seccraft itself may take the guard a moment. */
  async clean(withinMs = 5000): Promise<void> {
    await eventually(
      `nothing left but ${this.traces().join(", ")}`,
      () => this.traces().length === 0,
      withinMs,
    );
  }
}

/** Mounts that no run of seccraft may leave. */
function mounts(): string[] {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter(line => line.includes("seccraft"))
    .map(line => `mount ${line}`);
}

function cgroupRoot(): string {
  const line = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .find(text => text.includes(" - cgroup2 "));
  return line?.split(" ")[4] ?? "/sys/fs/cgroup";
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ");
  } catch {
    return "";
  }
}

/** A TCP port of 127.0.0.1 that nobody listens on. */
export async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
