import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { callsAskedByName, type Language } from "../../../src/static/scripts/asked-by-name.ts";
import { temporaryFolder } from "../../support/programs.ts";

/** The plainest way in which a script asks for each call. */
const PYTHON: Readonly<Record<string, string>> = {
  copy_file_range: "os.copy_file_range(f, g, 1)",
  dup3: "os.dup2(f, 60, inheritable=False)",
  eventfd2: "os.eventfd(0)",
  fadvise64: "os.posix_fadvise(f, 0, 0, os.POSIX_FADV_NORMAL)",
  fallocate: "os.posix_fallocate(f, 0, 10)",
  fchmod: "os.fchmod(f, 0o600)",
  fchown: "os.fchown(f, -1, -1)",
  fchownat: "os.chown('x', -1, -1, dir_fd=d)",
  fdatasync: "os.fdatasync(f)",
  fgetxattr: "os.getxattr(f, 'user.x')",
  flistxattr: "os.listxattr(f)",
  flock: "fcntl.flock(f, fcntl.LOCK_SH)",
  fremovexattr: "os.removexattr(f, 'user.x')",
  fsetxattr: "os.setxattr(f, 'user.x', b'y')",
  fstatfs: "os.fstatvfs(f)",
  fsync: "os.fsync(f)",
  getrusage: "resource.getrusage(resource.RUSAGE_SELF)",
  lchown: "os.lchown('x', -1, -1)",
  linkat: "os.link('x', 'y', src_dir_fd=d)",
  lremovexattr: "os.removexattr('x', 'user.x', follow_symlinks=False)",
  memfd_create: "os.memfd_create('x')",
  mkdirat: "os.mkdir('new', dir_fd=d)",
  mknod: "os.mknod('node')",
  mknodat: "os.mknod('other', dir_fd=d)",
  pidfd_open: "os.pidfd_open(os.getpid())",
  preadv: "os.preadv(f, [bytearray(1)], 0)",
  preadv2: "os.preadv(f, [bytearray(1)], 0, os.RWF_HIPRI)",
  pwrite64: "os.pwrite(g, b'x', 0)",
  pwritev: "os.pwritev(g, [b'x'], 0)",
  pwritev2: "os.pwritev(g, [b'x'], 0, os.RWF_DSYNC)",
  readv: "os.readv(f, [bytearray(1)])",
  removexattr: "os.removexattr('x', 'user.x')",
  renameat: "os.rename('x', 'z', src_dir_fd=d)",
  sendmsg: "socket.socket(socket.AF_UNIX).sendmsg([b'x'])",
  socketpair: "socket.socketpair()",
  splice: "os.splice(f, os.pipe()[1], 1)",
  symlinkat: "os.symlink('x', 'link', dir_fd=d)",
  sync: "os.sync()",
  times: "os.times()",
  truncate: "os.truncate('x', 1)",
  waitid: "os.waitid(os.P_ALL, 0, os.WEXITED)",
  writev: "os.writev(g, [b'x'])",
};

/** Which of several calls these make depends on the C library, on libuv or on the file system; splice came with Python 3.10. */
const VARIES: Readonly<Record<Language, readonly string[]>> = {
  python: ["mknod", "preadv", "pwritev", "splice"],
  node: ["fstatfs", "sendfile"],
};

const NODE: Readonly<Record<string, string>> = {
  chdir: "process.chdir('.')",
  chmod: "fs.chmodSync('x', 0o600)",
  chown: "fs.chownSync('x', 0, 0)",
  copy_file_range: "fs.copyFileSync('x', 'copy')",
  dup2: "require('child_process').spawnSync('true')",
  fchmod: "fs.fchmodSync(f, 0o600)",
  fchown: "fs.fchownSync(f, 0, 0)",
  fdatasync: "fs.fdatasyncSync(f)",
  fstatfs: "fs.copyFileSync('x', 'copy')",
  fsync: "fs.fsyncSync(f)",
  ftruncate: "fs.ftruncateSync(f, 1)",
  getppid: "process.ppid",
  lchown: "fs.lchownSync('x', 0, 0)",
  link: "fs.linkSync('x', 'hard')",
  mkdir: "fs.mkdtempSync('new')",
  preadv: "fs.readvSync(f, [Buffer.alloc(1), Buffer.alloc(1)], 0)",
  pwritev: "fs.writevSync(f, [Buffer.alloc(1), Buffer.alloc(1)], 0)",
  readv: "fs.readvSync(f, [Buffer.alloc(1), Buffer.alloc(1)])",
  rename: "fs.renameSync('hard', 'moved')",
  rmdir: "fs.mkdirSync('gone'); fs.rmSync('gone', { recursive: true })",
  sendfile: "fs.copyFileSync('x', 'copy')",
  socketpair: "require('child_process').spawnSync('true')",
  statfs: "fs.statfsSync('x')",
  symlink: "fs.symlinkSync('x', 'link')",
  utimensat: "fs.utimesSync('x', 1, 1)",
};

const STARTS: Readonly<
  Record<Language, { readonly command: string; readonly script: (body: string) => string }>
> = {
  python: {
    command: "/usr/bin/python3",
    script: body =>
      `import fcntl, os, resource, socket\nopen("x", "w").write("text")\nd = os.open(".", os.O_RDONLY)\nf = os.open("x", os.O_RDWR)\ng = os.open("g", os.O_CREAT | os.O_RDWR)\ntry:\n    ${body}\nexcept OSError: pass\n`,
  },
  node: {
    command: process.execPath,
    script: body =>
      `const fs = require("fs");\nfs.writeFileSync("x", "text"); const f = fs.openSync("x", "r+");\ntry { ${body} } catch {}\n`,
  },
};

/** Which of some calls a script makes. */
function made(context: Parameters<typeof temporaryFolder>[0], language: Language, body: string): Set<string> {
  const folder = temporaryFolder(context);
  const { command, script } = STARTS[language];
  writeFileSync(path.join(folder, "script"), script(body));
  const calls = callsAskedByName(language).join(",");
  const ran = spawnSync("strace", ["-f", "-qq", "-o", "log", "-e", `trace=${calls}`, command, "script"], {
    cwd: folder,
    encoding: "utf8",
  });
  assert.equal(ran.status, 0, ran.stderr);
  const log = readFileSync(path.join(folder, "log"), "utf8");
  return new Set([...log.matchAll(/^\d+ +(\w+)\(/gm)].map(([, call = ""]) => call));
}

for (const [language, ways] of [
  ["python", PYTHON],
  ["node", NODE],
] as const) {
  test(`${language}: each call of the table is made by who asks for it, and by nobody else`, context => {
    const calls = callsAskedByName(language);
    assert.deepEqual(Object.keys(ways).sort(), [...calls].sort());
    assert.deepEqual([...made(context, language, language === "python" ? "pass" : "")], []);
    const together = Object.entries(ways).filter(([call]) => !VARIES[language].includes(call));
    const separator = language === "python" ? "\nexcept OSError: pass\ntry:\n    " : " } catch {} try { ";
    const all = made(context, language, together.map(([, way]) => way).join(separator));
    assert.deepEqual(
      together.map(([call]) => call).filter(call => !all.has(call)),
      [],
    );
  });
}
