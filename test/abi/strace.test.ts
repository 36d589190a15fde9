import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describeArgument } from "../../src/abi/arguments.ts";
import { testWith } from "../support/needs.ts";

/** Calls with arguments of many kinds; what fails for lack of a privilege is as good. */
const PROGRAM = `
import ctypes, fcntl, mmap, os, resource, select, signal, socket, subprocess, tempfile
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
socket.socketpair()
socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
mmap.mmap(-1, 4096).madvise(mmap.MADV_DONTNEED)
subprocess.run(["true"])
signal.signal(signal.SIGUSR1, lambda *a: None)
os.kill(os.getpid(), signal.SIGUSR1)
resource.getrlimit(resource.RLIMIT_NOFILE)
f = tempfile.TemporaryFile()
fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
fcntl.fcntl(f, fcntl.F_GETFL)
select.epoll().register(s, 1)
os.memfd_create("x", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
os.getrandom(4, os.GRND_NONBLOCK)
os.access("/", os.R_OK | os.X_OK)
os.posix_fadvise(f.fileno(), 0, 0, os.POSIX_FADV_WILLNEED)
l = ctypes.CDLL(None)
l.prctl(38, 1, 0, 0, 0)
l.personality(0x40000)
l.umount2(b"/nonexistent", 2)
l.shmget(1, 4096, 0o600)
l.mlockall(0)
l.syscall(321, 5, 0, 0)
l.syscall(101, 0x4206, 1, 0, 0)
`;

/** The arguments of a line of strace, cut at the commas outside of strings, comments and brackets. */
function splitArguments(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let current = "";
  for (const [token] of text.matchAll(/"(?:\\.|[^"\\])*"|\/\*.*?\*\/|[^"]/gs)) {
    if (/^[[({]$/.test(token)) depth += 1;
    if (/^[\])}]$/.test(token)) depth -= 1;
    if (token === "," && depth === 0) {
      parts.push(current.trim());
      current = "";
    } else current += token;
  }
  return [...parts, current.trim()];
}

function numberIn(text: string): bigint | undefined {
  const digits = /^(-?)(0x[0-9a-f]+|\d+)\b/.exec(text);
  if (digits === null) return undefined;
  const value = BigInt((digits[2] ?? "").replace(/^0(?=[0-7])/, "0o"));
  return BigInt.asUintN(64, digits[1] === "-" ? -value : value);
}

/** Names as a sorted list; strace has one name for a futex operation with its flag. */
function names(text: string): string {
  return text
    .replace(/\b(FUTEX_(?!PRIVATE)\w+?)_PRIVATE\b(?!_FLAG)/, "$1|FUTEX_PRIVATE_FLAG")
    .split("|")
    .sort()
    .join("|");
}

/** What strace names and we do not: where the meaning hangs on another argument, and the real-time signals. */
const UNNAMED = /^(FD_CLOEXEC|SIGRT_\d+|FUTEX_BITSET_MATCH_ANY|IPC_PRIVATE)$/;

testWith(
  ["linux", "program:strace", "file:/usr/bin/python3"],
  "argument values are named as strace does",
  () => {
    if (process.arch !== "x64") return;
    const directory = mkdtempSync(path.join(tmpdir(), "seccraft-strace-"));
    try {
      const log = path.join(directory, "log");
      const options = ["-X", "verbose", "-e", "trace=!clone,clone3,vfork", "-o", log];
      spawnSync("strace", [...options, "/usr/bin/python3", "-S", "-c", PROGRAM], { timeout: 30_000 });
      const seen = new Set<string>();
      for (const line of readFileSync(log, "utf8").split("\n")) {
        const [, syscall = "", text = ""] = /^(\w+)\((.*)\) += /.exec(line) ?? [];
        const parts = splitArguments(text);
        const context = parts.map(numberIn);
        for (const [index, part] of parts.entries()) {
          const theirs = /^-?(?:0x[0-9a-f]+|\d+) \/\* ([A-Z_0-9a-z|]+) \*\/$/.exec(part)?.[1];
          const value = context[index];
          if (theirs === undefined || value === undefined || UNNAMED.test(theirs)) continue;
          const ours = describeArgument("x86_64", syscall, index, value, context);
          assert.equal(names(ours), names(theirs), `argument ${index} of ${line}`);
          seen.add(`${syscall} ${index} ${theirs}`);
        }
      }
      const version = execFileSync("strace", ["--version"], { encoding: "utf8" }).split("\n")[0];
      assert.ok(seen.size > 80, `only ${seen.size} values compared with ${version}`);
    } finally {
      rmSync(directory, { recursive: true });
    }
  },
);
