import { disassemble, type NameReturn } from "../bpf/disassemble.ts";
import { BPF, isConditionalJump, isReturn, type Program } from "../bpf/program.ts";

/** Where control goes from an instruction, with the label of each way. */
function ways(program: Program, index: number): readonly [number, string][] {
  const at = program[index];
  if (at === undefined || isReturn(at.code)) return [];
  if (at.code === BPF.JA) return [[index + 1 + at.k, ""]];
  if (!isConditionalJump(at.code)) return [[index + 1, ""]];
  return [
    [index + 1 + at.jt, "yes"],
    [index + 1 + at.jf, "no"],
  ];
}

/** A filter as a graph for Graphviz. */
export function programAsDot(program: Program, nameReturn: NameReturn, bigEndian: boolean): string {
  const meanings = disassemble(program, nameReturn, bigEndian).split("\n");
  const nodes = program.map((at, index) => {
    const text = (meanings[index] ?? "")
      .trim()
      .replace(/^\d+\s+/, "")
      .replace(/, \d+, \d+$/, "");
    return `  n${index} [label=${JSON.stringify(`${index}: ${text}`)}${isReturn(at.code) ? ", shape=box" : ""}];`;
  });
  const edges = program.flatMap((_, index) =>
    ways(program, index).map(
      ([to, label]) => `  n${index} -> n${to}${label === "" ? "" : ` [label="${label}"]`};`,
    ),
  );
  return `digraph filter {\n  node [fontname="monospace"];\n${nodes.join("\n")}\n${edges.join("\n")}\n}\n`;
}
