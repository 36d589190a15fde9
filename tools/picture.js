// node tools/picture.js COMMAND… > picture.svg: runs a command and draws what it prints on stderr, as a terminal shows it.
import { spawnSync } from "node:child_process";
import process from "node:process";
import { stripVTControlCharacters } from "node:util";

const COLUMN = 8.4;
const LINE = 19;
const MARGIN = 20;
const COLORS = {
  1: "font-weight:bold",
  2: "fill:#8b949e",
  31: "fill:#ff7b72",
  32: "fill:#7ee787",
  33: "fill:#e3b341",
  36: "fill:#79c0ff",
};

const escape = text => text.replace(/[&<>]/g, mark => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[mark]);

const CONTROL = "\u001b[";

const span = (text, style) => (text === "" ? "" : `<tspan style="${style}">${escape(text)}</tspan>`);

/** One line of text with ANSI colours as SVG spans. */
function spans(line) {
  const [plain = "", ...coloured] = line.split(CONTROL);
  const rest = coloured.map(part => {
    const end = part.indexOf("m");
    return span(part.slice(end + 1), COLORS[Number(part.slice(0, end))] ?? "");
  });
  return span(plain, "") + rest.join("");
}

const [command, ...args] = process.argv.slice(2);
const result = spawnSync(command, args, { encoding: "utf8", env: { ...process.env, FORCE_COLOR: "1" } });
if (result.status !== 0) {
  process.stderr.write(result.stderr);
  process.exit(1);
}
const lines = result.stderr
  .trimEnd()
  .split("\n")
  .filter(line => !line.endsWith(" …"));
const columns = Math.max(...lines.map(line => stripVTControlCharacters(line).length));
const width = Math.ceil(columns * COLUMN + 2 * MARGIN);
const height = lines.length * LINE + 2 * MARGIN;
const text = lines
  .map(
    (line, row) =>
      `<text x="${MARGIN}" y="${MARGIN + 14 + row * LINE}" xml:space="preserve">${spans(line)}</text>`,
  )
  .join("\n");
process.stdout.write(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="seccraft at work in a terminal">
<rect width="100%" height="100%" rx="10" fill="#0d1117"/>
<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,monospace" font-size="14" fill="#e6edf3">
${text}
</g>
</svg>
`);
