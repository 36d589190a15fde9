// node bench/hook-results.js [HOOK]: what oci-seccomp-bpf-hook and our hook write for the same containers. As root, with
// runc, tracefs and debugfs in the kernel, and the programs below. Theirs is compiled at start against the kernel's
// headers; where there are none, it gets the few that it needs, made of the kernel's own type information, in a mount
// namespace that ends with the bench.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { release, tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { readKernelTypes } from "../dist/linux/ebpf/btf.js";
import { OCI_HOOK } from "./hook.js";

const hook = process.argv[2] ?? OCI_HOOK;
const CASES = {
  true: ["/bin/true"],
  "busybox sh": ["/bin/busybox", "sh", "-c", "echo a | /bin/busybox cat; /bin/busybox mkdir /tmp/made"],
  bash: ["/bin/bash", "-c", "ls / >/dev/null; umask 077"],
  perl: ["/usr/bin/perl", "-e", 'open(F, "/etc/hostname"); print fork() ? "p" : "c"; wait'],
  python: ["/usr/bin/python3", "-c", "import socket, threading as t; t.Thread(target=socket.socket).start()"],
  node: [process.execPath, "-e", "setTimeout(() => {}, 50)"],
  sqlite3: ["/usr/bin/sqlite3", "/tmp/db", "create table a(b); insert into a values(1);"],
  curl: ["/usr/bin/curl", "-s", "file:///etc/hostname"],
  openssl: ["/usr/bin/openssl", "rand", "4"],
  tar: ["/bin/tar", "cf", "/tmp/a.tar", "/etc/hostname"],
};

function must(command, ...args) {
  const { status, stderr } = spawnSync(command, args, { encoding: "utf8", timeout: 60_000 });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stderr}`);
}

/** The headers that the hook includes, as far as it looks into them. */
function writeHeaders(folder) {
  const types = readKernelTypes();
  const inum = types.offset("mnt_namespace", "ns") + types.offset("ns_common", "inum");
  const include = path.join(folder, "include");
  for (const name of ["linux", "asm", "uapi", "generated/uapi/linux"])
    mkdirSync(path.join(include, name), { recursive: true });
  mkdirSync(path.join(folder, "arch/x86/include"), { recursive: true });
  cpSync("/usr/include/linux", path.join(include, "uapi/linux"), { recursive: true });
  cpSync("/usr/include/x86_64-linux-gnu/asm", path.join(include, "uapi/asm"), { recursive: true });
  cpSync("/usr/include/asm-generic", path.join(include, "asm-generic"), { recursive: true });
  const write = (name, text) => writeFileSync(path.join(include, name), `${text}\n`);
  for (const name of ["types", "bpf_common", "posix_types", "stddef"])
    write(`linux/${name}.h`, `#include <uapi/linux/${name}.h>`);
  for (const name of ["types", "posix_types", "bitsperlong", "posix_types_64", "unistd"])
    write(`asm/${name}.h`, `#include <uapi/asm/${name}.h>`);
  // The hook has a mnt_namespace of its own, with a counter that Linux 5.11 took away before `ns`.
  write(
    "linux/sched.h",
    `#pragma once
#include <linux/types.h>
#include <uapi/asm/unistd.h>
#define CONFIG_BPF_SYSCALL 1
typedef __u64 u64; typedef __u32 u32; typedef __u16 u16; typedef __u8 u8; typedef __s64 s64; typedef __s32 s32;
typedef _Bool bool; typedef unsigned long uintptr_t; typedef unsigned long size_t; typedef __kernel_pid_t pid_t;
#define true 1
#define false 0
#define NULL ((void *)0)
typedef struct { int counter; } atomic_t;
struct ns_common { char before[${inum - 4}]; unsigned int inum; };
struct mnt_namespace;
struct nsproxy { char before[${types.offset("nsproxy", "mnt_ns")}]; struct mnt_namespace *mnt_ns; };
struct task_struct { char before[${types.offset("task_struct", "nsproxy")}]; struct nsproxy *nsproxy; };
struct pt_regs { unsigned long r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di, orig_ax, ip, cs, flags, sp, ss; };`,
  );
  const others = ["bpf", "nsproxy", "pid_namespace", "ns_common", "tracepoint", "ptrace", "log2"].map(
    n => `linux/${n}.h`,
  );
  for (const name of [...others, "uapi/linux/ptrace.h", "asm/page.h"])
    write(name, "#include <linux/sched.h>");
  // BCC brings its own.
  write("uapi/linux/bpf.h", "");
  const version =
    "#define LINUX_VERSION_CODE 0x060100\n#define KERNEL_VERSION(a, b, c) (((a) << 16) + ((b) << 8) + (c))";
  for (const name of ["linux/version.h", "generated/uapi/linux/version.h"]) write(name, version);
  write("linux/kconfig.h", "");
}

