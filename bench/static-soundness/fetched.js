// Programs of Rust that a machine does not have by itself: Debian's, unpacked below bench/out, and one that is compiled here.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../..");
const out = path.join(root, "bench", "out", "static-soundness");

function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { stdio: "ignore", ...options });
  if (error !== undefined || status !== 0) console.log(`-      ${command} ${args.join(" ")} failed`);
}

/** Commands of Rust programs; `%` is a folder with a few files in it. */
export function rustCommands() {
  const folder = path.join(out, "debian");
  const programs = path.join(folder, "root", "usr", "bin");
  if (!existsSync(path.join(programs, "rg"))) {
    mkdirSync(folder, { recursive: true });
    run("apt-get", ["download", "ripgrep", "fd-find"], { cwd: folder });
    for (const name of readdirSync(folder).filter(n => n.endsWith(".deb")))
      run("dpkg-deb", ["-x", name, "root"], { cwd: folder });
  }
  const source = path.join(root, "testdata", "static", "rust", "work.rs");
  const target = ["--target", "x86_64-unknown-linux-gnu"];
  const builds = { dynamic: [], static: ["-C", "target-feature=+crt-static", ...target] };
  for (const [name, flags] of Object.entries(builds)) {
    if (!existsSync(path.join(out, name)))
      run("rustc", ["-O", ...flags, "-o", path.join(out, name), source], { cwd: out });
  }
  return [
    `${programs}/rg -n x %`,
    `${programs}/rg --mmap -j2 x % --stats`,
    `${programs}/rg -z --sort path -P x %`,
    `${programs}/fdfind . %`,
    `${programs}/fdfind -j2 -x true ; . %`,
    `${programs}/fdfind --type f --changed-within 1d . %`,
    path.join(out, "dynamic"),
    path.join(out, "static"),
  ];
}
