import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Evidence } from "../../src/evidence/model.ts";
import { Playground } from "../support/cli.ts";
import { allowedNames, importRoot } from "../support/images.ts";
import { testWith } from "../support/needs.ts";
import { makeRoot } from "../support/rootfs.ts";
import { ROOTLESS_NEEDS, startRootlessDocker } from "../support/rootless.ts";

const LOOP = "while :; do /bin/busybox mkdir -p /tmp/made; /bin/busybox sleep 0.1; done";

testWith(
  [...ROOTLESS_NEEDS, "program:runc"],
  "rootless Docker: its images are crafted by runc, its containers recorded, and the profile works there",
  async context => {
    const playground = new Playground(context);
    const docker = await startRootlessDocker();
    try {
      assert.match(docker.run(["info", "-f", "{{.SecurityOptions}}"]), /rootless/);
      const root = makeRoot(playground.subfolder("root"), { programs: ["/bin/busybox"] });
      const image = importRoot(docker, root, "seccraft-busy");
      // Found as an ordinary user's own: by the runtime folder, and by a context.
      const config = playground.subfolder("config");
      const endpoint = `host=${docker.host}`;
      spawnSync("docker", ["--config", config, "context", "create", "rootless", "--docker", endpoint]);
      const found = [
        { DOCKER_HOST: "", XDG_RUNTIME_DIR: docker.runtimeFolder },
        { DOCKER_HOST: "", DOCKER_CONFIG: config, DOCKER_CONTEXT: "rootless" },
        { DOCKER_HOST: docker.host },
      ];
      const command = ["--", "/bin/busybox", "mkdir", "-p", "/tmp/made/deep"];
      for (const env of found) {
        const ended = await playground.run(
          ["craft", "--image", image, "--no-analyze", "--out", playground.path("out"), ...command],
          { env },
        );
        assert.equal(ended.code, 0, ended.stderr);
        assert.match(ended.stderr, /this Docker Engine .*cgroups.*: its image is run by runc\n/);
        assert.ok(allowedNames(playground).includes("mkdir"));
      }
      const profile = `seccomp=${playground.path("out/profile.json")}`;
      const run = ["run", "--rm", "--network", "none", "--security-opt", profile, image];
      const confined = (...argv: string[]): string => docker.run([...run, ...argv]);
      confined(...command.slice(1));
      assert.throws(() => confined("/bin/busybox", "rmdir", "/tmp"), /Operation not permitted/);
      const asked = await playground.run(["craft", "--engine", "docker", "--image", image, ...command], {
        env: { DOCKER_HOST: docker.host },
      });
      assert.equal(asked.code, 3, asked.stderr);
      assert.match(asked.stderr, /this Docker Engine .*cgroups.*\nwhat to do: Use --engine runc/);
      const id = docker.run(["run", "-d", "--network", "none", image, "/bin/busybox", "sh", "-c", LOOP]);
      const recorded = await playground.run(
        ["record", "--container", id, "--duration", "1s", "--evidence", playground.path("loop.json")],
        { env: { DOCKER_HOST: docker.host } },
      );
      docker.run(["rm", "-f", id]);
      assert.equal(recorded.code, 0, recorded.stderr);
      const { observations } = JSON.parse(readFileSync(playground.path("loop.json"), "utf8")) as Evidence;
      assert.ok(observations.some(seen => seen.syscall === "mkdir" && seen.executable === "/bin/busybox"));
      assert.equal(docker.run(["ps", "-aq"]), "");
      await playground.clean();
    } finally {
      await docker.stop();
    }
  },
);
