import { openForkEvents, type ForkEvents } from "../../linux/forks.ts";
import { TargetError } from "../../errors.ts";

/** How often what the kernel tells is fetched while nothing else asks for it. */
const DRAIN_MS = 20;

/**
 * Which processes a daemon has started for one container since the recording began. A container of Docker is in no
 * audit session of ours, and most of its processes are gone when their records are read; so who started whom is noted
 * from the beginning.
 */
export class StartedProcesses {
  readonly #events: ForkEvents;
  readonly #timer: NodeJS.Timeout;
  /** Of processes that were started since; until it is known whom to follow. */
  #parents: Map<number, number> | undefined = new Map();
  readonly #members = new Set<number>();
  #lost = false;
  #open = true;

  /** @throws MachineError where the kernel does not tell which processes start */
  constructor() {
    this.#events = openForkEvents();
    this.#timer = setInterval(() => this.update(), DRAIN_MS);
    this.#timer.unref();
  }

  /** True when some starts were missed. */
  get lost(): boolean {
    return this.#lost;
  }

  /** True once it is known whom to follow. */
  get following(): boolean {
    return this.#parents === undefined;
  }

  /** Takes in what the kernel has told. */
  update(): void {
    if (!this.#open) return;
    for (let event = this.#events.next(); event !== undefined; event = this.#events.next()) {
      if (event === "lost") {
        this.#lost = true;
        continue;
      }
      const { parent, child } = event;
      this.#parents?.set(child, parent);
      // Whoever had this id before is gone.
      if (this.#members.has(parent)) this.#members.add(child);
      else this.#members.delete(child);
    }
  }

  /**
   * From now on: a container, by one of its processes. Its own are all that its topmost ancestor of those that were
   * started since has started, and that is its shim, which also starts what enters it.
   * @throws TargetError when that process was not started since
   */
  follow(pid: number): void {
    this.update();
    const parents = this.#parents;
    if (parents === undefined) return;
    const top = topmost(parents, pid);
    if (top === undefined) throw new TargetError("the kernel did not tell of the container's start");
    for (const each of parents.keys()) if (topmost(parents, each) === top) this.#members.add(each);
    this.#parents = undefined;
  }

  /**
   * The same when the container has ended already, by processes that may be of it.
   * @throws TargetError when they are of several
   */
  followOneOf(pids: readonly number[]): void {
    this.update();
    const parents = this.#parents;
    if (parents === undefined) return;
    const [first, ...others] = new Set(
      pids.map(pid => topmost(parents, pid)).filter(top => top !== undefined),
    );
    if (others.length > 0)
      throw new TargetError(
        "other containers started at the same moment, and which of them is meant cannot be told any more: try again, or use --engine runc",
      );
    if (first !== undefined) this.follow(first);
  }

  has(pid: number): boolean {
    return this.#members.has(pid);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    clearInterval(this.#timer);
    this.#events.close();
  }
}

/** The first ancestor whose own parent was not started since. */
function topmost(parents: ReadonlyMap<number, number>, pid: number): number | undefined {
  let top: number | undefined;
  const seen = new Set<number>();
  for (let at = pid; !seen.has(at); ) {
    const parent = parents.get(at);
    if (parent === undefined) return top;
    seen.add(at);
    top = at;
    at = parent;
  }
  return top;
}
