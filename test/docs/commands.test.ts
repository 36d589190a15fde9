import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import process from "node:process";
import { after, test, type TestContext } from "node:test";
import { startDocker, type TestDocker } from "../support/docker.ts";
import { importRoot } from "../support/images.ts";
import { type Need, testWith } from "../support/needs.ts";
import { type Node, NODE_NEEDS, startNode, startPod } from "../support/node.ts";
import { nodeRoot, OWN_IMAGE_NEEDS, privileges } from "../support/own-image.ts";
import { ROOT, temporaryFolder } from "../support/programs.ts";
import { fillRoot, IMAGE_SERVERS } from "../support/servers.ts";
import { lockThrottles } from "../support/throttles.ts";

/** What every block needs that has no needs of its own. */
const USUAL: readonly Need[] = ["root", "program:unshare", "program:ip", "program:python3", "program:curl"];

/** What stands in for images of a registry: servers of `test/support/servers.ts`. */
const IMAGES: Readonly<Record<string, string>> = {
  "nginx:1": "nginx",
  "redis:7": "redis",
  "python:3-slim": "python http.server",
  "node:22-slim": "node http",
};

/** What our own image is built from, here made of this machine's files. */
const NODE = "node:20-bookworm-slim";

/** npm with the packages that this machine has had before, and its cache where it always is. */
const NPM = {
  npm_config_prefer_offline: "true",
  npm_config_cache: process.env["npm_config_cache"] ?? path.join(homedir(), ".npm"),
  ...(existsSync(path.join(homedir(), ".npmrc"))
    ? { npm_config_userconfig: path.join(homedir(), ".npmrc") }
    : {}),
};

interface Block {
  readonly line: number;
  readonly text: string;
  readonly needs: readonly Need[];
  /** The script of npm that it is, when it is what runs this test. */
  readonly runsThis: string | undefined;
  /** Whether it works on a clone of this repository, of which it gets a copy. */
  readonly inCopy: boolean;
}

interface Sandbox {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
}

const undo: (() => void | Promise<void>)[] = [];
after(async () => {
  for (const step of undo.reverse()) await step();
});

/**
 * The `sh` blocks of a page. `<!-- needs: docker -->`, `<!-- in: a copy -->` (of this repository) and
 * `<!-- runs this: SCRIPT -->` before a block, several of them too, speak of it, `<!-- page needs: … -->` of all
 * blocks of the page.
 */
function blocksOf(page: string): Block[] {
  const blocks: Block[] = [];
  const [, common] = /^<!-- page needs: ([^\n]+?) -->$/m.exec(page) ?? [];
  const pattern =
    /((?:^<!-- (?:needs|in|runs this): [^\n]+? -->\n+)*)^```(?:sh|bash|console|shell)\n([\s\S]*?)^```$/gm;
  for (const match of page.matchAll(pattern)) {
    const [, notes = "", text = ""] = match;
    const said = new Map(
      [...notes.matchAll(/<!-- (needs|in|runs this): ([^\n]+?) -->/g)].map(([, kind = "", what = ""]) => [
        kind,
        what,
      ]),
    );
    const needs = said.get("needs") ?? common;
    blocks.push({
      line: page.slice(0, match.index).split("\n").length,
      text,
      needs: needs === undefined ? [] : (needs.split(/,\s*/) as Need[]),
      runsThis: said.get("runs this"),
      inCopy: said.has("in"),
    });
  }
  return blocks;
}

// What one page has analysed need not be analysed again for the next.
const cache = temporaryFolder({ after: body => void undo.push(body) });

/** A folder with seccraft on its PATH, and a server for pages that want one. */
function makeSandbox(): Sandbox {
  const context = { after: (body: () => void) => void undo.push(body) };
  const folder = temporaryFolder(context);
  const bin = path.join(temporaryFolder(context), "bin");
  spawnSync("mkdir", [bin]);
  symlinkSync(path.join(ROOT, "bin/seccraft.js"), path.join(bin, "seccraft"));
  const server = path.join(folder, "server");
  writeFileSync(server, '#!/bin/sh\nexec python3 -m http.server "$2" --bind 127.0.0.1\n');
  chmodSync(server, 0o755);
  const env = {
    ...process.env,
    PATH: `${bin}:${process.env["PATH"]}`,
    HOME: folder,
    XDG_CACHE_HOME: cache,
    // Or Go would build its library anew.
    GOCACHE: process.env["GOCACHE"] ?? path.join(homedir(), ".cache/go-build"),
  };
  return { folder, env };
}

let clone: string | undefined;

/** What a fresh clone holds: nothing installed, nothing built. */
function copyOfRepository(): string {
  if (clone !== undefined) return clone;
  const target = temporaryFolder({ after: (body: () => void) => void undo.push(body) });
  const made = new Set([".git", ".build", "dist", "node_modules", "bench/out"]);
  cpSync(ROOT, target, {
    recursive: true,
    filter: source => !made.has(path.relative(ROOT, source)),
  });
  clone = target;
  return target;
}

let engine: Promise<TestDocker> | undefined;

/** The engine of this file, with those of the stand-ins that a block names. */
async function dockerFor(text: string): Promise<TestDocker> {
  engine ??= startDocker().then(docker => {
    undo.push(async () => await docker.stop());
    return docker;
  });
  const docker = await engine;
  for (const [name, standIn] of Object.entries(IMAGES)) {
    const server = IMAGE_SERVERS.find(each => each.name === standIn);
    if (!text.includes(name) || server === undefined || docker.run(["images", "-q", name]) !== "") continue;
    const folder = temporaryFolder({ after: (body: () => void) => void undo.push(body) });
    importRoot(docker, fillRoot(folder, server), name, [`CMD ${JSON.stringify(server.command)}`]);
  }
  if (text.includes("docker build") && docker.run(["images", "-q", NODE]) === "")
    importRoot(
      docker,
      nodeRoot(temporaryFolder({ after: (body: () => void) => void undo.push(body) })),
      NODE,
    );
  return docker;
}

