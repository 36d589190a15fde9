import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { Agent as HttpsAgent } from "node:https";
import { homedir } from "node:os";
import path from "node:path";
import process from "node:process";
import type Docker from "dockerode";
import { InputError, MachineError } from "../../errors.ts";

/** Where a Docker Engine is, and who it is. */
export interface Connection {
  readonly docker: Docker;
  /** `unix:///var/run/docker.sock` */
  readonly endpoint: string;
}

interface Endpoint {
  readonly url: string;
  /** Folder with ca.pem, cert.pem and key.pem. */
  readonly certificates?: string;
  readonly verify: boolean;
}

const SYSTEM_SOCKET = "/var/run/docker.sock";

/** What works where there is none. */
const WITHOUT = `Without Docker there is, in place of its name,
  --image ./web.tar   an archive as \`docker save -o web.tar IMAGE\` makes it elsewhere
  --image ./web       an OCI layout as \`skopeo copy docker://IMAGE oci:web\` makes it, an
                      OCI bundle, or a root folder
both as root and with runc; and for everybody
  -- COMMAND          what is installed on this machine itself`;
const WITHOUT_START = `Start it, or set DOCKER_HOST. ${WITHOUT}`;

/**
 * Finds the engine as the docker command does: DOCKER_HOST (with DOCKER_TLS_VERIFY and DOCKER_CERT_PATH), else the
 * context of DOCKER_CONTEXT or of the configuration file, else the system's socket, else the user's own (rootless).
 * @throws MachineError when nothing answers there, InputError when the configuration cannot be used.
 */
export async function connectDocker(endpointUrl?: string): Promise<Connection> {
  const endpoint = endpointUrl === undefined ? findEndpoint() : { url: endpointUrl, verify: true };
  const { default: DockerClient } = await import("dockerode");
  const docker = new DockerClient(clientOptions(endpoint));
  try {
    await docker.ping();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? (cause as Error).message;
    const remedy = code === "EACCES" ? `Run as root, or as a member of its group. ${WITHOUT}` : WITHOUT_START;
    throw new MachineError(`no Docker Engine answers at ${endpoint.url} (${code})`, remedy, { cause });
  }
  return { docker, endpoint: endpoint.url };
}

/** Whether there is anything to connect to, or somebody said that there is. */
export function dockerIsConfigured(): boolean {
  const { url } = findEndpoint();
  return url !== `unix://${SYSTEM_SOCKET}` || existsSync(SYSTEM_SOCKET);
}

function findEndpoint(): Endpoint {
  const host = process.env["DOCKER_HOST"];
  if (host !== undefined && host !== "") {
    const verify = (process.env["DOCKER_TLS_VERIFY"] ?? "") !== "";
    const folder = process.env["DOCKER_CERT_PATH"] ?? configFolder();
    return {
      url: host.includes("://") ? host : `tcp://${host}`,
      verify,
      ...(verify || process.env["DOCKER_CERT_PATH"] !== undefined ? { certificates: folder } : {}),
    };
  }
  const context = process.env["DOCKER_CONTEXT"] ?? configuredContext();
  if (context !== undefined && context !== "" && context !== "default") return contextEndpoint(context);
  const own = path.join(process.env["XDG_RUNTIME_DIR"] ?? "/nonexistent", "docker.sock");
  const socket = !existsSync(SYSTEM_SOCKET) && existsSync(own) ? own : SYSTEM_SOCKET;
  return { url: `unix://${socket}`, verify: true };
}

function configFolder(): string {
  return process.env["DOCKER_CONFIG"] ?? path.join(homedir(), ".docker");
}

function readJson(file: string): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  } catch (cause) {
    throw new InputError(`cannot be read (${(cause as Error).message})`, { file }, { cause });
  }
}

function configuredContext(): string | undefined {
  const file = path.join(configFolder(), "config.json");
  if (!existsSync(file)) return undefined;
  const name = readJson(file)["currentContext"];
  return typeof name === "string" ? name : undefined;
}

/** Where the docker command keeps contexts: docker/cli `cli/context/store`. */
function contextEndpoint(name: string): Endpoint {
  const id = createHash("sha256").update(name).digest("hex");
  const file = path.join(configFolder(), "contexts/meta", id, "meta.json");
  if (!existsSync(file)) throw new InputError(`there is no Docker context ${JSON.stringify(name)}`);
  const endpoints = readJson(file)["Endpoints"] as Record<string, Record<string, unknown>> | undefined;
  const url = endpoints?.["docker"]?.["Host"];
  if (typeof url !== "string") throw new InputError("names no Docker endpoint", { file });
  const certificates = path.join(configFolder(), "contexts/tls", id, "docker");
  return {
    url,
    verify: endpoints?.["docker"]?.["SkipTLSVerify"] !== true,
    ...(existsSync(certificates) ? { certificates } : {}),
  };
}

/** All is said here, so that the client looks at no environment variable by itself. */
function clientOptions({ url, certificates, verify }: Endpoint): Docker.DockerOptions {
  if (url.startsWith("unix://")) return { socketPath: url.slice("unix://".length), host: undefined };
  if (!URL.canParse(url)) throw new InputError(`${url} is no address of a Docker Engine`);
  const { hostname, port, protocol, username } = new URL(url);
  if (protocol === "ssh:") {
    return {
      protocol: "ssh",
      host: hostname,
      port: Number(port || 22),
      username,
      sshOptions: { agent: process.env["SSH_AUTH_SOCK"] ?? "" },
    };
  }
  const read = (name: string): Buffer | undefined => {
    const file = path.join(certificates ?? "", name);
    return certificates !== undefined && existsSync(file) ? readFileSync(file) : undefined;
  };
  const [ca, cert, key] = [read("ca.pem"), read("cert.pem"), read("key.pem")];
  const secure = protocol === "https:" || certificates !== undefined || port === "2376";
  return {
    protocol: secure ? "https" : "http",
    host: hostname,
    port: Number(port || (secure ? 2376 : 2375)),
    ...(ca === undefined ? {} : { ca: ca.toString("latin1") }),
    ...(cert === undefined ? {} : { cert: cert.toString("latin1") }),
    ...(key === undefined ? {} : { key: key.toString("latin1") }),
    ...(secure && !verify ? { agent: new HttpsAgent({ rejectUnauthorized: false }) } : {}),
  };
}
