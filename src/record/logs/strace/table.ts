/** A row of the table that `strace -c` prints. */
export interface SummaryRow {
  readonly syscall: string;
  readonly calls: number;
}

/**
 * Reads the table of `strace -c`, whose columns may be chosen with `-U`. Rows are told by position: only `errors` may
 * be blank, and the name may stand first or last.
 */
export class SummaryTable {
  #columns: readonly string[] | undefined;
  /** Mode of the calls in the next table, such as `32`; undefined for the machine's own. */
  mode: string | undefined;

  /** True when the line belongs to a table; `row` is called for a row of it. */
  line(line: string, row: (row: SummaryRow) => void): boolean {
    const usage = /^System call usage summary for (\w+)(?: bit)? mode:$/.exec(line);
    if (usage !== null) {
      this.mode = usage[1];
      return true;
    }
    const words = line.trim().replace("% time", "time").split(/\s+/);
    if (words.includes("syscall") && words.includes("calls")) {
      this.#columns = words;
      return true;
    }
    if (this.#columns === undefined) return false;
    if (/^[- ]+$/.test(line)) return true;
    const found = this.#row(this.#columns, words);
    if (found === undefined) {
      this.#end();
      return false;
    }
    if (found.syscall === "total") this.#end();
    else row(found);
    return true;
  }

  #end(): void {
    this.#columns = undefined;
    this.mode = undefined;
  }

  #row(columns: readonly string[], words: readonly string[]): SummaryRow | undefined {
    const shown = words.length === columns.length ? columns : columns.filter(column => column !== "errors");
    if (words.length !== shown.length) return undefined;
    const value = (column: string): string => words[shown.indexOf(column)] ?? "";
    const [syscall, calls] = [value("syscall"), value("calls")];
    return /^[a-z_][a-z0-9_]*$/.test(syscall) && /^\d{1,15}$/.test(calls)
      ? { syscall, calls: Number(calls) }
      : undefined;
  }
}
