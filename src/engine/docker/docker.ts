import type Docker from "dockerode";
import { InputError, MachineError, TargetError } from "../../errors.ts";
import type { RunFolder } from "../../linux/runfolder.ts";
import { containerName, type ContainerOptions, ordinaryUser } from "../container.ts";
import type { Engine, Files, LaunchSpec, Running } from "../engine.ts";
import { healthCommand } from "../health.ts";
import { Output } from "../output.ts";
import { within } from "../wait.ts";
import { connectDocker, type Connection } from "./connection.ts";
import { createRequest } from "./request.ts";
import { DockerContainer } from "./running.ts";

/** A runtime that waits for what its filter denies would wait for ever. */
const START_MS = 60_000;

/** What we have to know about an engine. */
interface Facts {
  /** Containers of a rootless or a remote engine have no address that can be reached from here. */
  readonly reachable: boolean;
  readonly host: string;
}

/**
 * Starts containers of one image through a Docker Engine.
 * @throws MachineError when none answers or it leaves cgroups to systemd, InputError when it does not have the image.
 */
export async function dockerEngine(
  options: ContainerOptions,
  folder: RunFolder,
): Promise<{ engine: Engine; digest: string }> {
  const connection = await connectDocker();
  const image = await inspectImage(connection.docker, options.image);
  const facts = await askFacts(connection);
  const stopSignal = image.Config?.StopSignal ?? "SIGTERM";
  const hasHealthCheck = healthCommand(image.Config?.Healthcheck?.Test) !== undefined;
  const user = ordinaryUser(options, image.Config?.User ?? "");
  let files: Promise<Files> | undefined;
  const engine: Engine = {
    name: "docker",
    ...(facts.reachable && options.network !== "host" ? { ownAddress: true } : {}),
    ...(user === undefined ? {} : { ordinaryUser: user }),
    files: () => (files ??= unpack(options, folder)),
    start: async spec =>
      await start({ connection, options, folder, facts, stopSignal, hasHealthCheck }, spec),
  };
  return { engine, digest: image.Id };
}

async function unpack(options: ContainerOptions, folder: RunFolder): Promise<Files> {
  const { filesOf, openDockerSource } = await import("../runc/source.ts");
  return filesOf(options, await openDockerSource(options.image, folder));
}

async function inspectImage(
  docker: Docker,
  name: string,
): Promise<Docker.ImageInspectInfo & { Config?: { StopSignal?: string } }> {
  try {
    return await docker.getImage(name).inspect();
  } catch (cause) {
    if (statusOf(cause) !== 404) throw engineError(cause, "looking at the image");
    throw new InputError(
      `the Docker Engine has no image ${name}: pull or load it first, or give the path of an archive, an OCI layout or a root folder`,
      {},
      { cause },
    );
  }
}

async function askFacts({ docker, endpoint }: Connection): Promise<Facts> {
  const info = (await docker.info()) as { CgroupDriver?: string; SecurityOptions?: string[] };
  const refused = refusalOf(info.CgroupDriver ?? "");
  if (refused !== undefined)
    throw new MachineError(refused, "Use --engine runc, which takes the image from Docker.");
  const rootless = info.SecurityOptions?.some(option => option.includes("rootless")) === true;
  const local = endpoint.startsWith("unix://");
  return {
    reachable: local && !rootless,
    host: local ? "127.0.0.1" : new URL(endpoint).hostname,
  };
}

/** Why an engine with this cgroup driver cannot start what is recorded: containers are told apart by our own cgroups. */
function refusalOf(driver: string): string | undefined {
  if (driver === "cgroupfs") return undefined;
  const why =
    driver === "systemd" ? "leaves cgroups to systemd" : "runs without cgroups, as rootless ones may";
  return `this Docker Engine ${why}, and then takes none that seccraft has made`;
}

/**
 * Why the engine cannot start containers that are to be recorded, if it cannot.
 * @throws MachineError when none answers
 */
export async function whyNotDocker(): Promise<string | undefined> {
  const { docker } = await connectDocker();
  return refusalOf(((await docker.info()) as { CgroupDriver?: string }).CgroupDriver ?? "");
}

