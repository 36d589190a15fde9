import { spawn, spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { dockerClient, type TestDocker } from "./docker.ts";
import type { Need } from "./needs.ts";
import { eventually } from "./target.ts";

/** The script with which Docker starts its engine for an ordinary user. */
const SCRIPT = "/usr/share/docker.io/contrib/dockerd-rootless.sh";

export const ROOTLESS_NEEDS: readonly Need[] = [
  "root",
  `file:${SCRIPT}`,
  "program:rootlesskit",
  "program:slirp4netns",
  "program:newuidmap",
  "program:setpriv",
  "program:unshare",
];

/** Nobody, who is given user ids of their own in a mount namespace, so that the machine's files stay as they are. */
const USER = 65534;
const SET_UP = `set -e
mount --bind "$1/subids" /etc/subuid
mount --bind "$1/subids" /etc/subgid
mount --bind "$1/tun" /dev/net/tun
cd "$1"
exec setpriv --reuid ${USER} --regid ${USER} --clear-groups ${SCRIPT} \\
  --iptables=false --bridge=none --ip-forward=false --ip-masq=false --userland-proxy=false
`;

/** A rootless Docker Engine, by Docker's own script. */
export async function startRootlessDocker(): Promise<TestDocker & { readonly runtimeFolder: string }> {
  const folder = mkdtempSync(path.join(tmpdir(), "sc-rootless-"));
  const runtimeFolder = path.join(folder, "run");
  chownSync(folder, USER, USER);
  for (const name of ["run", "home"]) {
    mkdirSync(path.join(folder, name), { mode: 0o700 });
    chownSync(path.join(folder, name), USER, USER);
  }
  writeFileSync(path.join(folder, "subids"), "nobody:200000:65536\n");
  // As distributions have it, whatever this machine's own says.
  spawnSync("mknod", ["-m", "666", path.join(folder, "tun"), "c", "10", "200"]);
  const daemon = spawn("unshare", ["--mount", "--propagation", "private", "sh", "-c", SET_UP, "sh", folder], {
    stdio: "ignore",
    detached: true,
    env: {
      PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
      HOME: path.join(folder, "home"),
      XDG_RUNTIME_DIR: runtimeFolder,
    },
  });
  const ended = new Promise<void>(resolve => daemon.once("exit", () => resolve()));
  const host = `unix://${runtimeFolder}/docker.sock`;
  const stop = async (): Promise<void> => {
    daemon.kill("SIGTERM");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await eventually(
      "the rootless Docker Engine answers",
      () =>
        existsSync(`${runtimeFolder}/docker.sock`) &&
        spawnSync("docker", ["-H", host, "version"]).status === 0,
      60_000,
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return { host, runtimeFolder, run: dockerClient(host), stop };
}
