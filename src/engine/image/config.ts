import process from "node:process";
import { InputError } from "../../errors.ts";
import { healthCommand } from "../health.ts";
import { EMPTY_CONFIG, type ImageConfig } from "./model.ts";

type Json = Record<string, unknown>;

/** Go's names of machines, as images carry them. */
const MACHINES: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

export function machineName(): string {
  return MACHINES[process.arch] ?? process.arch;
}

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function texts(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.every(item => typeof item === "string") ? value : undefined;
}

function text(value: unknown, otherwise: string): string {
  return typeof value === "string" && value !== "" ? value : otherwise;
}

/**
 * An image's configuration (OCI image-spec `config.md`, the same in Docker's archives).
 * @throws InputError when it is not one, or is for another machine.
 */
export function parseConfig(
  json: unknown,
  source: string,
): { config: ImageConfig; diffIds: readonly string[] } {
  const place = { file: source };
  if (!isObject(json)) throw new InputError("its configuration is no JSON object", place);
  const { os, architecture } = json;
  if (typeof os === "string" && os !== "linux")
    throw new InputError(`it is an image for ${os}, not for linux`, place);
  if (typeof architecture === "string" && architecture !== machineName())
    throw new InputError(`it is an image for ${architecture}, and this machine is ${machineName()}`, place);
  const rootfs = isObject(json["rootfs"]) ? json["rootfs"] : {};
  const diffIds = texts(rootfs["diff_ids"]);
  if (diffIds === undefined)
    throw new InputError("its configuration names no layers (rootfs.diff_ids)", place);
  return { config: runConfig(json["config"]), diffIds };
}

function runConfig(json: unknown): ImageConfig {
  if (!isObject(json)) return EMPTY_CONFIG;
  const check = json["Healthcheck"];
  const health = healthCommand(isObject(check) ? texts(check["Test"]) : undefined);
  return {
    env: texts(json["Env"]) ?? [],
    entrypoint: texts(json["Entrypoint"]) ?? [],
    cmd: texts(json["Cmd"]) ?? [],
    workdir: text(json["WorkingDir"], "/"),
    user: text(json["User"], ""),
    stopSignal: signalName(text(json["StopSignal"], "SIGTERM")),
    ...(health === undefined ? {} : { health }),
  };
}

/** Images say `SIGQUIT`, `QUIT` or `3`; numbers are left to the engine. */
function signalName(name: string): string {
  return /^\d+$/.test(name) || name.startsWith("SIG") ? name : `SIG${name}`;
}
