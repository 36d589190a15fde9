import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { freePort, Playground } from "../support/cli.ts";
import { allowedNames, craftedEvidence } from "../support/images.ts";
import { testWith } from "../support/needs.ts";
import { fillRoot, IMAGE_SERVERS } from "../support/servers.ts";
import { eventually } from "../support/target.ts";

/** A GET is exercised; what a POST needs is told by the script alone. */
const SERVER = `import fcntl, http.server, os, sys
class Handler(http.server.SimpleHTTPRequestHandler):
    def do_POST(self):
        with open("/tmp/seccraft-lock", "w") as f:
            fcntl.flock(f, fcntl.LOCK_EX)
            os.symlink("x", "/tmp/seccraft-link"), os.unlink("/tmp/seccraft-link")
        self.send_response(200)
        self.end_headers()
http.server.ThreadingHTTPServer((sys.argv[1], int(sys.argv[2])), Handler).serve_forever()
`;

function assertByScript(playground: Playground): void {
  const allowed = allowedNames(playground);
  for (const call of ["flock", "symlink", "unlink"]) assert.ok(allowed.includes(call), call);
  for (const call of ["truncate", "writev", "fsync", "mkdirat"]) assert.ok(!allowed.includes(call), call);
  const gaps = craftedEvidence(playground).gaps.filter(({ kind }) => kind === "script");
  assert.match(
    gaps.map(({ reason }) => reason).join(),
    /^which functions its scripts ask for is known by name: \d+ files read/,
  );
}

const NEEDS = ["root", "program:curl", "file:/usr/bin/python3.11"] as const;
const CRAFT = ["craft", "--policy", "balanced"];

testWith(
  NEEDS,
  "balanced allows what a script asks for by name, and not what it never mentions",
  async context => {
    const playground = new Playground(context);
    const [out, script] = [playground.path("out"), playground.path("server.py")];
    writeFileSync(script, SERVER);
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/`;
    const command = ["/usr/bin/python3.11", script, "127.0.0.1", String(port)];
    const serve = ["--ready", `tcp:${port}`, "--exercise"];
    const crafted = await playground.run([
      ...CRAFT,
      "--out",
      out,
      ...serve,
      `curl -sf ${url}`,
      "--",
      ...command,
    ]);
    assert.equal(crafted.code, 0, crafted.stderr);
    assertByScript(playground);
    const profile = path.join(out, "profile.json");
    const served = playground.start(["run", "--profile", profile, "--", ...command]);
    const post = (): boolean => spawnSync("curl", ["-sf", "-d", "x", url]).status === 0;
    await eventually("a POST under the profile", post);
    process.kill(served.pid, "SIGTERM");
    await served.ended;
    await playground.clean();
  },
);

testWith(
  [...NEEDS, "program:runc"],
  "the same in an image, whose command names the script",
  async context => {
    const playground = new Playground(context);
    const server = IMAGE_SERVERS.find(({ name }) => name === "python http.server");
    assert.ok(server !== undefined);
    const root = fillRoot(playground.subfolder("root"), server);
    writeFileSync(path.join(root, "srv/server.py"), `#!/usr/bin/python3.11 -u\n${SERVER}`, { mode: 0o755 });
    const crafted = await playground.run([
      ...CRAFT,
      "--out",
      playground.path("out"),
      "--image",
      root,
      "--engine",
      "runc",
      "--entrypoint",
      "/srv/server.py",
      "--ready",
      "tcp:8080",
      "--exercise",
      "curl -sf http://$SECCRAFT_ADDRESS:8080/",
      "--",
      "0.0.0.0",
      "8080",
    ]);
    assert.equal(crafted.code, 0, crafted.stderr);
    assertByScript(playground);
    await playground.clean();
  },
);
