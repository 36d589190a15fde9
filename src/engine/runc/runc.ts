import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { MachineError, UsageError } from "../../errors.ts";
import { openCgroup, removeCgroupByName } from "../../linux/cgroup.ts";
import type { RunFolder } from "../../linux/runfolder.ts";
import { allowEverything, containerName, type ContainerOptions, ordinaryUser } from "../container.ts";
import type { Engine, LaunchSpec, Running } from "../engine.ts";
import { nativeEngine } from "../native/native.ts";
import { runtimeConfig, seccompOf, type RuntimeConfig } from "./config.ts";
import { RuncContainer, removeRuncContainer } from "./running.ts";
import { filesOf, openSource, type Source } from "./source.ts";
import { nextNetwork, START_SCRIPT, type Network } from "./start.ts";

interface Context {
  readonly options: ContainerOptions;
  readonly folder: RunFolder;
  readonly source: Source;
  /** Where runc keeps its states. */
  readonly states: string;
}

/**
 * Starts containers by runc alone, from an archive, an OCI layout, an OCI bundle or a root folder. Each start has a
 * fresh root: a layer in memory above the image, in a mount namespace that goes away with the container.
 * @throws MachineError without root or runc, InputError when the image cannot be used.
 */
export async function runcEngine(
  options: ContainerOptions,
  folder: RunFolder,
): Promise<{ engine: Engine; digest: string | undefined }> {
  requireRunc();
  if (options.publish.length > 0)
    throw new UsageError("--publish needs --engine docker; under runc use SECCRAFT_ADDRESS");
  const source = await openSource(options.image, folder);
  const states = path.join(folder.path, "runc");
  mkdirSync(states, { mode: 0o700, recursive: true });
  const context = { options, folder, source, states };
  const user = source.bundle === undefined ? ordinaryUser(options, source.config.user) : undefined;
  const engine: Engine = {
    name: "runc",
    ...(networkOf(options) === "private" ? { ownAddress: true } : {}),
    ...(user === undefined ? {} : { ordinaryUser: user }),
    files: () => Promise.resolve(filesOf(options, source)),
    start: async spec => await start(context, spec),
  };
  return { engine, digest: source.digest };
}

function requireRunc(): void {
  if (process.geteuid?.() !== 0)
    throw new MachineError(
      "an image is run by runc, which needs root",
      "Run as root, or use --engine docker; a command, after --, needs neither.",
    );
  for (const program of ["runc", "unshare", "mount", "ip", "nsenter"]) {
    if (spawnSync("sh", ["-c", `command -v ${program}`]).status !== 0)
      throw new MachineError(
        `${program} is not installed`,
        "Install runc, util-linux and iproute2, or use --engine docker; a command, after --, needs neither.",
      );
  }
}

function networkOf(options: ContainerOptions): "private" | "host" | "none" {
  const { network } = options;
  if (network === undefined || network === "bridge") return "private";
  if (network !== "host" && network !== "none")
    throw new UsageError(
      `--network ${JSON.stringify(network)}: under runc it is host or none, or a network of its own when not given`,
    );
  return network;
}

async function start(context: Context, spec: LaunchSpec): Promise<Running> {
  const name = containerName();
  const bundle = path.join(context.folder.path, name);
  mkdirSync(bundle, { mode: 0o700 });
  const kind = networkOf(context.options);
  const network = kind === "private" ? nextNetwork() : undefined;
  const parent = spec.cgroup === undefined ? "/" : openCgroup(spec.cgroup).name;
  const cgroup = path.posix.join(parent, name);
  const config = configOf(context, spec, {
    name,
    rootPath: path.join(bundle, "scratch/root"),
    cgroupsPath: cgroup,
    hostNetwork: kind === "host",
  });
  writeFileSync(path.join(bundle, "config.json"), JSON.stringify(config));
  mkdirSync(path.join(bundle, "scratch"));
  // runc makes its cgroups before it notes the container, and a kill may come in between.
  const cgroupLeft = context.folder.note({ kind: "cgroup", name: cgroup });
  const leftover = context.folder.note({ kind: "container", engine: "runc", root: context.states, name });
  const running = await nativeEngine().start({
    argv: [
      "unshare",
      "--mount",
      "--propagation",
      "private",
      ...(network === undefined ? [] : ["--net"]),
      "sh",
      "-c",
      START_SCRIPT,
      "sh",
      ...scriptArguments(context, bundle, name, network),
    ],
    directory: bundle,
    stdin: spec.stdin,
    output: spec.output,
    noNewPrivileges: false,
    ownSession: true,
  });
  const container = new RuncContainer(running, {
    name,
    states: context.states,
    stopSignal: context.source.config.stopSignal as NodeJS.Signals,
    address: network?.address ?? "127.0.0.1",
    health: context.options.healthCheck ? context.source.config.health : undefined,
    clean: async () => {
      removeRuncContainer(context.states, name);
      await removeCgroupByName(cgroup);
      context.folder.forget(leftover);
      context.folder.forget(cgroupLeft);
      rmSync(bundle, { recursive: true, force: true });
    },
  });
  try {
    await container.started(path.join(bundle, "pid"));
  } catch (error) {
    await container.killAll();
    throw error;
  }
  return container;
}

function scriptArguments(
  context: Context,
  bundle: string,
  name: string,
  network: Network | undefined,
): string[] {
  const { source, states } = context;
  const link = network === undefined ? ["", "", ""] : [network.link, network.host, network.address];
  return [bundle, source.lower, states, name, String(process.pid), ...link];
}

function configOf(
  context: Context,
  spec: LaunchSpec,
  own: { name: string; rootPath: string; cgroupsPath: string; hostNetwork: boolean },
): RuntimeConfig {
  const { options, source } = context;
  const { name, rootPath, cgroupsPath, hostNetwork } = own;
  const profile = spec.profile ?? allowEverything();
  if (source.bundle !== undefined)
    return bundleConfig(source.bundle, spec, { rootPath, cgroupsPath, seccomp: seccompOf(profile) });
  return runtimeConfig({
    options: { ...options, capAdd: [...options.capAdd, ...(spec.capAdd ?? [])] },
    image: source.config,
    lower: source.lower,
    rootPath,
    argv: spec.argv,
    profile,
    cgroupsPath,
    plain: spec.plain === true,
    ownNetwork: networkOf(options) === "none",
    hostNetwork,
    hostname: name,
  });
}

/** A bundle says itself how it is run; only the profile, the cgroup and the root are ours. */
function bundleConfig(
  bundle: RuntimeConfig,
  spec: LaunchSpec,
  own: { rootPath: string; cgroupsPath: string; seccomp: unknown },
): RuntimeConfig {
  return {
    ...bundle,
    process: {
      ...bundle.process,
      terminal: false,
      ...(spec.argv.length === 0 ? {} : { args: spec.argv }),
      ...(spec.plain === true ? { noNewPrivileges: false } : {}),
    },
    root: { ...bundle.root, path: own.rootPath },
    linux: { ...bundle.linux, cgroupsPath: own.cgroupsPath, seccomp: own.seccomp },
  };
}
