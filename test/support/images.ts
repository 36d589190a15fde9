import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Evidence, Observation } from "../../src/evidence/model.ts";
import { buildGo, GO_1_19 } from "../static/go/build.ts";
import type { Ended, Playground } from "./cli.ts";
import type { TestDocker } from "./docker.ts";
import { eventually } from "./target.ts";

/** What tests with images cannot do without. */
export const IMAGE_NEEDS = [
  "root",
  "docker",
  "program:runc",
  "file:/usr/lib/go-1.19/bin/go",
  "program:curl",
] as const;

/** The exercise of the Go web server. */
export const GET_BOTH =
  "curl -sf http://$SECCRAFT_ADDRESS:8088/hello && curl -sf http://$SECCRAFT_ADDRESS:8088/headers";

/** The Go web server alone in an image; its name. */
export function buildWeb(docker: TestDocker, playground: Playground): string {
  const folder = playground.subfolder("web");
  if (!existsSync(path.join(folder, "web"))) {
    copyFileSync(buildGo({ program: "service", go: GO_1_19 }), path.join(folder, "web"));
    chmodSync(path.join(folder, "web"), 0o755);
    writeFileSync(path.join(folder, "Dockerfile"), 'FROM scratch\nCOPY web /web\nENTRYPOINT ["/web"]\n');
  }
  docker.run(["build", "-q", "-t", "seccraft-web", folder]);
  return "seccraft-web";
}

/** An image of a root folder, with instructions of a Dockerfile. */
export function importRoot(
  docker: TestDocker,
  root: string,
  name: string,
  changes: readonly string[] = [],
): string {
  const tar = spawnSync("tar", ["-C", root, "-c", "."], { maxBuffer: 1 << 30 });
  docker.run(["import", ...changes.flatMap(change => ["--change", change]), "-", name], tar.stdout);
  return name;
}

/** `seccraft craft` into the folder `out` of a playground, which has to succeed. */
export async function craftImage(
  docker: TestDocker,
  playground: Playground,
  args: readonly string[],
): Promise<Ended> {
  const ended = await playground.run(["craft", "--out", playground.path("out"), ...args], {
    env: { DOCKER_HOST: docker.host },
  });
  assert.equal(ended.code, 0, ended.stderr);
  return ended;
}

/** The names that the crafted profile allows. */
export function allowedNames(playground: Playground): string[] {
  const profile = JSON.parse(readFileSync(playground.path("out/profile.json"), "utf8")) as {
    syscalls: { names: string[]; action: string }[];
  };
  return profile.syscalls.filter(rule => rule.action === "SCMP_ACT_ALLOW").flatMap(rule => rule.names);
}

export function craftedEvidence(playground: Playground): Evidence {
  return JSON.parse(readFileSync(playground.path("out/evidence.json"), "utf8")) as Evidence;
}

/** Names of the observed calls for which `keep` says yes, sorted. */
export function callsOf(evidence: Evidence, keep: (seen: Observation) => boolean): string[] {
  return [...new Set(evidence.observations.filter(keep).map(seen => seen.syscall))].sort();
}

/** Starts a container as a user would, under the crafted profile and nothing else, and asks it with `ask`. */
export async function servesUnderProfile(
  docker: TestDocker,
  playground: Playground,
  args: readonly string[],
  ask: (address: string) => boolean,
): Promise<void> {
  const profile = `seccomp=${playground.path("out/profile.json")}`;
  const id = docker.run(["run", "-d", "--security-opt", profile, ...args]);
  try {
    const address = docker.run(["inspect", "-f", "{{.NetworkSettings.IPAddress}}", id]);
    await eventually(`it answers: ${docker.run(["logs", id])}`, () => ask(address), 20_000);
  } finally {
    docker.run(["rm", "-f", id]);
  }
}

/** Whether all of `:PORT/PATH` answer over HTTP. */
export function answersHttp(...urls: readonly string[]): (address: string) => boolean {
  return address =>
    urls.every(url => spawnSync("curl", ["-sf", "-m", "2", `http://${address}:${url}`]).status === 0);
}
