import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import { test, type TestContext } from "node:test";

/** What a test cannot do without. `program:NAME` is a program on the PATH, `file:PATH` a file. */
export type Need = "linux" | "root" | "docker" | `program:${string}` | `file:${string}`;

function missing(need: Need): string | undefined {
  if (need === "linux") return process.platform === "linux" ? undefined : "not Linux";
  if (need === "root") return process.getuid?.() === 0 ? undefined : "not root";
  if (need === "docker") return existsSync("/usr/sbin/dockerd") ? undefined : "no Docker Engine";
  if (need.startsWith("file:")) return existsSync(need.slice(5)) ? undefined : `no ${need.slice(5)}`;
  const program = need.slice("program:".length);
  return spawnSync("sh", ["-c", `command -v ${program}`]).status === 0 ? undefined : `no ${program}`;
}

/** A test that runs for real where it can; elsewhere it is skipped by name, and under CI=true that is a failure. */
export function testWith(
  needs: readonly Need[],
  name: string,
  body: (context: TestContext) => void | Promise<void>,
  options: { timeout?: number } = {},
): void {
  const reasons = needs.map(missing).filter(reason => reason !== undefined);
  if (reasons.length === 0) {
    void test(name, options, body);
  } else if (process.env["CI"] === "true") {
    void test(name, () => {
      throw new Error(`cannot run here: ${reasons.join(", ")}`);
    });
  } else {
    void test(name, { skip: reasons.join(", ") }, () => undefined);
  }
}