interface Context {
  readonly connection: Connection;
  readonly options: ContainerOptions;
  readonly folder: RunFolder;
  readonly facts: Facts;
  readonly stopSignal: string;
  readonly hasHealthCheck: boolean;
}

async function start(context: Context, spec: LaunchSpec): Promise<Running> {
  const { connection, options, folder, facts, stopSignal, hasHealthCheck } = context;
  const name = containerName();
  const leftover = folder.note({ kind: "container", engine: "docker", endpoint: connection.endpoint, name });
  const output = new Output();
  const remove = async (): Promise<void> => {
    await removeDockerContainer(connection.docker, name);
    folder.forget(leftover);
  };
  try {
    const container = await connection.docker
      .createContainer(createRequest(name, spec, options, hasHealthCheck))
      .catch((error: unknown) => {
        throw engineError(error, "creating the container");
      });
    const stream = await container.attach({ stream: true, stdout: true, stderr: true });
    connection.docker.modem.demuxStream(stream, sink(output), sink(output));
    const stuck = (): Error => new TargetError("the container runtime does not get on", output.tail());
    await within({ timeoutMs: START_MS }, stuck, async () => await container.start()).catch(
      (error: unknown) => {
        throw error instanceof TargetError ? error : startError(error, output);
      },
    );
    const state = await container.inspect();
    return new DockerContainer({
      container,
      stream,
      output,
      remove,
      stopSignal,
      pid: state.State.Pid,
      id: state.Id,
      address: addressOf(state, facts),
      hasHealthCheck: hasHealthCheck && options.healthCheck,
    });
  } catch (error) {
    await remove();
    throw error;
  }
}

function sink(output: Output): NodeJS.WritableStream {
  return {
    write: (bytes: Uint8Array) => (output.add(bytes), true),
    end: () => undefined,
  } as unknown as NodeJS.WritableStream;
}

function addressOf(state: Docker.ContainerInspectInfo, facts: Facts): string {
  if (!facts.reachable) return facts.host;
  const networks = Object.values(state.NetworkSettings.Networks);
  const [address = ""] = networks.flatMap(network => (network.IPAddress === "" ? [] : [network.IPAddress]));
  // The host's own network, or none.
  return address === "" ? "127.0.0.1" : address;
}

/** Removes a container with its anonymous volumes; true when it was there. */
export async function removeDockerContainer(docker: Docker, name: string): Promise<boolean> {
  for (;;) {
    try {
      await docker.getContainer(name).remove({ force: true, v: true });
      return true;
    } catch (error) {
      const status = statusOf(error);
      if (status === 404) return false;
      // Somebody is removing it at this moment: wait until they have.
      if (status !== 409) throw engineError(error, "removing the container");
      await new Promise(resolve => setTimeout(resolve, 50));
    }
  }
}

/** Removes an image that was loaded for a run; true when it was there. */
export async function removeDockerImage(docker: Docker, name: string): Promise<boolean> {
  try {
    await docker.getImage(name).remove({ force: true });
    return true;
  } catch (error) {
    if (statusOf(error) === 404) return false;
    throw engineError(error, "removing the image");
  }
}

function statusOf(error: unknown): number | undefined {
  return (error as { statusCode?: number }).statusCode;
}

/** The engine's own words, without the client's. */
function reasonOf(error: unknown): string {
  const json = (error as { json?: { message?: unknown } }).json;
  const text = typeof json?.message === "string" ? json.message : (error as Error).message;
  return text.trim().replaceAll(/\s*\n\s*/g, "; ");
}

function engineError(error: unknown, doing: string): Error {
  const status = statusOf(error);
  if (status === undefined) {
    return new MachineError(
      `the Docker Engine went away while ${doing}: ${reasonOf(error)}`,
      "See its log.",
      { cause: error },
    );
  }
  return new TargetError(`the Docker Engine refuses (${doing}): ${reasonOf(error)}`, "", { cause: error });
}

/** The runtime tells that it could not start; what it was denied shows in the recording. */
function startError(error: unknown, output: Output): Error {
  if (statusOf(error) === undefined) return engineError(error, "starting the container");
  return new TargetError(`the container does not start: ${reasonOf(error)}`, output.tail(), { cause: error });
}
