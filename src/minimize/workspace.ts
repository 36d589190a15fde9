import { cpSync, lstatSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";

/** Folders beyond this are used as they are. */
const MOST_ENTRIES = 5000;
const MOST_BYTES = 64 * 1024 * 1024;
/** Folders up to this size cost so little that every run gets a copy: what is denied may do harm that else is not done. */
const FEW_ENTRIES = 200;
const FEW_BYTES = 1024 * 1024;

export type CopyChoice = "auto" | "always" | "never";

/** The folder that the target works in: the user's own, or a fresh copy for each run when it changes its content. */
export class Workspace {
  readonly #original: string;
  readonly #without: readonly string[];
  readonly #temporary: string;
  /** What the copies that are in use were like at first. */
  readonly #fresh = new Map<string, string>();
  #pristine: string | undefined;
  #always: boolean;
  #copying: boolean;
  /** What the folder itself was like when copying stopped. */
  #before: string | undefined;

  private constructor(original: string, without: readonly string[], temporary: string, choice: CopyChoice) {
    this.#original = original;
    this.#without = without;
    this.#temporary = temporary;
    this.#always = choice === "always";
    this.#copying = choice !== "never";
  }

  /**
   * @param without paths in it that are not copied, and whose changes do not count
   * @param temporary a folder of ours, which somebody else removes at the end
   */
  static open(
    original: string,
    without: readonly string[],
    temporary: string,
    choice: CopyChoice,
  ): Workspace {
    const workspace = new Workspace(original, without, temporary, choice);
    if (choice === "never") return workspace;
    // Taken before the first run, which may be the one that does the harm.
    const size = workspace.#size();
    const small = size.entries <= MOST_ENTRIES && size.bytes <= MOST_BYTES;
    if (choice === "always" || small) workspace.#pristine = workspace.#copy(original);
    else workspace.#copying = false;
    if (size.entries <= FEW_ENTRIES && size.bytes <= FEW_BYTES) workspace.#always = true;
    return workspace;
  }

  get copies(): boolean {
    return this.#copying;
  }

  /** Where the next run is to take place: undefined for the folder as it is. */
  enter(): string | undefined {
    if (this.#pristine === undefined || !this.#copying) return undefined;
    const copy = this.#copy(this.#pristine);
    this.#fresh.set(copy, fingerprint(copy, []));
    return copy;
  }

  /** To be called with what `enter` gave when the run has ended. Returns whether the run changed anything. */
  leave(copy: string | undefined): boolean {
    if (copy === undefined) return false;
    const changed = fingerprint(copy, []) !== this.#fresh.get(copy);
    this.#fresh.delete(copy);
    rmSync(copy, { recursive: true, force: true });
    return changed;
  }

  /**
   * From now on the target works in the folder as it is, because untouched it does no harm there; unless copies were
   * asked for always, or cost next to nothing.
   */
  stopCopying(): void {
    this.#copying = this.#always;
    if (!this.#copying) this.#before = fingerprint(this.#original, this.#without);
  }

  /** Whether runs that were denied something changed the folder after all. */
  get harmed(): boolean {
    return this.#before !== undefined && fingerprint(this.#original, this.#without) !== this.#before;
  }

  /** Up to the most that is copied. */
  #size(): { entries: number; bytes: number } {
    let entries = 0;
    let bytes = 0;
    for (const { stat } of walk(this.#original, this.#without)) {
      entries++;
      bytes += stat.isFile() ? Number(stat.size) : 0;
      if (entries > MOST_ENTRIES || bytes > MOST_BYTES) break;
    }
    return { entries, bytes };
  }

  #copy(from: string): string {
    const copy = mkdtempSync(path.join(this.#temporary, "folder-"));
    cpSync(from, copy, {
      recursive: true,
      preserveTimestamps: true,
      verbatimSymlinks: true,
      filter: source => {
        if (this.#without.some(left => source === left)) return false;
        const stat = lstatSync(source, { throwIfNoEntry: false });
        return stat !== undefined && (stat.isFile() || stat.isDirectory() || stat.isSymbolicLink());
      },
    });
    return copy;
  }
}

interface Entry {
  readonly name: string;
  readonly stat: NonNullable<ReturnType<typeof lstatSync>>;
}

function* walk(folder: string, without: readonly string[], prefix = ""): Generator<Entry> {
  let names: string[];
  try {
    names = readdirSync(folder).sort();
  } catch {
    return;
  }
  for (const name of names) {
    const file = path.join(folder, name);
    const stat = lstatSync(file, { throwIfNoEntry: false });
    if (stat === undefined || without.includes(file)) continue;
    yield { name: prefix + name, stat };
    if (stat.isDirectory()) yield* walk(file, without, `${prefix}${name}/`);
  }
}

/** Names, kinds, modes, sizes and the times of files: what a run that wrote something changes. */
function fingerprint(folder: string, without: readonly string[]): string {
  const lines: string[] = [];
  for (const { name, stat } of walk(folder, without)) {
    const written = stat.isFile() ? Math.trunc(Number(stat.mtimeMs)) : 0;
    lines.push(`${name} ${stat.mode} ${stat.isDirectory() ? 0 : stat.size} ${written}`);
  }
  return lines.join("\n");
}
