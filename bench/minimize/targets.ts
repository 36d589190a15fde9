import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import path from "node:path";
import type { Workload } from "../../src/craft/session.ts";
import { parseReady } from "../../src/engine/ready.ts";

/** A target with what shows that it works. */
export interface Target {
  readonly name: string;
  readonly workload: Workload;
  readonly success: readonly string[];
}

function command(
  name: string,
  argv: readonly string[],
  success: readonly string[],
  directory?: string,
): Target {
  return {
    name,
    success,
    workload: {
      argv,
      ready: { kind: "exit" },
      exercises: [],
      timeoutMs: 20_000,
      expectedExit: 0,
      ...(directory === undefined ? {} : { directory }),
    },
  };
}

export function echo(): Target {
  return command("echo", ["/bin/echo", "hello"], ["output"]);
}

export function sqlite(folder: string): Target {
  const script =
    "create table if not exists t(x); insert into t values(1),(2); select sum(x), count(*) from t; drop table t;";
  mkdirSync(folder, { recursive: true });
  return command("sqlite3", ["sqlite3", "data.db", script], ["output"], folder);
}

export function python(): Target {
  return command(
    "python3 -c",
    ["/usr/bin/python3", "-c", "import json; print(json.dumps({'a': [1, 2]}))"],
    ["output"],
  );
}

export function ping(): Target {
  return command("ping", ["ping", "-c1", "127.0.0.1"], ["output:1 received"]);
}

export function redis(folder: string, port: number): Target {
  mkdirSync(folder, { recursive: true });
  return {
    name: "redis",
    success: [],
    workload: {
      argv: ["redis-server", "--port", String(port), "--save", "", "--appendonly", "no"],
      directory: folder,
      ready: parseReady(`tcp:${port}`),
      exercises: [
        `test "$(redis-cli -p ${port} set key value)" = OK && test "$(redis-cli -p ${port} get key)" = value`,
      ],
      timeoutMs: 20_000,
      expectedExit: 0,
    },
  };
}

/** Builds the Go web server of the test data. */
export function goWeb(root: string, folder: string, port: number): Target {
  mkdirSync(folder, { recursive: true });
  const program = path.join(folder, "web");
  const built = spawnSync("go", ["build", "-o", program, "main.go"], {
    cwd: path.join(root, "testdata/minimize/web"),
    env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-mod=mod", GO111MODULE: "auto" },
    encoding: "utf8",
  });
  if (built.status !== 0) throw new Error(`go build: ${built.stderr}`);
  return {
    name: "Go web server",
    success: [`http:http://127.0.0.1:${port}/`],
    workload: {
      argv: [program, `127.0.0.1:${port}`],
      ready: parseReady(`tcp:${port}`),
      exercises: [`curl -sf --max-time 5 http://127.0.0.1:${port}/`],
      timeoutMs: 20_000,
      expectedExit: 0,
    },
  };
}

/** Fails in so many of a hundred runs, whatever is denied: by the nanoseconds of the clock. */
export function flaky(percent: number): Target {
  const script = `n=$(date +%N); n=\${n#0}; n=\${n#0}; [ $(( \${n%????} % 100 )) -ge ${percent} ] || exit 1; echo done`;
  return command("flaky", ["/bin/bash", "-c", script], ["output"]);
}
