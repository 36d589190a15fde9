import { FunctionNode, fromThenOn, Phases, type Caller, type Link } from "./code/node.ts";
import type { Module } from "./code/module.ts";
import { OpenStretches } from "./code/stretches.ts";
import { directStartOnly, isLoadersOwn } from "./direct-start.ts";
import { readLandingPads } from "./elf/eh-frame.ts";
import type { ProcessImage } from "./load/process.ts";
import { SlotUse } from "./model.ts";
import { OnRequest } from "./on-request.ts";
import { ThreadGuards } from "./thread-guard.ts";

/** Where something came from: a node and a site in it, or nothing for a root. */
interface Origin {
  readonly node: FunctionNode | undefined;
  readonly site: number;
  /** The file whose data holds an address that is handed out. */
  readonly table?: Module | undefined;
}

const NOWHERE: Origin = { node: undefined, site: -1 };

/** Told about addresses that reached code or reached data mentions. */
export interface AddressWatch {
  mention(module: Module, address: number, mask: number, from: FunctionNode | undefined, site: number): void;
  /** Reached code takes an address of code; true when that does not count yet. */
  holds(module: Module, address: number, mask: number, from: FunctionNode, site: number): boolean;
}

/** The reached functions of one module. */
interface FoundNodes {
  /** By the index of the range. */
  readonly ranges: (FunctionNode | undefined)[];
  /** By the address of the entry, where no range is. */
  readonly others: Map<number, FunctionNode>;
  readonly opened: OpenStretches;
}

/**
 * Which functions can run: from the roots over calls, jumps, fall-through, landing pads and handed-out addresses.
 * Breadth first, so that the first way found to a function is a shortest one.
 */
export class Reach {
  readonly image: ProcessImage;
  /** All reached functions, in the order in which they were found. */
  readonly nodes: FunctionNode[] = [];
  /** Set by whoever follows data; it may call `enter` in turn. */
  watch: AddressWatch | undefined;
  readonly #found = new Map<Module, FoundNodes>();
  readonly #guards = new ThreadGuards();
  readonly #onRequest = new OnRequest();
  #queue: FunctionNode[] = [];
  #masks: FunctionNode[] = [];

  constructor(image: ProcessImage) {
    this.image = image;
  }

  /** The node of the function that starts at an address, if it is reached. */
  nodeAt(module: Module, address: number): FunctionNode | undefined {
    const found = this.#found.get(module);
    const index = module.rangeIndex(address);
    if (index < 0) return found?.others.get(address);
    const node = found?.ranges[index];
    return node?.start === address ? node : undefined;
  }

  /** The reached node whose code holds an address. */
  nodeHolding(module: Module, address: number): FunctionNode | undefined {
    const found = this.#found.get(module);
    const index = module.rangeIndex(address);
    if (index >= 0) return found?.ranges[index];
    const others = found?.others;
    return (
      others?.get(address) ?? [...(others?.values() ?? [])].find(n => n.code?.includes(address) === true)
    );
  }

  /** A function that something outside of the analysed code calls, or data that it reads. */
  root(module: Module, address: number, mask: number, reason: string): void {
    if (!module.elf.isCode(address)) this.watch?.mention(module, address, mask, undefined, -1);
    const node = this.enter(module, address, mask, "root", NOWHERE);
    if (node === undefined) return;
    node.hasUnknownCallers = true;
    if (node.link === "root") node.rootReason ??= reason;
  }

