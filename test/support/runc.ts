import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { compileProgram } from "./programs.ts";

interface Config {
  process: { terminal: boolean; args: readonly string[] };
  root: { path: string };
  linux: { cgroupsPath?: string; seccomp?: object };
}

/** Containers that runc runs from one root folder with the program `distinct`, apart from everybody else's. */
export class RuncContainers {
  readonly states: string;
  /** Name of the cgroup that they are in. */
  readonly cgroup: string;
  readonly #folder: string;
  readonly #config: Config;
  readonly #started: string[] = [];

  constructor(folder: string, mark: string) {
    this.#folder = folder;
    this.states = path.join(folder, "states");
    this.cgroup = `/${mark}`;
    mkdirSync(path.join(folder, "root"), { recursive: true });
    compileProgram(path.join(folder, "root"), "distinct", ["-static"]);
    runc(["spec"], folder);
    this.#config = JSON.parse(readFileSync(path.join(folder, "config.json"), "utf8")) as Config;
  }

  /** Starts a container whose program makes one call all the time, under a profile if one is given. */
  start(name: string, call: number, seccomp?: object): void {
    const bundle = path.join(this.#folder, name);
    mkdirSync(bundle);
    const config: Config = {
      ...this.#config,
      process: { ...this.#config.process, terminal: false, args: ["/distinct", String(call)] },
      root: { path: path.join(this.#folder, "root") },
      linux: {
        ...this.#config.linux,
        cgroupsPath: `${this.cgroup}/${name}`,
        ...(seccomp === undefined ? {} : { seccomp }),
      },
    };
    writeFileSync(path.join(bundle, "config.json"), JSON.stringify(config));
    this.#started.push(name);
    runc(["--root", this.states, "run", "--detach", "--bundle", bundle, name], bundle);
  }

  /** Ends a container and removes it. */
  stop(name: string): void {
    runc(["--root", this.states, "delete", "--force", name], this.#folder);
    this.#started.splice(this.#started.indexOf(name), 1);
  }

  /** Ends all that still run, and removes their cgroups. */
  close(): void {
    for (const name of this.#started) {
      spawnSync("runc", ["--root", this.states, "delete", "--force", name], { timeout: 20_000 });
    }
    for (const line of readFileSync("/proc/self/mountinfo", "utf8").split("\n")) {
      const [, , , , mount = ""] = line.split(" ");
      if (!/ - cgroup2? /.test(line)) continue;
      try {
        rmdirSync(path.join(mount, this.cgroup));
      } catch {
        // runc made none in this hierarchy.
      }
    }
    rmSync(this.states, { recursive: true, force: true });
  }
}

function runc(args: readonly string[], cwd: string): void {
  // A container keeps the descriptors: a pipe would not end before it does.
  const log = path.join(cwd, "runc.log");
  const output = openSync(log, "w");
  try {
    const result = spawnSync("runc", [...args], {
      cwd,
      timeout: 30_000,
      stdio: ["ignore", "ignore", output],
    });
    if (result.status !== 0) throw new Error(`runc ${args.join(" ")}: ${readFileSync(log, "utf8")}`);
  } finally {
    closeSync(output);
  }
}
