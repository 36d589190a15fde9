import { existsSync } from "node:fs";
import path from "node:path";
import { CONTAINER_DEFAULTS, type ContainerOptions } from "../engine/container.ts";
import type { Engine } from "../engine/engine.ts";
import { nativeEngine } from "../engine/native/native.ts";
import { MachineError } from "../errors.ts";
import type { Target } from "../evidence/model.ts";
import type { RunFolder } from "../linux/runfolder.ts";
import type { Recorder } from "../record/recorder.ts";
import type { ContainerCliOptions } from "./container-options.ts";

/** What starts the target; the target itself when it is not a command. */
export interface Chosen {
  readonly engine: Engine;
  readonly target?: Target;
}

/**
 * The engine for what a user asked for. `auto`: images by path go to runc, those by name to Docker, from which runc
 * takes them where asked for.
 */
export async function chooseEngine(options: ContainerCliOptions, folder: RunFolder): Promise<Chosen> {
  if (options.image === undefined) return { engine: nativeEngine() };
  const container = containerOptions(options, options.image);
  const isPath = existsSync(options.image) && /^[./]|\/$|\.tar/.test(options.image);
  const choice = options.engine === "auto" ? (isPath ? "runc" : "docker") : options.engine;
  const { engine, digest } =
    choice === "docker"
      ? await (await import("../engine/docker/docker.ts")).dockerEngine(container, folder)
      : await (await import("../engine/runc/runc.ts")).runcEngine(container, folder);
  const name = isPath ? path.resolve(options.image) : options.image;
  return { engine, target: { kind: "image", name, ...(digest === undefined ? {} : { digest }) } };
}

function containerOptions(options: ContainerCliOptions, image: string): ContainerOptions {
  return {
    image,
    env: options.env,
    publish: options.publish,
    volume: options.volume,
    tmpfs: options.tmpfs,
    capAdd: options.capAdd,
    capDrop: options.capDrop ?? CONTAINER_DEFAULTS.capDrop,
    readOnly: options.readOnly === true,
    noNewPrivileges: options.newPrivileges !== true,
    ...(options.user === undefined ? {} : { user: options.user }),
    ...(options.entrypoint === undefined ? {} : { entrypoint: options.entrypoint }),
    ...(options.workdir === undefined ? {} : { workdir: options.workdir }),
    ...(options.network === undefined ? {} : { network: options.network }),
  };
}

/** A container's runtime loads the filter, so that only eBPF can watch what is in it. */
export function requireTracing(recorder: Recorder): void {
  if (recorder.name === "ebpf") return;
  throw new MachineError(
    "containers are recorded by eBPF, which is not available here",
    "Run as root on a kernel with BTF; `seccraft doctor` tells what is missing.",
  );
}
