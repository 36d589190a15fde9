import { get as httpGet } from "node:http";
import { get as httpsGet } from "node:https";
import { connect } from "node:net";
import type { ReadySpec } from "./ready.ts";

/** A ready spec that asks whether a server answers. */
export type ServerSpec = Extract<ReadySpec, { kind: "tcp" | "http" | "unix" }>;

const PROBE_MS = 2000;

/** Undefined when a server answers, else why that does not count. */
export async function probe(spec: ServerSpec, signal: AbortSignal): Promise<string | undefined> {
  if (spec.kind === "http") return await probeHttp(spec.url, signal);
  if (spec.kind === "unix") return await probeSocket({ path: spec.path });
  let reason: string | undefined;
  for (const host of spec.hosts) {
    const obstacle = await probeSocket({ host, port: spec.port });
    if (obstacle === undefined) return undefined;
    reason ??= obstacle;
  }
  return reason;
}

function probeSocket(where: { path: string } | { host: string; port: number }): Promise<string | undefined> {
  return new Promise(resolve => {
    const socket = connect(where);
    const end = (reason: string | undefined): void => {
      socket.destroy();
      resolve(reason);
    };
    socket.once("connect", () => end(undefined));
    socket.on("error", error => end((error as NodeJS.ErrnoException).code ?? error.message));
    socket.setTimeout(PROBE_MS, () => end("no answer"));
  });
}

function probeHttp(url: string, signal: AbortSignal): Promise<string | undefined> {
  return new Promise(resolve => {
    const options = { agent: false as const, timeout: PROBE_MS, rejectUnauthorized: false, signal };
    const request = (url.startsWith("https:") ? httpsGet : httpGet)(url, options, response => {
      response.destroy();
      const status = response.statusCode ?? 500;
      resolve(status < 500 ? undefined : `status ${status}`);
    });
    request.on("timeout", () => request.destroy(new Error("no answer")));
    request.on("error", error => resolve((error as NodeJS.ErrnoException).code ?? error.message));
  });
}
