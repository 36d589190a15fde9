import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { freePort } from "./cli.ts";
import { cgroupFolder, eventually } from "./target.ts";

/** What tests with a node of a cluster cannot do without. */
export const NODE_NEEDS = ["root", "file:/usr/sbin/sshd", "program:scp", "program:ssh-keygen"] as const;

const KUBELET = "/var/lib/kubelet";

/** A stand-in for a node of a cluster: what a Pod is there, and how its disk is reached. */
export interface Node {
  /** A `scp` that knows the node by its name. */
  readonly scp: string;
  /** Text of a file on the node's disk. */
  read(file: string): string;
  stop(): Promise<void>;
}

function run(command: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command}: ${stderr}`);
}

/** An SSH server that lets root in with a key in `folder`, whose /var/lib/kubelet is in memory and its own. */
export async function startNode(folder: string, name: string): Promise<Node> {
  for (const key of ["host", "user"])
    run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", path.join(folder, key)]);
  const port = await freePort();
  const config = path.join(folder, "sshd_config");
  writeFileSync(
    config,
    `Port ${port}\nListenAddress 127.0.0.1\nHostKey ${folder}/host\nAuthorizedKeysFile ${folder}/user.pub\nPermitRootLogin yes\nStrictModes no\nUsePAM no\nPidFile none\nSubsystem sftp internal-sftp\n`,
  );
  writeFileSync(
    path.join(folder, "ssh_config"),
    `Host ${name}\n  HostName 127.0.0.1\n  Port ${port}\n  IdentityFile ${folder}/user\n  StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\n  LogLevel ERROR\n`,
  );
  const scp = path.join(folder, "scp");
  writeFileSync(scp, `#!/bin/sh\nexec /usr/bin/scp -F ${folder}/ssh_config "$@"\n`);
  chmodSync(scp, 0o755);
  const isNew = !existsSync(KUBELET);
  mkdirSync(KUBELET, { recursive: true });
  mkdirSync("/run/sshd", { recursive: true });
  const script = `mount -t tmpfs none ${KUBELET} && mkdir -p ${KUBELET}/seccomp/profiles && exec /usr/sbin/sshd -D -f ${config}`;
  const server: ChildProcess = spawn("unshare", ["--mount", "sh", "-c", script], { stdio: "ignore" });
  const answers = (): boolean =>
    spawnSync("bash", ["-c", `exec 3<>/dev/tcp/127.0.0.1/${port}`], { stdio: "ignore" }).status === 0;
  await eventually("the node's SSH server answers", answers);
  return {
    scp,
    read: file => readFileSync(`/proc/${server.pid}/root${file}`, "utf8"),
    stop: async () => {
      const ended = once(server, "exit");
      server.kill("SIGKILL");
      await ended;
      if (isNew) rmdirSync(KUBELET);
    },
  };
}

/** Processes in a cgroup of its own, named as those of Pods are. Returns how to end it. */
export async function startPod(name: string): Promise<() => Promise<void>> {
  const parts = name.split("/");
  const folders = parts.map((_, i) => cgroupFolder(parts.slice(0, i + 1).join("/")));
  const [cgroup] = folders.slice(-1);
  if (cgroup === undefined) throw new Error("cgroup v2 is not mounted");
  mkdirSync(cgroup, { recursive: true });
  const script = `echo $$ > ${cgroup}/cgroup.procs; while :; do ls / > /dev/null; sleep 0.1; done`;
  const pod = spawn("/bin/sh", ["-c", script], { stdio: "ignore" });
  const processes = (): string => readFileSync(path.join(cgroup, "cgroup.procs"), "utf8");
  await eventually("the Pod is in its cgroup", () => processes() !== "");
  return async () => {
    const ended = once(pod, "exit");
    writeFileSync(path.join(cgroup, "cgroup.kill"), "1");
    await ended;
    await eventually("the Pod's cgroup is empty", () => processes() === "");
    for (const folder of folders.reverse()) rmdirSync(folder ?? "");
  };
}