  /**
   * An address of code is a value from now on: in code (`taken`) or in data.
   * @param table the file whose data holds it
   */
  handOut(
    module: Module,
    address: number,
    mask: number,
    link: Link,
    from: FunctionNode | undefined,
    site: number,
    table?: Module,
  ): void {
    const node = this.enter(module, address, this.#whenHanded(module, address, mask), link, {
      node: from,
      site,
      table,
    });
    if (node === undefined) return;
    if (node.start === address) node.hasUnknownCallers = true;
    else node.addLabel(address);
  }

  /** When what has been handed out in some phases can run: from then on, but for what ld.so only calls at its start. */
  #whenHanded(module: Module, address: number, mask: number): number {
    if (module !== this.image.interpreter || !module.isGlibc) return fromThenOn(mask);
    return isLoadersOwn(module, address) ? Phases.loader : fromThenOn(mask);
  }

  /** Runs until nothing new is reached. */
  run(): void {
    let head = 0;
    while (head < this.#queue.length || this.#masks.length > 0) {
      const node = this.#queue[head];
      if (node !== undefined) {
        head++;
        this.#visit(node);
        continue;
      }
      const changed = this.#masks;
      this.#masks = [];
      for (const n of changed) this.#spread(n);
    }
    this.#queue = [];
  }

  /** Control, or an address, gets to a place in a module's code. Returns the function there, unless it is a stub. */
  enter(module: Module, address: number, mask: number, link: Link, origin: Origin): FunctionNode | undefined {
    if (!module.elf.isCode(address)) {
      const library = this.image.prelinkedAt(module, address);
      return library === undefined ? undefined : this.enter(library, address, mask, link, origin);
    }
    const slot = module.isOwnFunction(address) ? -1 : module.thunkSlot(address);
    if (slot >= 0) {
      this.#followSlot(module, slot, mask, link, origin);
      return undefined;
    }
    if (this.#onRequest.holds({ module, address, mask, link, ...origin })) return undefined;
    const node = this.#nodeFor(module, address);
    this.#connect(node, address, mask, link, origin);
    return node;
  }

  /** Whether what only mutexes with priority protection need was left out. */
  get leavesOutProtection(): boolean {
    return this.#onRequest.isWaiting;
  }

  /** Whether an instruction of a reached function runs at all. */
  isDead(node: FunctionNode, site: number): boolean {
    const { module } = node;
    return module === this.image.interpreter && module.isGlibc && directStartOnly(node).has(site);
  }

  #nodeFor(module: Module, address: number): FunctionNode {
    let found = this.#found.get(module);
    if (found === undefined) {
      found = {
        ranges: Array.from({ length: module.ranges.length }),
        others: new Map(),
        opened: new OpenStretches(),
      };
      this.#found.set(module, found);
    }
    const index = module.rangeIndex(address);
    const known = index >= 0 ? found.ranges[index] : found.others.get(address);
    if (known !== undefined) return known;
    const node = index >= 0 ? rangeNode(module, index) : descentNode(module, address, found);
    if (index >= 0) found.ranges[index] = node;
    else found.others.set(address, node);
    this.nodes.push(node);
    return node;
  }

  #connect(node: FunctionNode, address: number, mask: number, link: Link, origin: Origin): void {
    const from = origin.node;
    if (from !== undefined) {
      if (link === "taken" || link === "data") {
        this.#handsOut(from, node, origin.table);
      } else if (!from.next.includes(node)) from.next.push(node);
      if (link === "call" || link === "jump") {
        const caller: Caller = { node: from, site: origin.site, isCall: link === "call" };
        if (address === node.start) node.callers.push(caller);
        else node.addInterior(address, caller);
      }
    }
    const isNew = node.mask === 0;
    if ((node.mask | mask) === node.mask) return;
    node.mask |= mask;
    if (isNew) {
      node.parent = from;
      node.parentSite = origin.site;
      node.link = from === undefined && link !== "data" ? "root" : link;
      node.depth = from === undefined ? 0 : from.depth + 1;
      this.#queue.push(node);
    } else this.#masks.push(node);
  }

  #handsOut(from: FunctionNode, node: FunctionNode, table: Module | undefined): void {
    const isNew = !from.handsOut.includes(node);
    if (isNew) from.handsOut.push(node);
    if (table === undefined || table === from.module) from.elsewhere?.delete(node);
    else if (isNew) (from.elsewhere ??= new Map()).set(node, new Set([table]));
    else from.elsewhere?.get(node)?.add(table);
  }

  /** A function that ran in some phases runs in more: so does what it calls. */
  #spread(node: FunctionNode): void {
    for (const next of node.next) this.#widen(next, node.mask);
    for (const next of node.handsOut) this.#widen(next, this.#whenHanded(next.module, next.start, node.mask));
  }

  #widen(node: FunctionNode, mask: number): void {
    if ((node.mask | mask) === node.mask) return;
    node.mask |= mask;
    this.#masks.push(node);
  }

  /** Control or a value comes out of a slot: whatever the loader put there. */
  #followSlot(module: Module, slot: number, mask: number, link: Link, origin: Origin): void {
    const row = module.slots.get(slot);
    if (row === undefined) return;
    for (const target of this.image.slotTargets(module, row)) {
      if (!target.module.elf.isCode(target.address)) {
        this.watch?.mention(target.module, target.address, mask, origin.node, origin.site);
      } else if (target.isResolver) this.enter(target.module, target.address, mask, "call", origin);
      else if (link === "taken" || link === "data") {
        this.handOut(target.module, target.address, mask, link, origin.node, origin.site);
      } else this.enter(target.module, target.address, mask, link, origin);
    }
  }

  #visit(node: FunctionNode): void {
    const guard = this.#guards.hold(node);
    const isHeld = (site: number): boolean => guard !== undefined && site >= guard.start && site < guard.end;
    this.#follow(node, site => !isHeld(site) && !this.isDead(node, site));
    this.#followLandingPads(node);
    for (const e of this.#onRequest.release(node)) this.enter(e.module, e.address, e.mask, e.link, e);
    for (const held of this.#guards.release(node, guard)) {
      const { start, end } = held.guard;
      this.#follow(held.node, site => site >= start && site < end);
    }
  }

  /** What the sites of a function that `runs` accepts lead to. */
  #follow(node: FunctionNode, runs: (site: number) => boolean): void {
    const { module, scan, mask } = node;
    for (let i = 0; i < scan.calls.length; i += 2) {
      const site = scan.calls[i] ?? 0;
      if (runs(site)) this.enter(module, scan.calls[i + 1] ?? 0, mask, "call", { node, site });
    }
    for (let i = 0; i < scan.jumps.length; i += 2) {
      const site = scan.jumps[i] ?? 0;
      if (runs(site)) this.enter(module, scan.jumps[i + 1] ?? 0, mask, "jump", { node, site });
    }
    for (let i = 0; i < scan.slots.length; i += 3) {
      const site = scan.slots[i] ?? 0;
      const use = scan.slots[i + 2];
      const link = use === SlotUse.call ? "call" : use === SlotUse.jump ? "jump" : "taken";
      if (runs(site)) this.#followSlot(module, scan.slots[i + 1] ?? 0, mask, link, { node, site });
    }
    for (let i = 0; i < scan.taken.length; i += 2) {
      const site = scan.taken[i] ?? 0;
      const address = scan.taken[i + 1] ?? 0;
      if (runs(site) && this.watch?.holds(module, address, mask, node, site) !== true)
        this.handOut(module, address, mask, "taken", node, site);
    }
    // The roots of a language cover what the data of its functions points to.
    const isCovered = module.language?.followData === false && module.isOwnFunction(node.start);
    if (this.watch === undefined || isCovered) return;
    for (let i = 0; i < scan.data.length; i += 2) {
      const site = scan.data[i] ?? 0;
      if (runs(site)) this.watch.mention(module, scan.data[i + 1] ?? 0, mask, node, site);
    }
  }

  #followLandingPads(node: FunctionNode): void {
    const { module } = node;
    const lsda = module.ranges[node.range]?.lsda ?? -1;
    if (lsda < 0) return;
    for (const pad of readLandingPads(module.elf, node.start, lsda)) {
      if (pad < node.start || pad >= node.end)
        this.enter(module, pad, node.mask, "landing-pad", { node, site: node.start });
    }
  }
}

function rangeNode(module: Module, index: number): FunctionNode {
  const range = module.ranges[index];
  if (range === undefined) throw new RangeError(`no range ${index}`);
  module.expectScan(index);
  return new FunctionNode(module, range.start, range.end, index, undefined, undefined);
}

function descentNode(module: Module, entry: number, { others, opened }: FoundNodes): FunctionNode {
  const { scan, code } = module.scanFrom(entry, address => others.has(address), opened);
  return new FunctionNode(module, entry, scan.end, -1, scan, code);
}
