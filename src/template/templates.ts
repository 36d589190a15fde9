import type { BlockName } from "./blocks.ts";

/** A profile for a kind of program, as data. */
export interface Template {
  readonly name: string;
  /** One line: for whom it is. */
  readonly purpose: string;
  readonly blocks: readonly BlockName[];
  /** Calls besides those of the blocks. */
  readonly more: readonly string[];
  /** Programs that it was measured with and is proven with, keys of MEASURED. */
  readonly proven: readonly string[];
}

function template(
  name: string,
  purpose: string,
  blocks: readonly BlockName[],
  proven: readonly string[],
  more = "",
): Template {
  const base: readonly BlockName[] = ["runtime", "start", "read"];
  return { name, purpose, blocks: [...base, ...blocks], more: more === "" ? [] : more.split(" "), proven };
}

const SERVER: readonly BlockName[] = ["network", "serve", "events", "timers"];

/** All templates that stand for a kind of program, by name. `runtime-default` and `complain` are made otherwise. */
export const TEMPLATES: readonly Template[] = [
  template(
    "batch",
    "shell scripts and jobs that work on files and end by themselves, without network",
    ["local", "write", "owner", "children", "priority"],
    ["shell batch", "sqlite3"],
  ),
  template(
    "build",
    "compilers, linkers and make, without network",
    ["local", "write", "owner", "children", "priority", "events", "memfd"],
    ["make and gcc", "shell batch"],
    "setresgid setresuid",
  ),
  template(
    "cache",
    "caches in memory with persistence: Redis, memcached",
    [...SERVER, "write", "user", "children", "priority", "lock"],
    ["redis-server", "memcached"],
  ),
  template(
    "cli",
    "command line tools that read and write files, talk to servers and start other tools",
    ["write", "owner", "children", "network", "events"],
    ["curl and ls", "sqlite3", "shell batch"],
  ),
  template(
    "database",
    "databases on files with clients over sockets, processes or threads",
    [...SERVER, "write", "owner", "user", "children", "priority", "lock", "shared", "aio"],
    ["sqlite3", "redis-server"],
  ),
  template(
    "static-files",
    "web servers that only hand out files",
    [...SERVER, "write", "owner", "user", "priority", "children"],
    ["nginx", "python3 http.server"],
  ),
  template(
    "web",
    "web servers and applications of any language that start no databases of their own",
    [...SERVER, "write", "owner", "user", "priority", "children", "watch", "aio", "jit", "memfd"],
    ["nginx", "node http", "python3 http.server", "Go net server", "Java HttpServer"],
  ),
  template("web-go", "servers written in Go", [...SERVER, "write", "children", "watch"], ["Go net server"]),
  template(
    "web-java",
    "servers on a Java virtual machine",
    [...SERVER, "write", "children", "watch", "priority"],
    ["Java HttpServer"],
  ),
  template(
    "web-node",
    "servers on Node.js",
    [...SERVER, "write", "children", "watch", "priority", "jit"],
    ["node http"],
  ),
  template(
    "web-python",
    "servers in Python, with worker processes or threads",
    [...SERVER, "write", "owner", "user", "children", "watch"],
    ["python3 http.server"],
  ),
  template(
    "worker",
    "background workers: take jobs from a queue, work on files, start helpers, accept no connections",
    ["network", "events", "timers", "write", "owner", "children", "watch", "memfd"],
    ["python3 worker"],
  ),
];
