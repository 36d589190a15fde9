import type { FunctionNode, Link } from "./code/node.ts";
import type { Module } from "./code/module.ts";

/** Functions that set up mutexes with priority protection (PTHREAD_PRIO_PROTECT), or ask for the priorities that they need. */
const PROTECTION = [
  "pthread_mutexattr_setprotocol",
  "pthread_mutexattr_setprioceiling",
  "pthread_mutex_setprioceiling",
];
/** The syscalls that mutexes with priority protection need. Source: glibc nptl/tpp.c. */
export const PROTECTION_CALLS: readonly string[] = [
  "sched_get_priority_max",
  "sched_get_priority_min",
  "sched_getparam",
  "sched_getscheduler",
  "sched_setscheduler",
];
/** What the functions of glibc's nptl/tpp.c call, which change the priority of a thread that locks such a mutex. */
const CHANGES = [
  ["sched_get_priority_max", "sched_get_priority_min"],
  ["sched_getparam", "sched_getscheduler"],
];
/** What pthread_create only does for attributes that were asked for, and who puts them into a pthread_attr_t. */
const ATTRIBUTES: ReadonlyMap<string, readonly string[]> = new Map([
  ["sched_setaffinity", ["pthread_attr_setaffinity_np"]],
  ["sched_setscheduler", ["pthread_attr_setinheritsched"]],
  ["sched_getscheduler", ["pthread_attr_setinheritsched"]],
  ["sched_getparam", ["pthread_attr_setinheritsched"]],
]);

/** Control that gets to a function, to be repeated. */
export interface Entering {
  readonly module: Module;
  readonly address: number;
  readonly mask: number;
  readonly link: Link;
  readonly node: FunctionNode | undefined;
  readonly site: number;
}

/** Whether a module is a libc.so.6 of glibc that holds the thread functions itself, as from 2.34 on. */
export function hasThreads(module: Module): boolean {
  return (
    module.isGlibc &&
    module.elf.dynamic?.soname === "libc.so.6" &&
    module.exports.has("pthread_mutexattr_setprotocol") &&
    module.exports.has("pthread_create")
  );
}

/** Addresses of exported functions, in all versions. */
function addressesOf(module: Module, names: readonly string[]): number[] {
  return names.flatMap(name =>
    module.exports.get(name).flatMap(index => module.elf.dynamicSymbols[index]?.value ?? []),
  );
}

/**
 * Holds back what glibc's thread functions only do for who has asked for it before. A mutex with priority protection is
 * made by pthread_mutexattr_setprotocol, and by nothing else, unless another program has made it in memory that both share,
 * which is a gap. Source: glibc nptl/tpp.c, pthread_mutex_lock.c, pthread_create.c.
 */
export class OnRequest {
  #libc: Module | undefined;
  /** Addresses of what each of `CHANGES` calls. */
  #changes: readonly (readonly (readonly number[])[])[] = [];
  #asking: ReadonlySet<number> = new Set();
  #isAsked = false;
  #waiting: Entering[] = [];
  readonly #waits = new Map<number, boolean>();

  /** Whether a function's start waits; control that comes by a call or jump is remembered then. */
  holds(entering: Entering): boolean {
    if (this.#isAsked || !this.#isLibc(entering.module)) return false;
    const { link, address } = entering;
    if ((link !== "call" && link !== "jump") || !this.#waitsAt(entering.module, address)) return false;
    this.#waiting.push(entering);
    return true;
  }

  /** A function is reached: what may run from now on. */
  release(node: FunctionNode): readonly Entering[] {
    if (node.module !== this.#libc || !this.#asking.has(node.start)) return [];
    this.#isAsked = true;
    const released = this.#waiting;
    this.#waiting = [];
    return released;
  }

  /** Whether anything waits. */
  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  #isLibc(module: Module): boolean {
    if (this.#libc === undefined && hasThreads(module)) {
      this.#libc = module;
      this.#asking = new Set(addressesOf(module, PROTECTION));
      this.#changes = CHANGES.map(names => names.map(name => addressesOf(module, [name])));
    }
    return module === this.#libc;
  }

  /** Whether a function that is not exported calls what only those of nptl/tpp.c call together. */
  #isOfProtection(module: Module, address: number): boolean {
    const index = module.rangeIndex(address);
    if (module.ranges[index]?.start !== address || module.entryAddresses.has(address)) return false;
    const called = new Set(module.scanRange(index).calls.filter((_, i) => i % 2 === 1));
    return this.#changes.some(functions => functions.every(at => at.some(start => called.has(start))));
  }

  #waitsAt(module: Module, address: number): boolean {
    let waits = this.#waits.get(address);
    if (waits === undefined) {
      waits = this.#isOfProtection(module, address);
      this.#waits.set(address, waits);
    }
    return waits;
  }
}

/**
 * Tells for calls that pthread_create makes for attributes of the new thread whether anything reached sets these.
 * @param reached the function that starts at an address, if it is reached
 */
export function waitsForAttribute(
  node: FunctionNode,
  syscall: string,
  reached: (module: Module, address: number) => FunctionNode | undefined,
): boolean {
  const setters = ATTRIBUTES.get(syscall);
  if (setters === undefined || !hasThreads(node.module) || !isOfCreation(node, 0)) return false;
  const addresses = addressesOf(node.module, setters);
  return addresses.length > 0 && addresses.every(at => !isAsked(reached(node.module, at)));
}

/** Whether anything but the copying of attributes, which sets what the original has, calls a function. */
function isAsked(setter: FunctionNode | undefined): boolean {
  if (setter === undefined) return false;
  return setter.hasUnknownCallers || setter.callers.some(c => !copiesAttributes(c.node));
}

/** Whether a function is `__pthread_attr_copy`: internal, and called in order to get the default attributes. */
function copiesAttributes(node: FunctionNode): boolean {
  const { module, start } = node;
  if (node.hasUnknownCallers || module.entryAddresses.has(start)) return false;
  const getters = addressesOf(module, ["pthread_getattr_default_np"]);
  return node.callers.some(c => c.node.module === module && getters.includes(c.node.start));
}

const MOST_PARTS = 4;

/** Whether a function is pthread_create or a part of it that nothing else calls. */
function isOfCreation(node: FunctionNode, depth: number): boolean {
  const { module, start } = node;
  if (addressesOf(module, ["pthread_create"]).includes(start)) return true;
  if (depth >= MOST_PARTS || node.hasUnknownCallers || node.labels.size > 0) return false;
  const callers = [...node.callers, ...[...node.interior.values()].flat()];
  return (
    !module.entryAddresses.has(start) &&
    callers.length > 0 &&
    callers.every(c => c.node.module === module && isOfCreation(c.node, depth + 1))
  );
}
