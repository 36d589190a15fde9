import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import process from "node:process";
import { after, before } from "node:test";
import { printProfile } from "../../src/profile/print.ts";
import { templateDocument } from "../../src/template/document.ts";
import { TEMPLATES } from "../../src/template/templates.ts";
import { Playground } from "../support/cli.ts";
import { startDocker, type TestDocker } from "../support/docker.ts";
import { importRoot, servesUnderProfile } from "../support/images.ts";
import { testWith } from "../support/needs.ts";
import { makeRoot } from "../support/rootfs.ts";
import { fillRoot, IMAGE_SERVERS } from "../support/servers.ts";

let docker: TestDocker | undefined;

before(async () => {
  if (process.getuid?.() !== 0 || !existsSync("/usr/sbin/dockerd")) return;
  docker = await startDocker();
});
after(async () => await docker?.stop());

function engine(): TestDocker {
  if (docker === undefined) throw new Error("there is no Docker Engine");
  return docker;
}

/** Writes a template to where the tests with images look for a profile. */
function writeTemplate(playground: Playground, name: string): string {
  const template = TEMPLATES.find(each => each.name === name);
  assert.ok(template !== undefined, name);
  const folder = playground.path("out");
  if (!existsSync(folder)) mkdirSync(folder);
  const file = playground.path("out/profile.json");
  writeFileSync(file, printProfile(templateDocument(template, "x86_64")));
  return file;
}

/** Templates by the server; Python and Java, whose images take long to make, are proven without Docker. */
const SERVED: Readonly<Record<string, readonly string[]>> = {
  "Go web server from scratch": ["web-go", "web"],
  nginx: ["static-files", "web"],
  redis: ["cache", "database"],
  "node http": ["web-node"],
};

for (const server of IMAGE_SERVERS) {
  const templates = SERVED[server.name];
  if (templates === undefined) continue;
  testWith(
    ["root", "docker", "program:curl", ...server.needs],
    `docker run: ${server.name} serves under ${templates.join(", ")}`,
    async context => {
      const playground = new Playground(context);
      const image = importRoot(
        engine(),
        fillRoot(playground.subfolder("root"), server),
        "seccraft-template-server",
      );
      for (const name of templates) {
        writeTemplate(playground, name);
        await servesUnderProfile(
          engine(),
          playground,
          [image, ...server.command],
          address =>
            spawnSync("sh", ["-c", server.exercise], { env: { ...process.env, SECCRAFT_ADDRESS: address } })
              .status === 0,
        );
      }
      engine().run(["rmi", image]);
      await playground.clean();
    },
  );
}

testWith(
  ["root", "docker", "file:/bin/busybox", "file:/usr/bin/sqlite3"],
  "docker run: sqlite3 and a shell batch do their work under their templates, and not what those leave out",
  async context => {
    const playground = new Playground(context);
    const root = makeRoot(playground.subfolder("root"), { programs: ["/bin/busybox", "/usr/bin/sqlite3"] });
    const image = importRoot(engine(), root, "seccraft-template-jobs");
    const run = (template: string, ...command: string[]): string => {
      const profile = writeTemplate(playground, template);
      return engine().run(["run", "--rm", "--security-opt", `seccomp=${profile}`, image, ...command]);
    };
    const sql =
      "PRAGMA journal_mode=WAL; CREATE TABLE t(a); INSERT INTO t VALUES (1),(2); SELECT sum(a) FROM t;";
    for (const template of ["batch", "database", "cli"])
      assert.match(run(template, "sqlite3", "/tmp/data.db", sql), /3$/, template);
    const batch =
      "cd /tmp; mkdir -p in; for i in 1 2 3; do echo line $i > in/$i; done; find in -type f | sort | xargs cat | sed s/line/row/ | /bin/busybox tee out; tar -cf in.tar in; mv in moved; ln -s moved link; chmod 600 moved/1; rm -r moved link; wc -l < out";
    for (const template of ["batch", "build", "cli"])
      assert.match(run(template, "/bin/busybox", "sh", "-ec", batch), /3$/, template);
    assert.throws(() => run("batch", "/bin/busybox", "nc", "-w", "1", "127.0.0.1", "1"), /ermitted/);
    assert.throws(() => run("cli", "/bin/busybox", "unshare", "-U", "true"), /ermitted/);
    engine().run(["rmi", image]);
    await playground.clean();
  },
);
