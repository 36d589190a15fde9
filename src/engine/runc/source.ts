import { existsSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { InputError } from "../../errors.ts";
import type { RunFolder } from "../../linux/runfolder.ts";
import { type ContainerOptions, isImagePath } from "../container.ts";
import type { Files } from "../engine.ts";
import { EMPTY_CONFIG, type ImageConfig } from "../image/model.ts";
import { openImage, unpackImage } from "../image/open.ts";
import { commandOf, environment, type RuntimeConfig } from "./config.ts";

/** What containers are started from, or analysed. */
export interface Source {
  /** The image's root folder, never written to. */
  readonly lower: string;
  readonly config: ImageConfig;
  /** The configuration of an OCI bundle, which wins over the image's. */
  readonly bundle?: RuntimeConfig;
  /** `sha256:…` of the image's configuration; absent for folders. */
  readonly digest?: string;
}

/** What a container of a source finds, and how it is started. */
export function filesOf(options: ContainerOptions, { lower, config, bundle }: Source): Files {
  const { args, env, cwd } = bundle?.process ?? {};
  const given = Array.isArray(env) ? env.map(String) : environment(options.env, config.env, "");
  return {
    root: lower,
    workdir: typeof cwd === "string" ? cwd : (options.workdir ?? config.workdir),
    command: argv =>
      bundle === undefined
        ? commandOf({ options, image: config, argv })
        : argv.length > 0
          ? argv
          : (args ?? []),
    env: Object.fromEntries(given.map(entry => [entry.replace(/=.*/s, ""), entry.replace(/^[^=]*=/, "")])),
  };
}

/**
 * Opens an image and unpacks it into the folder of the run.
 * @param image an archive of `docker save`, an OCI layout, an OCI bundle, a root folder, or a name that Docker knows
 * @throws InputError when it cannot be used, MachineError for a name when no Docker Engine answers.
 */
export async function openSource(image: string, folder: RunFolder): Promise<Source> {
  if (!isImagePath(image)) return await openDockerSource(image, folder);
  if (!existsSync(image)) throw new InputError("no such file or folder", { file: image });
  const bundle = path.join(image, "config.json");
  if (existsSync(bundle) && !existsSync(path.join(image, "index.json"))) return openBundle(image, bundle);
  return await unpack(image, folder);
}

/**
 * The same for an image that a Docker Engine has, whatever files there are.
 * @throws as `openSource`
 */
export async function openDockerSource(name: string, folder: RunFolder): Promise<Source> {
  const { saveDockerImage } = await import("../docker/save.ts");
  const file = path.join(folder.path, "saved.tar");
  await saveDockerImage(name, file);
  try {
    return await unpack(file, folder);
  } finally {
    rmSync(file, { force: true });
  }
}

async function unpack(image: string, folder: RunFolder): Promise<Source> {
  const opened = await openImage(image, folder.path);
  const lower = await unpackImage(opened, path.join(folder.path, "image"));
  return {
    lower,
    config: opened.config,
    ...(opened.digest === undefined ? {} : { digest: opened.digest }),
  };
}

function openBundle(folder: string, file: string): Source {
  let config: RuntimeConfig;
  try {
    config = JSON.parse(readFileSync(file, "utf8")) as RuntimeConfig;
  } catch (cause) {
    throw new InputError(`no JSON (${(cause as Error).message})`, { file }, { cause });
  }
  const root = config.root?.path;
  if (typeof root !== "string") throw new InputError("names no root folder", { file, field: "root.path" });
  return { lower: path.resolve(folder, root), config: EMPTY_CONFIG, bundle: config };
}