/** With the socket of the engine of this file, and no more rights than this machine can give. */
function forEngine(text: string, docker: TestDocker): string {
  return text
    .replaceAll("/var/run/docker.sock:/", `${docker.host.replace("unix://", "")}:/`)
    .replaceAll("--privileged --pid host", privileges().join(" "));
}

let node: Promise<Node> | undefined;

/** What of a cluster a block wants to be there; its PATH knows the node. */
async function clusterFor(text: string, sandbox: Sandbox, context: TestContext): Promise<void> {
  const [pod] = /kubepods\S+\.slice/.exec(text) ?? [];
  if (pod !== undefined) context.after(await startPod(pod));
  const [, name] = /^scp .* root@([\w-]+):/m.exec(text) ?? [];
  if (name === undefined) return;
  node ??= startNode(temporaryFolder({ after: body => void undo.push(body) }), name).then(started => {
    undo.push(async () => await started.stop());
    return started;
  });
  const { scp } = await node;
  sandbox.env["PATH"] = `${path.dirname(scp)}:${sandbox.env["PATH"]}`;
}

/** In a network of its own, so that a page can use the port that a reader expects, unless the block needs more. */
async function runBlock(block: Block, sandbox: Sandbox): Promise<void> {
  // Packages come from a registry.
  const isOfHost = /complain|^scp /m.test(block.text);
  const ownNetwork = !block.needs.includes("docker") && !isOfHost && !block.inCopy;
  const docker = block.needs.includes("docker") ? await dockerFor(block.text) : undefined;
  const text = docker === undefined ? block.text : forEngine(block.text, docker);
  const script = `${ownNetwork ? "ip link set lo up\n" : ""}set -e\n${text}`;
  const command = [...(ownNetwork ? ["unshare", "--net"] : []), "bash", "-c", script];
  const result = spawnSync("env", command, {
    cwd: block.inCopy ? copyOfRepository() : sandbox.folder,
    env: {
      ...sandbox.env,
      ...(docker === undefined ? {} : { DOCKER_HOST: docker.host }),
      ...(block.inCopy ? { ...NPM, npm_config_prefix: path.join(sandbox.folder, "global") } : {}),
    },
    encoding: "utf8",
    timeout: 240_000,
  });
  assert.equal(
    result.status,
    0,
    `${block.text}\n${result.stdout.slice(-2000)}\n${result.stderr.slice(-2000)}`,
  );
}

/** A block that is running already when it is come to. */
function testOfItself(name: string, script: string, text: string): void {
  const running = process.env["npm_lifecycle_event"];
  const skip = running === script ? false : `not run by npm ${script}`;
  void test(name, { skip: process.env["CI"] === "true" ? false : skip }, () => {
    assert.equal(running, script);
    assert.match(text, new RegExp(`^npm ${script}\\b[^\n]*\n$`));
  });
}

// SECCRAFT_PAGE=docs/ci.md limits the test to one page.
const only = process.env["SECCRAFT_PAGE"];
const pages = [
  "README.md",
  ...readdirSync(path.join(ROOT, "docs"))
    .filter(name => name.endsWith(".md"))
    .map(name => `docs/${name}`),
];
for (const page of pages.filter(name => only === undefined || name === only)) {
  let sandbox: Sandbox | undefined;
  for (const block of blocksOf(readFileSync(path.join(ROOT, page), "utf8"))) {
    const { line, runsThis, needs, text } = block;
    if (runsThis !== undefined) {
      testOfItself(`${page}:${line} is what runs this test`, runsThis, text);
      continue;
    }
    const ofBuild = text.includes("docker build") ? OWN_IMAGE_NEEDS : [];
    const ofNode = text.includes("scp ") ? NODE_NEEDS : [];
    testWith(
      [...USUAL, ...needs, ...ofBuild, ...ofNode],
      `${page}:${line} works after the blocks before it`,
      async context => {
        if (text.includes("complain")) context.after(await lockThrottles());
        sandbox ??= makeSandbox();
        await clusterFor(text, sandbox, context);
        await runBlock(block, sandbox);
        const [, copied] = /^scp .*:(\S+)$/m.exec(text) ?? [];
        if (copied !== undefined) assert.match((await node)?.read(copied) ?? "", /"defaultAction"/);
      },
    );
  }
}

test("no page hides a block of commands under another name", () => {
  for (const page of pages)
    for (const [, info] of readFileSync(path.join(ROOT, page), "utf8").matchAll(
      /^[ \t]*```(\S*)\n(?=\s*(?:[$#] )?(?:sudo )?seccraft )/gm,
    ))
      assert.match(info ?? "", /^(?:sh|bash|console|shell)$/, page);
  // An indented block would not be found.
  for (const page of pages)
    assert.doesNotMatch(readFileSync(path.join(ROOT, page), "utf8"), /^[ \t]+```/m, page);
});

testWith(["linux"], "the example of the library works", () => {
  const result = spawnSync(process.execPath, [path.join(ROOT, "examples/two-runs.js")], {
    encoding: "utf8",
    cwd: ROOT,
  });
  assert.equal(result.status, 0, result.stderr);
  assert.match(result.stdout, /ls -l needs \d+ calls more than ls: .*\n/);
  assert.match(result.stdout, /ptrace: \{ kind: 'errno', errno: 1 \}/);
});
