import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";

/** What goes into a root folder that is made of files of this machine. */
export interface Contents {
  /** Programs, each with the libraries that it is linked against. */
  readonly programs: readonly string[];
  /** Files whose libraries are needed, and they themselves not. */
  readonly libraries?: readonly string[];
  /** Other files and folders. */
  readonly files?: readonly string[];
  /** Text of new files, by their paths. */
  readonly texts?: Readonly<Record<string, string>>;
  readonly folders?: readonly string[];
  /** Files of this machine, by their paths in the root. */
  readonly copies?: Readonly<Record<string, string>>;
}

function libraries(program: string): string[] {
  const { stdout } = spawnSync("ldd", [program], { encoding: "utf8" });
  return [...stdout.matchAll(/(\/[^\s)]+)/g)].map(match => match[1] ?? "").filter(file => existsSync(file));
}

/** Copies a file to where it is on this machine, following links, so that each path leads to content. */
function copy(root: string, file: string): void {
  const target = path.join(root, file);
  if (existsSync(target)) return;
  mkdirSync(path.dirname(target), { recursive: true });
  cpSync(realpathSync(file), target, { recursive: true, dereference: true });
}

/** A small Debian root in the merged-/usr layout. */
export function makeRoot(root: string, contents: Contents): string {
  for (const folder of ["bin", "sbin", "lib", "lib64"]) {
    mkdirSync(path.join(root, "usr", folder), { recursive: true });
    symlinkSync(`usr/${folder}`, path.join(root, folder));
  }
  for (const folder of [
    "etc",
    "tmp",
    "var",
    "run",
    "proc",
    "dev",
    "sys",
    "root",
    ...(contents.folders ?? []),
  ])
    mkdirSync(path.join(root, folder), { recursive: true });
  writeFileSync(
    path.join(root, "etc/passwd"),
    "root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:33::/:/bin/false\n",
  );
  writeFileSync(path.join(root, "etc/group"), "root:x:0:\nwww-data:x:33:\n");
  for (const program of contents.programs) {
    copy(root, program);
    for (const library of libraries(program)) copy(root, library);
  }
  for (const file of contents.libraries ?? [])
    for (const library of libraries(file)) if (!contents.libraries?.includes(library)) copy(root, library);
  for (const file of contents.files ?? []) copy(root, file);
  for (const [file, source] of Object.entries(contents.copies ?? {}))
    cpSync(realpathSync(source), path.join(root, file));
  for (const [file, text] of Object.entries(contents.texts ?? {})) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text, { mode: 0o755 });
  }
  return root;
}
