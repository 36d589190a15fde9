const ESCAPES = new RegExp(`${String.fromCharCode(27)}\\[([?\\d;]*)([A-Za-z])`, "y");

/** A terminal as far as plain text, colours, cursor movements and erased lines go. Lines that are too long wrap. */
export class Screen {
  readonly #columns: number;
  readonly #rows: string[] = [""];
  #row = 0;
  #column = 0;
  /** How often a character came after the last column. */
  wraps = 0;

  constructor(columns: number) {
    this.#columns = columns;
  }

  /** What there is now, without blanks at the ends. */
  text(): string {
    return this.#rows
      .map(row => row.trimEnd())
      .join("\n")
      .trimEnd();
  }

  write(text: string): void {
    for (let at = 0; at < text.length; ) {
      ESCAPES.lastIndex = at;
      const escape = ESCAPES.exec(text);
      if (escape === null) this.#put(text[at++] ?? "");
      else {
        at = ESCAPES.lastIndex;
        this.#obey(escape[1] ?? "", escape[2] ?? "");
      }
    }
  }

  #obey(parameter: string, command: string): void {
    if (command === "m" || parameter.startsWith("?")) return;
    if (command === "A") this.#row = Math.max(0, this.#row - Number(parameter || "1"));
    else if (command === "G") this.#column = Number(parameter || "1") - 1;
    else if (command === "K" && parameter === "2") this.#rows[this.#row] = "";
    else if (command === "J" && parameter === "") this.#eraseBelow();
    else if (command === "B")
      this.#row = Math.min(this.#rows.length - 1, this.#row + Number(parameter || "1"));
    else if (command === "K" && parameter === "")
      this.#rows[this.#row] = (this.#rows[this.#row] ?? "").slice(0, this.#column);
    else throw new Error(`a terminal's command that is not known here: [${parameter}${command}`);
  }

  #eraseBelow(): void {
    this.#rows[this.#row] = (this.#rows[this.#row] ?? "").slice(0, this.#column);
    this.#rows.length = this.#row + 1;
  }

  #put(character: string): void {
    if (character === "\r") this.#column = 0;
    else if (character === "\n") this.#nextRow();
    else {
      if (this.#column === this.#columns) {
        this.wraps++;
        this.#nextRow();
        this.#column = 0;
      }
      const row = (this.#rows[this.#row] ?? "").padEnd(this.#column);
      this.#rows[this.#row] = row.slice(0, this.#column) + character + row.slice(this.#column + 1);
      this.#column++;
    }
  }

  #nextRow(): void {
    this.#row++;
    while (this.#rows.length <= this.#row) this.#rows.push("");
  }
}
