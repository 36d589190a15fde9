import type { FunctionNode } from "../code/node.ts";
import type { Module } from "../code/module.ts";
import type { Reach } from "../reach.ts";
import type { TargetRoot } from "./root.ts";

const CONFIGURATION = "/etc/nsswitch.conf";
/** `_nss_SERVICE_FUNCTION`, of glibc's own services and of every module. */
const NSS_FUNCTION = /^_nss_[a-z0-9]+_(\w+)$/;
/** How the names begin by which glibc asks for functions: getXbyY_r, setXent, endXent, netname2user, initgroups_dyn. */
const ASKED_NAME = /^(?:get|set|end|net|init)\w{1,28}$/;
const LETTER_E = 0x65;
const LETTER_N = 0x6e;

/** The modules that nsswitch.conf names, and those that glibc asks for without it. Source: nsswitch.conf(5). */
export function nssLibraries(root: TargetRoot): string[] {
  const services = new Set(["files", "dns"]);
  if (!root.isFile(CONFIGURATION)) services.add("compat");
  for (const line of root.text(CONFIGURATION).split("\n")) {
    const list = /^\s*[a-z]\w*\s*:(.*)$/.exec(line.replace(/#.*/, ""))?.[1] ?? "";
    for (const word of list.replace(/\[[^\]]*\]/g, " ").split(/\s+/)) if (word !== "") services.add(word);
  }
  return [...services].sort().map(service => `libnss_${service}.so.2`);
}

interface Taking {
  readonly module: Module;
  readonly address: number;
  readonly mask: number;
  readonly from: FunctionNode;
  readonly site: number;
}

/**
 * Holds glibc's own name-service functions back until something asks for one of their name. glibc keeps the addresses of
 * all functions of a service in a table and calls one by its name, which is a constant where it is asked for: a program
 * that only wants a user's name never calls what resolves hosts. Source: glibc nss/nss_module.c, nss/getXXbyYY_r.c.
 */
export class NssFunctions {
  readonly #reach: Reach;
  readonly #names = new Map<Module, ReadonlyMap<number, string>>();
  readonly #waiting = new Map<string, Taking[]>();
  readonly #asked = new Set<string>();

  constructor(reach: Reach) {
    this.#reach = reach;
  }

  /** Reached code takes an address of code; true when that waits for a name. */
  holds(module: Module, address: number, mask: number, from: FunctionNode, site: number): boolean {
    if (!module.isGlibc) return false;
    const name = this.#namesOf(module).get(address);
    if (name === undefined || this.#asked.has(name)) return false;
    const waiting = this.#waiting.get(name) ?? [];
    waiting.push({ module, address, mask, from, site });
    this.#waiting.set(name, waiting);
    return true;
  }

  /** Reached code or data mentions an address that may be a name's. What is asked for by it may only be reached later. */
  noteString(module: Module, address: number): void {
    const second = module.elf.u8(address + 1);
    if (second !== LETTER_E && second !== LETTER_N) return;
    const name = module.elf.string(address);
    if (name === undefined || !ASKED_NAME.test(name) || this.#asked.has(name)) return;
    this.#asked.add(name);
    const waiting = this.#waiting.get(name);
    if (waiting === undefined) return;
    this.#waiting.delete(name);
    for (const { module: holder, address: at, mask, from, site } of waiting)
      this.#reach.handOut(holder, at, mask, "taken", from, site);
  }

  #namesOf(module: Module): ReadonlyMap<number, string> {
    let names = this.#names.get(module);
    if (names === undefined) {
      names = new Map(
        module.exports.all().flatMap(symbol => {
          const name = NSS_FUNCTION.exec(symbol.name)?.[1];
          return name === undefined || !ASKED_NAME.test(name) ? [] : [[symbol.value, name] as const];
        }),
      );
      this.#names.set(module, names);
    }
    return names;
  }
}
