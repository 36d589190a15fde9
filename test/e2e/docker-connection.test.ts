import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { freePort, Playground } from "../support/cli.ts";
import { startDocker } from "../support/docker.ts";
import { importRoot } from "../support/images.ts";
import { testWith } from "../support/needs.ts";
import { makeRoot } from "../support/rootfs.ts";

function must(command: string, args: readonly string[], env: object = {}): void {
  const { status, stderr } = spawnSync(command, [...args], {
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
  assert.equal(status, 0, `${command} ${args.join(" ")}: ${stderr}`);
}

/** An authority, and certificates of it for a server on 127.0.0.1 and for a client, as Docker names the files. */
function makeCertificates(folder: string): string {
  mkdirSync(folder);
  const file = (name: string): string => path.join(folder, name);
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const authority = ["-x509", "-days", "2", "-subj", "/CN=authority"];
  must("openssl", ["req", ...authority, ...key, "-keyout", file("ca-key.pem"), "-out", file("ca.pem")]);
  for (const [name, usage] of [
    ["server", "serverAuth"],
    ["client", "clientAuth"],
  ] as const) {
    const prefix = name === "client" ? "" : "server-";
    const request = [
      "-subj",
      `/CN=${name}`,
      "-keyout",
      file(`${prefix}key.pem`),
      "-out",
      file("request.pem"),
    ];
    must("openssl", ["req", ...key, ...request]);
    writeFileSync(file("extensions"), `subjectAltName=IP:127.0.0.1\nextendedKeyUsage=${usage}\n`);
    must("openssl", [
      "x509",
      "-req",
      "-days",
      "2",
      "-in",
      file("request.pem"),
      "-CA",
      file("ca.pem"),
      "-CAkey",
      file("ca-key.pem"),
      "-CAcreateserial",
      "-extfile",
      file("extensions"),
      "-out",
      file(`${prefix}cert.pem`),
    ]);
  }
  return folder;
}

testWith(
  ["root", "docker", "program:openssl"],
  "an engine is found as the docker command finds it: TLS by the environment, contexts, and nobody else's certificate",
  async context => {
    const playground = new Playground(context);
    const certificates = makeCertificates(playground.path("certificates"));
    const strangers = makeCertificates(playground.path("strangers"));
    const port = await freePort();
    const docker = await startDocker([
      "-H",
      `tcp://127.0.0.1:${port}`,
      "--tlsverify",
      `--tlscacert=${certificates}/ca.pem`,
      `--tlscert=${certificates}/server-cert.pem`,
      `--tlskey=${certificates}/server-key.pem`,
    ]);
    try {
      const root = makeRoot(playground.subfolder("root"), { programs: ["/bin/busybox"] });
      const image = importRoot(docker, root, "seccraft-busy");
      const args = ["craft", "--no-analyze", "--image", image, "--", "/bin/busybox", "true"];
      const host = `tcp://127.0.0.1:${port}`;
      const config = playground.subfolder("config");
      const tls = { DOCKER_HOST: host, DOCKER_TLS_VERIFY: "1", DOCKER_CONFIG: config };
      const works = async (env: Record<string, string>): Promise<void> => {
        const ended = await playground.run(args, { env });
        assert.equal(ended.code, 0, ended.stderr);
        assert.match(ended.stdout, /"exit_group"/);
      };
      await works({ ...tls, DOCKER_CERT_PATH: certificates });
      // DOCKER_HOST would win over the context.
      const plain = { DOCKER_CONFIG: config, DOCKER_HOST: "" };
      const endpoint = `host=${host},ca=${certificates}/ca.pem,cert=${certificates}/cert.pem,key=${certificates}/key.pem`;
      must("docker", ["context", "create", "secure", "--docker", endpoint], plain);
      must("docker", ["context", "create", "local", "--docker", `host=${docker.host}`], plain);
      await works({ ...plain, DOCKER_CONTEXT: "secure" });
      must("docker", ["context", "use", "local"], plain);
      await works(plain);
      const refused = await playground.run(args, { env: { ...tls, DOCKER_CERT_PATH: strangers } });
      assert.equal(refused.code, 3, refused.stderr);
      assert.match(refused.stderr, /no Docker Engine answers at tcp:.*\n.*what to do/);
      const nowhere = await playground.run(args, { env: { ...plain, DOCKER_CONTEXT: "nowhere" } });
      assert.equal(nowhere.code, 2, nowhere.stderr);
      assert.match(nowhere.stderr, /there is no Docker context "nowhere"/);
      assert.equal(docker.run(["ps", "-aq"]), "");
      await playground.clean();
    } finally {
      await docker.stop();
    }
  },
);
