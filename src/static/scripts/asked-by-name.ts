import { type AbiName } from "../../abi/abi.ts";
import { syscallByName } from "../../abi/syscalls.ts";
import { olderTwinsOf } from "../../abi/twins.ts";

/** Languages whose interpreters make some calls only for who asks for them by name. */
export type Language = "python" | "node";

/** What scripts mention. */
export interface ScriptNames {
  /** Every identifier in the target's own scripts and in what they use besides the language's own library. */
  readonly words: ReadonlySet<string>;
  /** Functions of the operating system that their own text calls as such: `flock` of `fcntl.flock(…)`. */
  readonly calls: ReadonlySet<string>;
  /** Modules of the language's own library that are loaded. */
  readonly modules: ReadonlySet<string>;
}

/** The same while it is being collected. */
export interface Mentions extends ScriptNames {
  readonly words: Set<string>;
  readonly calls: Set<string>;
  readonly modules: Set<string>;
}

export function noMentions(): Mentions {
  return { words: new Set(), calls: new Set(), modules: new Set() };
}

/** Who leads to a call: identifiers in scripts, and modules of the language's own library that use it themselves. */
interface Askers {
  readonly names: readonly string[];
  readonly modules: readonly string[];
}

/** `CALL: NAME… [< MODULE…]` a line. */
function table(text: string): ReadonlyMap<string, Askers> {
  const rows = text.trim().split("\n");
  return new Map(
    rows.map(row => {
      const [call = "", askers = ""] = row.trim().split(": ");
      const [names = "", modules = ""] = askers.split(" < ");
      return [call, { names: names.split(" "), modules: modules === "" ? [] : modules.split(" ") }];
    }),
  );
}

/**
 * Source: CPython 3.8 to 3.13, Modules/posixmodule.c, fcntlmodule.c, resource.c, socketmodule.c, and the modules of Lib/
 * that call these functions. SQLite's and dbm's libraries make some as well.
 */
const PYTHON = table(`
  copy_file_range: copy_file_range
  dup3: dup2
  eventfd2: eventfd
  fadvise64: posix_fadvise
  fallocate: posix_fallocate
  fchmod: fchmod chmod < sqlite3
  fchown: fchown chown < sqlite3
  fchownat: dir_fd
  fdatasync: fdatasync < sqlite3 dbm
  fgetxattr: getxattr
  flistxattr: listxattr
  flock: flock < dbm
  fremovexattr: removexattr
  fsetxattr: setxattr
  fstatfs: fstatvfs statvfs
  fsync: fsync < dbm mailbox
  getrusage: getrusage
  lchown: lchown chown < tarfile
  linkat: src_dir_fd dst_dir_fd follow_symlinks
  lremovexattr: removexattr
  memfd_create: memfd_create
  mkdirat: dir_fd
  mknod: mknod mkfifo < tarfile
  mknodat: mknod mkfifo < tarfile
  pidfd_open: pidfd_open < asyncio
  preadv: preadv
  preadv2: preadv
  pwrite64: pwrite < sqlite3 dbm
  pwritev: pwritev
  pwritev2: pwritev
  readv: readv
  removexattr: removexattr
  renameat: src_dir_fd dst_dir_fd
  sendmsg: sendmsg sendmsg_afalg send_fds < asyncio multiprocessing
  socketpair: socketpair < asyncio multiprocessing
  splice: splice
  symlinkat: dir_fd
  sync: sync
  times: times
  truncate: truncate
  waitid: waitid
  writev: writev
`);

/** Source: Node.js 18 to 22, src/node_file.cc, src/node_process_*.cc, lib/fs.js, lib/internal/fs; libuv's src/unix/fs.c. */
const NODE = table(`
  chdir: chdir
  chmod: chmod chmodSync lchmod lchmodSync cp cpSync readableAll writableAll
  chown: chown chownSync
  copy_file_range: copyFile copyFileSync cp cpSync
  dup2: child_process cluster spawn_sync process_wrap
  fchmod: fchmod fchmodSync chmod copyFile copyFileSync cp cpSync
  fchown: fchown fchownSync chown
  fdatasync: fdatasync fdatasyncSync datasync
  fstatfs: copyFile copyFileSync cp cpSync
  fsync: fsync fsyncSync sync flush
  ftruncate: ftruncate ftruncateSync truncate truncateSync copyFile copyFileSync cp cpSync
  getppid: ppid
  lchown: lchown lchownSync
  link: link linkSync
  mkdir: mkdir mkdirSync mkdtemp mkdtempSync cp cpSync
  preadv: readv readvSync readBuffers
  pwritev: writev writevSync writeBuffers createWriteStream WriteStream
  readv: readv readvSync readBuffers
  rename: rename renameSync
  rmdir: rmdir rmdirSync rm rmSync cp cpSync
  sendfile: copyFile copyFileSync cp cpSync
  socketpair: child_process cluster process_wrap
  statfs: statfs statfsSync
  symlink: symlink symlinkSync cp cpSync
  utimensat: utimes utimesSync futimes futimesSync lutimes lutimesSync cp cpSync
`);

const TABLES: Readonly<Record<Language, ReadonlyMap<string, Askers>>> = { python: PYTHON, node: NODE };

/** Calls that a language's interpreter makes only for who asks by name, as far as they are known. */
export function callsAskedByName(language: Language): readonly string[] {
  return [...TABLES[language].keys()];
}

/**
 * Whether scripts ask for a call: `named` when their own text calls it by name, `absent` when nothing in them or in the
 * library that they load leads to it; undefined when neither is known.
 */
export function askedFor(
  language: Language,
  { words, calls, modules }: ScriptNames,
  { abi, syscall }: { readonly abi: AbiName; readonly syscall: string },
): "named" | "absent" | undefined {
  const askers = TABLES[language].get(syscall);
  if (calls.has(syscall)) return "named";
  // Where an ABI lacks the plain call, libraries make this one for everybody.
  const isPlain = olderTwinsOf(syscall).some(({ older }) => syscallByName(abi, older) === undefined);
  if (askers === undefined || isPlain) return undefined;
  const isMentioned =
    askers.names.some(name => words.has(name)) || askers.modules.some(name => modules.has(name));
  return isMentioned ? undefined : "absent";
}
