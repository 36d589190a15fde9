import assert from "node:assert/strict";
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { after, before } from "node:test";
import { Playground } from "../support/cli.ts";
import { startDocker, type TestDocker } from "../support/docker.ts";
import { answersHttp, buildWeb, IMAGE_NEEDS, importRoot, servesUnderProfile } from "../support/images.ts";
import { testWith } from "../support/needs.ts";
import { nodeRoot, OWN_IMAGE_NEEDS, privileges } from "../support/own-image.ts";
import { ROOT } from "../support/programs.ts";

let docker: TestDocker | undefined;

before(async () => {
  if (process.getuid?.() !== 0 || !existsSync("/usr/sbin/dockerd")) return;
  docker = await startDocker();
});
after(async () => await docker?.stop());

/** What `docker build` is given. */
function buildContext(playground: Playground): string {
  const folder = playground.subfolder("context");
  for (const name of ["Dockerfile", "package.json", "package-lock.json", ".npmrc", "LICENSE"])
    copyFileSync(path.join(ROOT, name), path.join(folder, name));
  for (const name of ["assets", "bin", "dist", "schema"])
    cpSync(path.join(ROOT, name), path.join(folder, name), { recursive: true });
  return folder;
}

/** Folders of cgroups, v1 and v2, that seccraft has made. */
function cgroups(): string[] {
  const root = "/sys/fs/cgroup";
  return readdirSync(root)
    .map(name => path.join(root, name))
    .flatMap(folder => readdirSync(folder).map(name => path.join(folder, name)))
    .filter(folder => /\/seccraft-\d+-\d+$/.test(folder));
}

testWith(
  [...IMAGE_NEEDS, ...OWN_IMAGE_NEEDS],
  "seccraft as an image: built by its Dockerfile, it crafts another image's profile through the socket",
  async context => {
    assert.ok(docker !== undefined);
    const engine = docker;
    const playground = new Playground(context);
    const base = importRoot(engine, nodeRoot(playground.folder), "seccraft-base");
    const build = ["build", "-q", "--build-arg", `BASE=${base}`];
    const folder = buildContext(playground);
    engine.run([...build, "-t", "seccraft", folder]);
    engine.run([...build, "-t", "seccraft-workbench", "--target", "workbench", folder]);
    const web = buildWeb(engine, playground);
    mkdirSync(playground.path("out"));
    const before = cgroups();
    const ask =
      "node -e 'fetch(`http://${process.env.SECCRAFT_ADDRESS}:8088/headers`).then(r => process.exit(r.ok ? 0 : 1))'";
    engine.run([
      "run",
      "--rm",
      ...privileges(),
      "-v",
      `${engine.host.replace("unix://", "")}:/var/run/docker.sock`,
      "-v",
      `${playground.path("out")}:/data/out`,
      "seccraft",
      "craft",
      "--out",
      "out",
      "--image",
      web,
      "--ready",
      "http:8088/hello",
      "--exercise",
      ask,
    ]);
    const answers = answersHttp("8088/hello", "8088/headers");
    await servesUnderProfile(engine, playground, [web], answers);
    const summary = readFileSync(playground.path("out/summary.txt"), "utf8").replaceAll(/\s+/g, " ");
    assert.match(summary, /policy observed; .*static \d+/);
    // Those of other runs that go on at the same time are not ours.
    const isOurs = (folder: string): boolean =>
      !before.includes(folder) &&
      !existsSync(`/proc/${/seccraft-(?<pid>\d+)/.exec(folder)?.groups?.["pid"]}`);
    const left = cgroups().filter(isOurs);
    assert.deepEqual(left, []);
    assert.equal(engine.run(["ps", "-aq"]), "");
    // The workbench has no rights at all.
    const linted = engine.run([
      "run",
      "--rm",
      "--network",
      "none",
      "--read-only",
      "--cap-drop",
      "ALL",
      "-v",
      `${playground.path("out")}:/data:ro`,
      "seccraft-workbench",
      "explain",
      "profile.json",
    ]);
    assert.match(linted, /accept4/);
    await playground.clean();
  },
  { timeout: 400_000 },
);
