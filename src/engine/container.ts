import { readFileSync } from "node:fs";
import { constants } from "node:os";
import process from "node:process";
import { abisOfMachine } from "../abi/abi.ts";
import type { ProfileDocument } from "../profile/document.ts";

/** How a container is run, in the words of `docker run`. */
export interface ContainerOptions {
  /** Name of an image that the engine has, or the path of an archive, an OCI layout, an OCI bundle or a root folder. */
  readonly image: string;
  /** `NAME=value`, over those of the image. */
  readonly env: readonly string[];
  /** `[[ADDRESS:]HOST:]PORT[/udp]` */
  readonly publish: readonly string[];
  /** `SOURCE:TARGET[:ro]` */
  readonly volume: readonly string[];
  /** `PATH[:OPTIONS]` */
  readonly tmpfs: readonly string[];
  /** Without `CAP_`. `ALL` stands for all. */
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  readonly user?: string;
  readonly readOnly: boolean;
  /** Takes the place of the image's. */
  readonly entrypoint?: string;
  readonly workdir?: string;
  readonly network?: string;
  /** no_new_privs, without which a set-user-ID program in the image gains its owner's rights. */
  readonly noNewPrivileges: boolean;
  /** Whether the image's health check is made, if it has one. */
  readonly healthCheck: boolean;
}

export const CONTAINER_DEFAULTS: Omit<ContainerOptions, "image"> = {
  env: [],
  publish: [],
  volume: [],
  tmpfs: [],
  capAdd: [],
  capDrop: ["ALL"],
  readOnly: false,
  noNewPrivileges: true,
  healthCheck: true,
};

/**
 * A profile that lets everything pass on every ABI of this machine. Without any, no filter is loaded, and nothing tells
 * where the runtime's work ends.
 */
export function allowEverything(): ProfileDocument {
  const architectures = abisOfMachine(process.arch).map(abi => abi.scmp);
  return { defaultAction: "SCMP_ACT_ALLOW", architectures, syscalls: [] };
}

/** `CAP_NET_ADMIN` from `net_admin`, `NET_ADMIN` or `CAP_NET_ADMIN`; `ALL` stays. */
export function capabilityName(text: string): string {
  const name = text.toUpperCase();
  return name === "ALL" || name.startsWith("CAP_") ? name : `CAP_${name}`;
}

/**
 * Whether a signal is lost on a container's main process: the first process of a pid namespace gets only those that it
 * has a handler for (pid_namespaces(7)).
 */
export function ignoresSignal(pid: number, signal: string): boolean {
  const number = /^\d+$/.test(signal) ? Number(signal) : constants.signals[signal as NodeJS.Signals];
  let status: string;
  try {
    status = readFileSync(`/proc/${pid}/status`, "latin1");
  } catch {
    return false;
  }
  const caught = /^SigCgt:\t([0-9a-f]+)$/m.exec(status)?.[1];
  const isFirst = /^NSpid:.*\t1$/m.test(status);
  if (caught === undefined || number === undefined || !isFirst) return false;
  return (BigInt(`0x${caught}`) & (1n << BigInt(number - 1))) === 0n;
}

/** As `Engine.ordinaryUser`; `own` is the image's. */
export function ordinaryUser({ user, noNewPrivileges }: ContainerOptions, own: string): string | undefined {
  const [name = ""] = (user ?? own).split(":");
  return noNewPrivileges && !["", "0", "root"].includes(name) ? name : undefined;
}

let started = 0;

/** A name for a container that no other process uses at the same time. */
export function containerName(): string {
  return `seccraft-${process.pid}-${Date.now().toString(36)}-${started++}`;
}

/** Whether an image is meant by where it is, and not by the name that Docker knows it by. */
export function isImagePath(image: string): boolean {
  return /^[./]|\/$|\.(?:tar(?:\.\w+)?|tgz)$/.test(image);
}
