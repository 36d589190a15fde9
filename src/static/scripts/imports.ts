/** One import statement of Python. */
export interface Import {
  /** The module, with a dot at the start for each level up when it is relative. */
  readonly module: string;
  /** What is taken from it: attributes or modules in it; undefined for `import MODULE`. */
  readonly names: readonly string[] | undefined;
  /** The function that it is in. */
  readonly inside: string | undefined;
  /** Whether the statement stands at the left margin, so that the file cannot be loaded without it. */
  readonly isOutermost: boolean;
}

/** A statement over several lines ends somewhere: after so many characters. */
const LONGEST = 20_000;

/** Lines as Python joins them: in brackets, and after a backslash; the rest of a text in three quotes is dropped. */
function* logicalLines(text: string): Generator<string> {
  const lines = text.split(/\r?\n/);
  let quotes: string | undefined;
  for (let i = 0; i < lines.length; i++) {
    let line = lines[i] ?? "";
    if (quotes !== undefined) {
      if (isOdd(line, quotes)) quotes = undefined;
      continue;
    }
    quotes = ['"""', "'''"].find(mark => isOdd(line, mark));
    if (quotes !== undefined) continue;
    if (/^\s*(?:import|from)\b/.test(line)) {
      const parts: string[] = [];
      let [length, depth] = [0, 0];
      for (;;) {
        const part = line.replace(/#.*$/, "");
        depth += part.split("(").length - part.split(")").length;
        length += part.length;
        const isContinued = depth > 0 || part.trimEnd().endsWith("\\");
        parts.push(isContinued ? part.trimEnd().replace(/\\$/, "") : part);
        if (!isContinued || length > LONGEST || i + 1 >= lines.length) break;
        line = lines[++i] ?? "";
      }
      line = parts.join(" ");
    }
    yield line;
  }
}

/** Whether a mark stands in a line an odd number of times. */
function isOdd(line: string, mark: string): boolean {
  let odd = false;
  for (let at = line.indexOf(mark); at >= 0; at = line.indexOf(mark, at + mark.length)) odd = !odd;
  return odd;
}

const listed = (text: string): string[] =>
  text
    .replace(/#.*$/, "")
    .replaceAll(/[()]/g, " ")
    .split(",")
    .map(part => part.trim().split(/\s+/)[0] ?? "")
    .filter(name => name !== "");

/** What a Python file imports, by its lines: what only looks like an import, in a string, counts as well. */
export function importsOf(text: string): Import[] {
  const found: Import[] = [];
  /** The functions around the line, by their indentation. */
  let functions: { readonly indent: number; readonly name: string }[] = [];
  for (const line of logicalLines(text)) {
    const indent = line.search(/[^ \t]/);
    if (indent < 0 || line[indent] === "#") continue;
    if (functions.length > 0) functions = functions.filter(around => around.indent < indent);
    const definition = /^\s*(?:async\s+)?def\s+(\w+)/.exec(line);
    if (definition !== null) functions = [...functions, { indent, name: definition[1] ?? "" }];
    if (!line.includes("import")) continue;
    const inside = functions.at(-1)?.name;
    for (const statement of line.split(";")) {
      const from = /^\s*from\s+([.\w]+)\s+import\s+(.+)/.exec(statement);
      const plain = /^(\s*|.*:\s*)import\s+(.+)/.exec(statement);
      const isOutermost = indent === 0 && (from !== null || plain?.[1]?.trim() === "");
      if (from !== null)
        found.push({ module: from[1] ?? "", names: listed(from[2] ?? ""), inside, isOutermost });
      else if (plain !== null)
        for (const module of listed(plain[2] ?? ""))
          found.push({ module, names: undefined, inside, isOutermost });
    }
  }
  return found;
}
