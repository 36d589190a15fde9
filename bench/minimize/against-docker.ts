/**
 * node .build/bench/minimize/against-docker.js [--all] [--runtime none], as root: the brute force of a base image,
 * `/bin/sh -c true` in a Debian root, by `seccraft minimize` on runc, from the start of its process to its end, against
 * one `docker run` for each of the same candidates, with that call alone denied. Without --all every tenth candidate is
 * run, and the rest is extrapolated.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, release, tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { startDocker, type TestDocker } from "../../test/support/docker.ts";
import { ROOT } from "../../test/support/programs.ts";
import { containedShell } from "./containers.ts";

const COMMAND = ["/bin/sh", "-c", "true"];
const EVERY = 10;

interface Report {
  readonly runs: number;
  readonly findings: readonly { readonly unit: string; readonly class: string }[];
}

function minimize(image: string, folder: string, runtime: string): { seconds: number; report: Report } {
  const started = performance.now();
  const search = spawnSync(
    process.execPath,
    [
      path.join(ROOT, "bin/seccraft.js"),
      "minimize",
      "--image",
      `${image}/`,
      "--engine",
      "runc",
      "--network",
      "none",
      "--runtime",
      runtime,
      "--journal",
      path.join(folder, `journal ${runtime}`),
      "--json",
      "--",
      ...COMMAND,
    ],
    { encoding: "utf8", timeout: 120_000 },
  );
  const seconds = (performance.now() - started) / 1000;
  if (search.status !== 0) throw new Error(search.stderr);
  return { seconds, report: JSON.parse(search.stdout) as Report };
}

/** Seconds that each `docker run` took, and the calls without which it failed. */
function oneContainerPerCall(
  docker: TestDocker,
  folder: string,
  names: readonly string[],
): [number[], string[]] {
  const seconds: number[] = [];
  const failed: string[] = [];
  const profile = path.join(folder, "profile.json");
  for (const name of names) {
    const syscalls = [{ names: [name], action: "SCMP_ACT_ERRNO", errnoRet: 1 }];
    writeFileSync(profile, JSON.stringify({ defaultAction: "SCMP_ACT_ALLOW", syscalls }));
    const started = performance.now();
    const { status } = spawnSync(
      "docker",
      [
        "run",
        "--rm",
        "--network",
        "none",
        "--cap-drop",
        "ALL",
        "--security-opt",
        "no-new-privileges",
        "--security-opt",
        `seccomp=${profile}`,
        "base",
        ...COMMAND,
      ],
      { stdio: "ignore", timeout: 60_000, env: { ...process.env, DOCKER_HOST: docker.host } },
    );
    seconds.push((performance.now() - started) / 1000);
    if (status !== 0) failed.push(name);
  }
  return [seconds, failed];
}

const all = process.argv.includes("--all");
const runtimes = process.argv.includes("none") ? ["none"] : ["runc"];
const folder = mkdtempSync(path.join(tmpdir(), "seccraft-bench-"));
try {
  const { image } = containedShell(folder).options;
  const docker = await startDocker();
  try {
    const { stdout } = spawnSync("tar", ["-C", image, "-c", "."], { maxBuffer: 1 << 30 });
    docker.run(["import", "-", "base"], stdout);
    const driver = docker.run(["info", "-f", "{{.ServerVersion}}, {{.Driver}}"]);
    console.log(`${cpus().length} × ${cpus()[0]?.model}, Linux ${release()}, Docker ${driver}`);
    for (const runtime of runtimes) {
      const { seconds, report } = minimize(image, folder, runtime);
      const candidates = report.findings.filter(found => found.class !== "kept").map(({ unit }) => unit);
      const tried = all ? candidates : candidates.filter((_, index) => index % EVERY === 0);
      const [times, failed] = oneContainerPerCall(docker, folder, tried);
      const sum = times.reduce((total, time) => total + time, 0);
      const whole = (sum / tried.length) * candidates.length;
      console.log(
        `--runtime ${runtime}, ${candidates.length} candidates: seccraft ${report.runs} runs, ${seconds.toFixed(2)} s; ` +
          `docker run ${tried.length} times, ${sum.toFixed(1)} s, ${(sum / tried.length).toFixed(3)} s each` +
          `${all ? "" : `, so ${whole.toFixed(1)} s for all (extrapolated)`}: ${(whole / seconds).toFixed(1)} ×`,
      );
      console.log(`  docker run failed without: ${failed.join(" ")}`);
    }
  } finally {
    await docker.stop();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit();
