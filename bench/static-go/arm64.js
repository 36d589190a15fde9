// Debian's arm64 programs with their libraries below a root: analysed, run by qemu-aarch64-static, and compared with the
// x86_64 packages of the same version below another.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { analyze, missing, out, run, table } from "./tools.js";

const PACKAGES = ["coreutils", "nginx-light", "redis-server"];

const folderOf = arch => path.join(out, arch);
const rootOf = arch => path.join(folderOf(arch), "root");
const target = rootOf("arm64");

/** Unpacks packages with all they depend on, by a private configuration of apt, which changes nothing on this machine. */
function unpack(arch) {
  const at = part => path.join(folderOf(arch), part);
  if (existsSync(at("root/usr/sbin/nginx"))) return;
  for (const part of ["lists/partial", "cache/archives/partial", "state", "parts", "root"]) {
    mkdirSync(at(part), { recursive: true });
  }
  writeFileSync(at("status"), "");
  const key = "/usr/share/keyrings/debian-archive-keyring.gpg";
  const mirror = /^URIs: (\S+)/m.exec(readFileSync("/etc/apt/sources.list.d/debian.sources", "utf8"))?.[1];
  writeFileSync(at("sources.list"), `deb [signed-by=${key}] ${mirror} bookworm main\n`);
  writeFileSync(
    at("apt.conf"),
    `APT::Architecture "${arch}"; APT::Architectures { "${arch}"; }; Dir::State "${at("state")}";
Dir::State::lists "${at("lists")}"; Dir::State::status "${at("status")}"; Dir::Cache "${at("cache")}";
Dir::Etc::sourceparts "${at("parts")}"; Dir::Etc::sourcelist "${at("sources.list")}";\n`,
  );
  const env = { ...process.env, APT_CONFIG: at("apt.conf") };
  run("apt-get", ["-qq", "update"], { env });
  run("apt-get", ["-y", "-qq", "--no-install-recommends", "-d", "install", ...PACKAGES], { env });
  run("sh", ["-c", `for p in ${at("cache")}/archives/*.deb; do dpkg-deb -x $p ${at("root")}; done`]);
}

/** Syscalls that a run by qemu makes, up to the execution of another program. */
function traceByQemu(program, args) {
  const work = path.join(folderOf("arm64"), "work");
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  writeFileSync(path.join(work, "file"), "some text\n");
  const command = ["-L", target, "-strace", path.join(target, program), ...args];
  const { stderr } = spawnSync("qemu-aarch64-static", command, {
    cwd: work,
    encoding: "utf8",
    timeout: 20_000,
  });
  const names = new Set();
  for (const line of stderr.split("\n")) {
    const name = /^\d+ (\w+)\(/.exec(line)?.[1];
    if (name !== undefined) names.add(name);
  }
  return names;
}

/** @type {[string, string[]][]} */
const RUNS = [
  ["bin/ls", ["-la", "/"]],
  ["bin/cat", ["file"]],
  ["bin/cp", ["-a", "file", "copy"]],
  ["bin/mv", ["file", "moved"]],
  ["usr/bin/sort", ["file"]],
  ["usr/bin/wc", ["file"]],
  ["bin/date", []],
  ["usr/bin/id", []],
  ["bin/touch", ["new"]],
  ["bin/rm", ["file"]],
  ["bin/mkdir", ["-p", "a/b"]],
  ["usr/bin/stat", ["file"]],
  ["bin/df", []],
  ["bin/sleep", ["0.1"]],
  ["usr/sbin/nginx", ["-V"]],
  ["usr/bin/redis-server", ["--version"]],
];

/** Names that only one of the two architectures has, or that its libc uses for the same thing. Source: asm-generic/unistd.h. */
const BY_ABI =
  /^(access|arch_prctl|alarm|chmod|chown|creat|dup2|epoll_create|epoll_wait|fork|futimesat|getdents|getpgrp|inotify_init|lchown|link|lstat|mkdir|mknod|open|pause|pipe|poll|readlink|rename|rmdir|select|signalfd|stat|symlink|time|unlink|utime|utimes|vfork|eventfd|faccessat|fchmodat|fchownat|linkat|mkdirat|mknodat|readlinkat|renameat|symlinkat|unlinkat|ppoll|pselect6|epoll_pwait|dup3|pipe2|clone|newfstatat|setitimer|umount2)$/;

const unexplained = (names, others) => missing(names, others).filter(name => !BY_ABI.test(name));

export async function main() {
  for (const arch of ["arm64", "amd64"]) unpack(arch);
  const print = table([
    "program",
    "traced",
    "found",
    "missed",
    "x86_64",
    "only arm64, beyond the ABI",
    "only x86_64",
  ]);
  let good = true;
  for (const [program, args] of RUNS) {
    if (!existsSync(path.join(target, program))) continue;
    const traced = traceByQemu(program, args);
    const own = await analyze(`/${program}`, { directory: target });
    const missed = missing(traced, own.names);
    if (missed.length > 0) good = false;
    const other = (await analyze(`/${program}`, { directory: rootOf("amd64") })).names;
    print([
      program,
      traced.size,
      own.names.size,
      missed.join(" ") || "none",
      other.size,
      unexplained(own.names, other).join(" "),
      unexplained(other, own.names).join(" "),
    ]);
  }
  return good;
}
