import { readFileSync, readlinkSync, statSync } from "node:fs";

/** After so many forks a remembered thread id may have been given to another process. */
const FORKS_TO_REMEMBER = 4096;
const SET_ID_BITS = 0o6000;

/** Which executable a thread runs, remembered until its next exec. */
export class Processes {
  /** Null: asked for, and not to be found out. */
  readonly #executables = new Map<number, string | null>();
  #forks = 0;

  executable(thread: number): string | undefined {
    let path = this.#executables.get(thread);
    if (path === undefined) {
      try {
        path = readlinkSync(`/proc/${thread}/exe`).replace(/ \(deleted\)$/, "");
      } catch {
        path = null;
      }
      this.#executables.set(thread, path);
    }
    return path ?? undefined;
  }

  /** The thread is about to exec: what it runs is read anew at its next call. */
  execs(thread: number): void {
    this.#executables.delete(thread);
    // An exec by any thread goes on under the process's own id.
    const process = this.process(thread);
    if (process !== undefined) this.#executables.delete(process);
  }

  forks(): void {
    if (++this.#forks % FORKS_TO_REMEMBER === 0) this.#executables.clear();
  }

  ends(thread: number): void {
    this.#executables.delete(thread);
  }

  process(thread: number): number | undefined {
    try {
      const found = /^Tgid:\t(\d+)$/m.exec(readFileSync(`/proc/${thread}/status`, "latin1"));
      return found === null ? undefined : Number(found[1]);
    } catch {
      return undefined;
    }
  }

  command(thread: number): string | undefined {
    try {
      return readFileSync(`/proc/${thread}/comm`, "utf8").trimEnd();
    } catch {
      return undefined;
    }
  }

  /** Whether the executable of a thread would change its user or group when started without no_new_privs. */
  isSetId(thread: number): boolean {
    try {
      return (statSync(`/proc/${thread}/exe`).mode & SET_ID_BITS) !== 0;
    } catch {
      return false;
    }
  }
}
