import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { removeCgroupByName } from "../../src/linux/cgroup.ts";
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
    runc(["--root", this.states, "run", "--detach", "--bundle", bundle, name], bundle);
  }

  /** Ends a container and removes it. */
  stop(name: string): void {
    runc(["--root", this.states, "delete", "--force", name], this.#folder);
  }

  /** Ends all that still run, and removes their cgroups; needs nothing of the folder, which may be gone. */
  async close(): Promise<void> {
    await removeCgroupByName(this.cgroup);
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
