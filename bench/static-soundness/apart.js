// A copy of this machine in which a program can change nothing that lasts: an overlay of the file system that is thrown away,
// its own processes, network and devices, and without the right to set the clock, load modules or restart the machine.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const SCRIPT = `set -e
base=$1; shift
mount -t tmpfs apart "$base"
mkdir "$base/upper" "$base/work" "$base/root"
mount -t overlay apart -o "lowerdir=/,upperdir=$base/upper,workdir=$base/work" "$base/root"
cd "$base/root"
mount -t proc proc proc
mount --bind -o ro /proc/sys proc/sys
mount -t sysfs -o ro sys sys
mount -t tmpfs apart dev
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 pts dev/pts
mount -t tmpfs apart dev/shm
mount -t tmpfs apart run
mount -t tmpfs apart tmp
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
for name in null zero full random urandom tty; do : > dev/$name; mount --bind /dev/$name dev/$name; done
ip link set lo up
exec setpriv --bounding-set=-sys_boot,-sys_module,-sys_time,-sys_rawio,-mknod,-syslog chroot . "$@"`;

const NAMESPACES = ["--mount", "--pid", "--fork", "--kill-child", "--net", "--ipc", "--uts"];

/** Runs a command in such a copy, where it has process id 1; resolves to its exit code. Needs root. */
export function runApart(command, args) {
  const base = mkdtempSync(path.join(tmpdir(), "seccraft-apart-"));
  mkdirSync(base, { recursive: true });
  const inside = ["sh", "-c", SCRIPT, "sh", base, command, ...args];
  return new Promise((resolve, reject) => {
    const child = spawn("unshare", [...NAMESPACES, ...inside], { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.on("data", chunk => (output += chunk));
    child.on("error", reject);
    child.on("close", code => {
      rmSync(base, { recursive: true, force: true });
      resolve({ code, output });
    });
  });
}
