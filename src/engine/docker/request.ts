import process from "node:process";
import type Docker from "dockerode";
import { UsageError } from "../../errors.ts";
import { openCgroup } from "../../linux/cgroup.ts";
import { printProfile } from "../../profile/print.ts";
import { allowEverything, capabilityName, type ContainerOptions } from "../container.ts";
import type { LaunchSpec } from "../engine.ts";
import { HEALTH_INTERVAL_MS } from "../health.ts";

/** Marks what is ours in an engine. */
const LABEL = "org.seccraft.run";

/** What the engine is asked to create. */
export function createRequest(
  name: string,
  spec: LaunchSpec,
  options: ContainerOptions,
  hasHealthCheck: boolean,
): Docker.ContainerCreateOptions {
  const profile = JSON.parse(printProfile(spec.profile ?? allowEverything())) as object;
  const security = [`seccomp=${JSON.stringify(profile)}`];
  const plain = spec.plain === true;
  if (options.noNewPrivileges && !plain) security.push("no-new-privileges");
  const { ports, exposed } = parsePorts(options.publish);
  return {
    name,
    Image: options.image,
    Labels: { [LABEL]: String(process.pid) },
    Env: [...options.env],
    ...(spec.argv.length === 0 ? {} : { Cmd: [...spec.argv] }),
    ...(options.entrypoint === undefined ? {} : { Entrypoint: options.entrypoint }),
    ...(options.user === undefined ? {} : { User: options.user }),
    ...(options.workdir === undefined ? {} : { WorkingDir: options.workdir }),
    ...(hasHealthCheck
      ? { Healthcheck: options.healthCheck ? { Interval: HEALTH_INTERVAL_MS * 1e6 } : { Test: ["NONE"] } }
      : {}),
    AttachStdout: true,
    AttachStderr: true,
    ExposedPorts: exposed,
    HostConfig: {
      SecurityOpt: security,
      CapAdd: plain ? [] : [...options.capAdd, ...(spec.capAdd ?? [])].map(capabilityName),
      CapDrop: plain ? [] : options.capDrop.map(capabilityName),
      ReadonlyRootfs: options.readOnly,
      Binds: [...options.volume],
      Tmpfs: Object.fromEntries(options.tmpfs.map(splitTmpfs)),
      PortBindings: ports,
      ...(options.network === undefined ? {} : { NetworkMode: options.network }),
      ...(spec.cgroup === undefined ? {} : { CgroupParent: openCgroup(spec.cgroup).name }),
    },
  };
}

function splitTmpfs(text: string): [string, string] {
  const colon = text.indexOf(":");
  return colon < 0 ? [text, ""] : [text.slice(0, colon), text.slice(colon + 1)];
}

interface Ports {
  readonly ports: Record<string, { HostIp: string; HostPort: string }[]>;
  readonly exposed: Record<string, object>;
}

/** @throws UsageError when a port mapping is not one. */
function parsePorts(published: readonly string[]): Ports {
  const ports: Ports["ports"] = {};
  const exposed: Ports["exposed"] = {};
  for (const text of published) {
    const match =
      /^(?:(?:(?<address>[\d.]+|\[[\da-fA-F:]+\]):)?(?<host>\d*):)?(?<port>\d+)(?:\/(?<protocol>tcp|udp|sctp))?$/.exec(
        text,
      );
    if (match === null)
      throw new UsageError(`--publish ${JSON.stringify(text)}: write [[ADDRESS:]HOST:]PORT[/udp]`);
    const { address = "", host = "", port = "", protocol = "tcp" } = match.groups ?? {};
    const key = `${port}/${protocol}`;
    exposed[key] = {};
    ports[key] = [...(ports[key] ?? []), { HostIp: address.replace(/^\[|\]$/g, ""), HostPort: host }];
  }
  return { ports, exposed };
}