/** What a hook writes for a container of this machine's files. */
function trace(folder, args, ours) {
  const name = `seccraft-bench-${process.pid}`;
  const output = path.join(folder, "profile.json");
  rmSync(output, { force: true });
  const config = JSON.parse(readFileSync(path.join(folder, "spec.json"), "utf8"));
  Object.assign(config.process, { terminal: false, args });
  config.root = { path: "root" };
  config.mounts.push({ destination: "/tmp", type: "tmpfs", source: "tmpfs", options: [] });
  config.annotations = { "io.containers.trace-syscall": `of:${output}` };
  Object.assign(config.linux, { cgroupsPath: `/${name}`, seccomp: { defaultAction: "SCMP_ACT_ALLOW" } });
  const program = path.resolve(import.meta.dirname, "../bin/seccraft.js");
  config.hooks = {
    prestart: [
      ours
        ? { path: process.execPath, args: ["node", program, "hook"], env: [`TMPDIR=${folder}`] }
        : { path: hook, args: [path.basename(hook), "-s"] },
    ],
  };
  writeFileSync(path.join(folder, "config.json"), JSON.stringify(config));
  must("runc", "--root", path.join(folder, "state"), "run", "--bundle", folder, name);
  for (let waited = 0; !existsSync(output) || readFileSync(output, "utf8") === ""; waited++) {
    if (waited > 1000) throw new Error("no profile was written");
    spawnSync("sleep", ["0.01"]);
  }
  return JSON.parse(readFileSync(output, "utf8"));
}

/** All that is no syscall: members, actions, architectures. */
function form(profile) {
  return JSON.stringify({ ...profile, syscalls: profile.syscalls.map(rule => ({ ...rule, names: [] })) });
}

/** Calls of the one that the other lacks. */
function only(of, not) {
  return of.filter(call => !not.includes(call)).sort((x, y) => (x < y ? -1 : 1));
}

function main(folder) {
  if (!existsSync(`/lib/modules/${release()}/build`)) {
    mkdirSync("/lib/modules", { recursive: true });
    must("mount", "-t", "tmpfs", "modules", "/lib/modules");
    writeHeaders(`/lib/modules/${release()}/build`);
  }
  must("mount", "-t", "tracefs", "tracefs", "/sys/kernel/tracing");
  must("mount", "-t", "debugfs", "debugfs", "/sys/kernel/debug");
  mkdirSync(path.join(folder, "root"));
  must("mount", "--rbind", "/", path.join(folder, "root"));
  must("runc", "spec", "--bundle", folder);
  cpSync(path.join(folder, "config.json"), path.join(folder, "spec.json"));
  const both = Object.entries(CASES).filter(([, [program]]) => existsSync(program));
  const counted = new Map();
  console.log("| container | theirs | ours | theirs only | ours only | form |\n|---|---|---|---|---|---|");
  for (const [name, args] of both) {
    const [theirs, ours] = [trace(folder, args, false), trace(folder, args, true)];
    const [a, b] = [theirs, ours].map(({ syscalls }) => syscalls.flatMap(rule => rule.names));
    for (const call of only(a, b)) counted.set(call, (counted.get(call) ?? 0) + 1);
    const same = form(theirs) === form(ours) ? "same" : "differs";
    console.log(
      `| ${name} | ${a.length} | ${b.length} | ${only(a, b).join(" ")} | ${only(b, a).join(" ")} | ${same} |`,
    );
  }
  const always = [...counted].filter(([, times]) => times === both.length).map(([call]) => call);
  console.log(`\ntheirs only, in each of ${both.length}: ${always.join(" ")}`);
}

if (process.env["SECCRAFT_BENCH_NAMESPACE"] === undefined) {
  const folder = mkdtempSync(path.join(tmpdir(), "seccraft-bench-"));
  try {
    const again = ["--mount", "--propagation", "private", process.execPath, ...process.argv.slice(1)];
    const env = { ...process.env, SECCRAFT_BENCH_NAMESPACE: folder };
    process.exitCode = spawnSync("unshare", again, { stdio: "inherit", env }).status ?? 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
} else main(process.env["SECCRAFT_BENCH_NAMESPACE"]);
