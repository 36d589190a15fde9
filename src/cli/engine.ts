import { existsSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { CONTAINER_DEFAULTS, type ContainerOptions, isImagePath } from "../engine/container.ts";
import type { Engine } from "../engine/engine.ts";
import { nativeEngine } from "../engine/native/native.ts";
import { InputError, MachineError, UsageError } from "../errors.ts";
import type { Target } from "../evidence/model.ts";
import type { RunFolder } from "../linux/runfolder.ts";
import type { RuntimeBase } from "../profile/runtime-base.ts";
import type { Recorder } from "../record/recorder.ts";
import type { ContainerCliOptions } from "./container-options.ts";
import { tell } from "./say.ts";

/** What starts the target; the target itself when it is not a command. */
export interface Chosen {
  readonly engine: Engine;
  readonly target?: Target;
  /** How the container is run, and what identifies its image. */
  readonly container?: OpenedContainer;
}

/** All that it takes to open the same container again. */
export interface OpenedContainer {
  readonly options: ContainerOptions;
  readonly digest: string | undefined;
}

/**
 * The engine for what a user asked for. `auto`: images by path go to runc, those by name to Docker, from which runc
 * takes them where asked for, and where Docker cannot start what is recorded.
 */
export async function chooseEngine(options: ContainerCliOptions, folder: RunFolder): Promise<Chosen> {
  const { image, engine: asked } = options;
  if (image === undefined) {
    if (asked === "auto" || asked === "native") return { engine: nativeEngine() };
    throw new UsageError(`--engine ${asked} needs --image: an image by name, an archive, or a root folder`);
  }
  if (asked === "native") throw new UsageError("--engine native starts commands: leave --image out");
  const isPath = isImagePath(image);
  if (isPath && !existsSync(image)) throw new InputError("no such file or folder", { file: image });
  tellNamesake(image);
  const name = isPath ? path.resolve(image) : image;
  const container = containerOptions(options, name);
  const choice = asked === "auto" ? (isPath ? "runc" : await dockerOrRunc()) : asked;
  const { engine, digest } = await openContainerEngine(choice, container, folder);
  return {
    engine,
    target: { kind: "image", name, ...(digest === undefined ? {} : { digest }) },
    container: { options: container, digest },
  };
}

/** A file of that name is not what was asked for, but may be what was meant. */
export function tellNamesake(image: string): void {
  if (!isImagePath(image) && existsSync(image))
    tell(`${image} is taken for the name of an image; for what is here, write --image ./${image}\n`);
}

async function dockerOrRunc(): Promise<"docker" | "runc"> {
  const { whyNotDocker } = await import("../engine/docker/docker.ts");
  const reason = await whyNotDocker();
  if (reason === undefined) return "docker";
  process.stderr.write(`${reason}: its image is run by runc\n`);
  return "runc";
}

/** Opens an image for one of the engines that run containers. */
export async function openContainerEngine(
  engine: "runc" | "docker",
  options: ContainerOptions,
  folder: RunFolder,
): Promise<{ engine: Engine; digest: string | undefined }> {
  return engine === "docker"
    ? await (await import("../engine/docker/docker.ts")).dockerEngine(options, folder)
    : await (await import("../engine/runc/runc.ts")).runcEngine(options, folder);
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
    healthCheck: options.healthcheck,
    ...(options.user === undefined ? {} : { user: options.user }),
    ...(options.entrypoint === undefined ? {} : { entrypoint: options.entrypoint }),
    ...(options.workdir === undefined ? {} : { workdir: options.workdir }),
    ...(options.network === undefined ? {} : { network: options.network }),
  };
}

/** A container's profile has to let its runtime work, unless somebody says that it need not. */
export function runtimeOf(options: { readonly runtime?: RuntimeBase; readonly image?: string }): RuntimeBase {
  return options.runtime ?? (options.image === undefined ? "none" : "runc");
}

/** A container's runtime loads the filter, so that only eBPF can watch what is in it. */
export function requireTracing(recorder: Recorder): void {
  if (recorder.name === "ebpf") return;
  throw new MachineError(
    "containers are recorded by eBPF, which is not available here",
    "Run as root on a kernel with BTF; `seccraft doctor` tells what is missing.",
  );
}
