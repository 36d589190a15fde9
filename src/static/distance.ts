import path from "node:path";
import type { FunctionNode } from "./code/node.ts";
import type { Module } from "./code/module.ts";

/**
 * How many library functions a call passes on its way from the program's own code, its plug-ins and its own libraries
 * included, to a function: `fsync()` is 1, what `syslog()` needs in order to send is more. Functions that do nothing but
 * call one other do not count; a function whose address own code hands out, in tables of own files as well, counts as called
 * by it. What is reached only by the loader, through addresses that libraries hand out, in tables of theirs too, or on the
 * way to an end, as what `abort()` and a failed assertion need for their message, has no distance.
 */
export function libraryDistances(
  nodes: Iterable<FunctionNode>,
  isOwn: (module: Module) => boolean,
): ReadonlyMap<FunctionNode, number> {
  const distances = new Map<FunctionNode, number>();
  let current: FunctionNode[] = [];
  for (const node of nodes) {
    if (!isOwn(node.module)) continue;
    distances.set(node, 0);
    current.push(node);
  }
  for (let distance = 0; current.length > 0; distance++) {
    const further: FunctionNode[] = [];
    // Grows while it is read: what a forwarder calls is as far as the forwarder.
    for (let i = 0; i < current.length; i++) {
      const node = current[i];
      if (node === undefined || distances.get(node) !== distance) continue;
      const forwards = distance > 0 && new Set(node.next).size === 1;
      const handsOut = distance === 0 ? node.handsOut.filter(next => isHandedOut(node, next, isOwn)) : [];
      for (const next of [...node.next, ...handsOut]) {
        if (!next.returns) continue;
        const known = distances.get(next);
        const reached = forwards ? distance : distance + 1;
        if (known !== undefined && known <= reached) continue;
        distances.set(next, reached);
        if (forwards) current.push(next);
        else further.push(next);
      }
    }
    current = further;
  }
  return distances;
}

function isHandedOut(node: FunctionNode, next: FunctionNode, isOwn: (module: Module) => boolean): boolean {
  const tables = node.elsewhere?.get(next);
  return tables === undefined || [...tables].some(isOwn);
}

/** The letters that a file's name begins with, without `lib`: what versions and suffixes are appended to. */
function stemOf(file: string): string {
  return /^(?:lib)?([a-z]*)/i.exec(path.posix.basename(file))?.[1]?.toLowerCase() ?? "";
}

/**
 * Whether a library is the heart of a program that is little more than a front end to it: it bears the program's name,
 * as libsqlite3.so.0 does sqlite3's and libruby-3.1.so that of ruby3.1.
 */
export function isHeart(program: string, library: string): boolean {
  const stem = stemOf(program);
  return stem.length > 2 && path.posix.basename(library).startsWith("lib") && stemOf(library) === stem;
}

/** Plug-ins of libraries, by the folder that they lie in: character sets, OpenSSL, SASL, PAM, PKCS #11, Kerberos. */
const LIBRARY_PLUGINS = /^(gconv|ossl-modules|engines-.*|sasl2|security|pkcs11|p11-kit.*|krb5|plugins)$/;

/** Whether a plug-in belongs to the program rather than to one of its libraries: a module of a server, say. */
export function isOwnPlugin(file: string, libraryFolders: ReadonlySet<string>): boolean {
  const folder = path.posix.dirname(file);
  return !libraryFolders.has(folder) && !LIBRARY_PLUGINS.test(path.posix.basename(folder));
}
