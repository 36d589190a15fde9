// ELF programs of this machine.
import { closeSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import path from "node:path";

/** Folders with programs, and how deep to look below them. */
const FOLDERS = [
  ["/usr/bin", 0],
  ["/usr/sbin", 0],
  ["/usr/games", 0],
  ["/usr/local/bin", 0],
  ["/usr/libexec", 3],
  ["/usr/lib", 5],
];
/** Machines' own: compilers for others, a cloud's and Java's copies of programs, emulators of the tests. */
const LEFT_OUT = /google-cloud-sdk|\/jvm\/.*\/lib\/|\/gcc-cross\/|^\/usr\/bin\/qemu-/;
const LARGEST = 60e6;

function isProgram(file) {
  const head = Buffer.alloc(20);
  const fd = openSync(file, "r");
  try {
    readSync(fd, head, 0, 20, 0);
  } finally {
    closeSync(fd);
  }
  const isElf64 = head.readUInt32BE(0) === 0x7f454c46 && head[4] === 2;
  return isElf64 && [2, 3].includes(head.readUInt16LE(16)) && head.readUInt16LE(18) === 62;
}

/** Every x86-64 program once, by its first name in order, as far as it is not too large. */
export function elfPrograms() {
  const found = new Map();
  const walk = (folder, depth) => {
    let entries = [];
    try {
      entries = readdirSync(folder, { withFileTypes: true });
    } catch {
      return;
    }
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const file = path.join(folder, entry.name);
      if (entry.isDirectory()) {
        if (depth > 0) walk(file, depth - 1);
        continue;
      }
      const stat = statSync(file, { throwIfNoEntry: false });
      if (stat === undefined || !stat.isFile() || (stat.mode & 0o111) === 0) continue;
      if (/\.so(\.|$)/.test(entry.name) || stat.size > LARGEST || LEFT_OUT.test(file)) continue;
      const key = `${stat.dev}:${stat.ino}`;
      if (!found.has(key) && isProgram(file)) found.set(key, file);
    }
  };
  for (const [folder, depth] of FOLDERS) walk(folder, depth);
  return [...found.values()];
}
