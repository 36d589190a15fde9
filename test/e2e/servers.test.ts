import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import process from "node:process";
import { describe } from "node:test";
import { freePort, Playground } from "../support/cli.ts";
import { testWith } from "../support/needs.ts";
import { setTimeout as sleep } from "node:timers/promises";

/** The profile may allow this much more than what the recorder saw. */
const SURPLUS = 1.15;

/** A server, what is enough of an exercise, and a load that has to work under the profile. */
interface Server {
  readonly argv: readonly string[];
  readonly port: number;
  readonly exercises: readonly string[];
  readonly load: readonly string[];
  /** Throws when the load's output shows that something was not served. */
  readonly check: (output: string) => void;
}

async function nginx(play: Playground): Promise<Server> {
  const port = await freePort();
  const folder = play.subfolder("nginx");
  writeFileSync(`${folder}/index.html`, `${"hello ".repeat(2000)}\n`);
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(name => {
    mkdirSync(`${folder}/${name}`);
    return `${name}_temp_path ${folder}/${name};`;
  });
  writeFileSync(
    `${folder}/nginx.conf`,
    `daemon off; worker_processes 2; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 128; }
http { access_log ${folder}/access.log; ${paths.join(" ")}
  server { listen 127.0.0.1:${port}; root ${folder}; } }
`,
  );
  // Its workers are nobody's.
  spawnSync("chmod", ["-R", "a+rwX", play.folder]);
  const url = `http://127.0.0.1:${port}/`;
  return {
    argv: ["nginx", "-c", `${folder}/nginx.conf`],
    port,
    exercises: [`curl -sf ${url} ${url}`, `test $(curl -so /dev/null -w '%{http_code}' ${url}nothing) = 404`],
    load: ["wrk", "-t1", "-c16", "-d2s", url],
    check: output => {
      assert.doesNotMatch(output, /Socket errors|Non-2xx/, output);
      assert.ok(Number(/(\d+) requests in/.exec(output)?.[1]) > 100, output);
    },
  };
}

async function redis(play: Playground): Promise<Server> {
  const port = await freePort();
  const cli = `redis-cli -p ${port}`;
  return {
    argv: [
      "redis-server",
      "--port",
      String(port),
      "--bind",
      "127.0.0.1",
      "--save",
      "",
      "--dir",
      play.subfolder("redis"),
    ],
    port,
    exercises: [`${cli} set a b`, `${cli} get a`],
    load: [
      "redis-benchmark",
      "-h",
      "127.0.0.1",
      "-p",
      String(port),
      "-t",
      "set,get,lpush,lpop",
      "-n",
      "2000",
      "-q",
    ],
    check: output => {
      assert.doesNotMatch(output, /error|could not|refused/i, output);
      assert.equal(output.match(/requests per second/g)?.length, 4, output);
    },
  };
}

async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    const answers = await new Promise<boolean>(resolve => {
      const socket = connect(port, "127.0.0.1", () => resolve(true)).on("error", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
    if (answers) return;
    await sleep(25);
  }
  throw new Error(`nobody listens on ${port}`);
}

interface Evidence {
  readonly observations: { readonly abi: string; readonly syscall: string; readonly run: string }[];
  readonly runs: { readonly id: string; readonly purpose: string }[];
}

function sizes(play: Playground): { allowed: number; seen: number } {
  const profile = JSON.parse(readFileSync(play.path("out/profile.json"), "utf8")) as {
    syscalls: { names: string[]; action: string }[];
  };
  const evidence = JSON.parse(readFileSync(play.path("out/evidence.json"), "utf8")) as Evidence;
  const observed = new Set(evidence.runs.filter(run => run.purpose !== "analyze").map(run => run.id));
  const allow = profile.syscalls.filter(rule => rule.action === "SCMP_ACT_ALLOW");
  return {
    allowed: new Set(allow.flatMap(rule => rule.names)).size,
    seen: new Set(evidence.observations.filter(o => observed.has(o.run)).map(o => o.syscall)).size,
  };
}

const SERVERS = { nginx, "redis-server": redis } as const;

// One after the other: the load is to find the machine free.
void describe("servers", { concurrency: 1 }, () => {
  for (const [name, prepare] of Object.entries(SERVERS)) {
    for (const recorder of ["ebpf", "notify"] as const) {
      const needs = [
        "root",
        "program:nginx",
        "program:redis-server",
        "program:wrk",
        "program:redis-benchmark",
        "program:curl",
      ] as const;
      testWith(
        needs,
        `${name}, ${recorder}: crafted, verified, enforced, still serving under load`,
        async context => {
          const play = new Playground(context);
          const server = await prepare(play);
          const exercises = server.exercises.flatMap(exercise => ["--exercise", exercise]);
          const args = [
            "craft",
            "--recorder",
            recorder,
            "--policy",
            "observed",
            "--no-analyze",
            "--out",
            play.path("out"),
          ];
          const crafted = await play.run([
            ...args,
            "--ready",
            `tcp:${server.port}`,
            ...exercises,
            "--",
            ...server.argv,
          ]);
          assert.equal(crafted.code, 0, crafted.stderr);
          const summary = readFileSync(play.path("out/summary.txt"), "utf8");
          assert.match(summary, /^verified: .*made no call that it denies/m);
          assert.match(summary, /^enforced: worked under the real filter/m);
          const { allowed, seen } = sizes(play);
          assert.ok(allowed <= SURPLUS * seen, `${allowed} are allowed, ${seen} were seen`);
          assert.deepEqual(play.traces(), []);

          const started = play.start([
            "run",
            "--profile",
            play.path("out/profile.json"),
            "--",
            ...server.argv,
          ]);
          await listening(server.port);
          const [command = "", ...rest] = server.load;
          const load = spawnSync(command, rest, { encoding: "utf8", timeout: 60_000 });
          server.check(load.stdout + load.stderr);
          assert.equal(load.status, 0);
          process.kill(started.pid, "SIGTERM");
          const ended = await started.ended;
          assert.equal(ended.code, 0, ended.stderr);
          assert.deepEqual(play.traces(), []);
        },
      );
    }
  }
});
