import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

const LOCK = path.join(tmpdir(), "seccraft-test-throttles.lock");
const LOCK_MS = 300_000;

function isRunning(pid: string): boolean {
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch {
    return false;
  }
}

/**
 * Throttles are the machine's: one test file at a time may rely on them. Returns how to give that up.
 * A lock whose owner is gone is nobody's.
 */
export async function lockThrottles(): Promise<() => void> {
  const deadline = Date.now() + LOCK_MS;
  for (;;) {
    try {
      writeFileSync(LOCK, String(process.pid), { flag: "wx" });
      return () => rmSync(LOCK, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    try {
      if (!isRunning(readFileSync(LOCK, "utf8"))) rmSync(LOCK, { force: true });
    } catch {
      // It has just been released.
    }
    if (Date.now() > deadline) throw new Error(`${LOCK} is held by another test`);
    await sleep(50);
  }
}

function sysctl(name: string): string {
  return readFileSync(`/proc/sys/${name}`, "utf8").trim();
}

/** As sysctl and auditctl show them. */
export function throttleValues(): { printk: string; logged: string; backlog: string } {
  const { stdout } = spawnSync("auditctl", ["-s"], { encoding: "utf8" });
  return {
    printk: sysctl("kernel/printk_ratelimit"),
    logged: sysctl("kernel/seccomp/actions_logged"),
    backlog: /backlog_limit (\d+)/.exec(stdout)?.[1] ?? "",
  };
}

export function setThrottles({ printk, logged, backlog }: ReturnType<typeof throttleValues>): void {
  writeFileSync("/proc/sys/kernel/printk_ratelimit", printk);
  writeFileSync("/proc/sys/kernel/seccomp/actions_logged", logged);
  spawnSync("auditctl", ["-b", backlog]);
}

/** What a machine has that nobody has changed. */
export const DEFAULTS: { readonly printk: string; readonly backlog: string } = { printk: "5", backlog: "64" };

/** The machine as it was, whatever a test does to it. */
export function atDefaults(context: { after(body: () => void): void }): void {
  const values = throttleValues();
  setThrottles({ ...values, ...DEFAULTS });
  context.after(() => setThrottles(values));
}
