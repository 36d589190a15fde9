import { stripVTControlCharacters } from "node:util";

/** Columns that a terminal needs at most: what is beyond the Latin, Greek and Cyrillic scripts may take two. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of stripVTControlCharacters(text))
    columns += isPlain(character.codePointAt(0) ?? 0) ? 1 : 2;
  return columns;
}

/** Scripts, punctuation, arrows, signs and blocks of one column. */
function isPlain(code: number): boolean {
  return code < 0x1100 || (code >= 0x2000 && code < 0x2e80);
}

/** Where the text of a line begins again after a break: below its last column of text on the left half, or indented. */
function hangOf(line: string, columns: number): number {
  const plain = stripVTControlCharacters(line);
  const indent = /^ */.exec(plain)?.[0].length ?? 0;
  const starts = [...plain.matchAll(/(?<=\S {2,})(?=\S)/g)].map(({ index }) => index);
  return starts.findLast(start => start <= columns / 2) ?? Math.min(indent + 2, columns / 2);
}

/**
 * Breaks lines that are longer than so many columns at their blanks, never between a number and its sign; what follows is
 * indented, or stands below the line's last column of text. A word that is longer stays whole, so that it can be copied.
 */
export function wrap(text: string, columns: number): string {
  return text
    .split("\n")
    .flatMap(line => (columnsOf(line) <= columns ? [line] : wrapLine(line, columns)))
    .join("\n");
}

function wrapLine(line: string, columns: number): string[] {
  const indent = " ".repeat(hangOf(line, columns));
  const lines: string[] = [];
  let [current = "", ...words] = line.split(/(?<=\S)(?= (?![%×]))/);
  for (const word of words) {
    if (columnsOf(current) + columnsOf(word) <= columns) current += word;
    else {
      lines.push(current);
      current = indent + word.trimStart();
    }
  }
  return [...lines, current];
}
