import { syscallByNumber } from "../abi/syscalls.ts";
import { compareText } from "../evidence/canonical.ts";
import type { FunctionNode } from "./code/node.ts";
import { pathToSite, siteIn } from "./paths.ts";
import type { ProgramAnalysis } from "./program.ts";
import { depthOf, type SiteResult, type Step } from "./sites.ts";

/** A graph with more functions than this is cut to those nearest to the syscall. */
const MAX_GRAPH = 400;

const LINKS: Readonly<Record<FunctionNode["link"], string>> = {
  call: "called",
  jump: "jumped to",
  taken: "its address is taken",
  data: "its address is in data",
  "landing-pad": "runs when an exception is caught",
  root: "root",
};

/** A site that can make a syscall, with the calls that bring it the number. */
interface Making {
  readonly site: SiteResult;
  readonly via: readonly Step[];
}

function sitesOf(analysis: ProgramAnalysis, syscall: string): Making[] {
  const abi = analysis.image.program.elf.machine;
  return analysis.sites
    .flatMap(site =>
      [...site.numbers]
        .filter(([number]) => syscallByNumber(abi, number)?.name === syscall)
        .map(([, { via }]) => ({ site, via })),
    )
    .sort(
      (a, b) =>
        depthOf(a.site.node, a.via) - depthOf(b.site.node, b.via) ||
        compareText(a.site.node.module.path, b.site.node.module.path) ||
        a.site.address - b.site.address,
    );
}

/** Every site that can make a syscall, each with the shortest way to it, as text; empty if there is none. */
export function explainSyscall(analysis: ProgramAnalysis, syscall: string): string {
  const lines: string[] = [];
  for (const { site, via } of sitesOf(analysis, syscall)) {
    const place = siteIn(site.node, site.address);
    lines.push(`${syscall} at ${place.file} ${place.address} in ${place.function}`);
    const known = chain(via[0]?.node ?? site.node);
    pathToSite(site, via).forEach((step, i) => {
      const at = known[i];
      const how =
        at === undefined ? LINKS.call : at.link === "root" ? (at.rootReason ?? "root") : LINKS[at.link];
      lines.push(
        `  ${"  ".repeat(Math.min(i, 20))}${step.function} (${step.file} ${step.address}) ${how === "" ? "" : `[${how}]`}`.trimEnd(),
      );
    });
  }
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

function chain(node: FunctionNode): FunctionNode[] {
  const nodes: FunctionNode[] = [];
  for (let at: FunctionNode | undefined = node; at !== undefined && nodes.length < 256; at = at.parent)
    nodes.push(at);
  return nodes.reverse();
}

/** The functions from which a syscall can be reached, nearest first up to a limit, as a DOT graph. */
export function graphOf(analysis: ProgramAnalysis, syscall: string): string {
  const before = new Map<FunctionNode, FunctionNode[]>();
  for (const node of analysis.reach.nodes) {
    for (const next of [...node.next, ...node.handsOut]) {
      const list = before.get(next);
      if (list === undefined) before.set(next, [node]);
      else list.push(node);
    }
  }
  const found = new Set<FunctionNode>(sitesOf(analysis, syscall).map(({ site }) => site.node));
  const sinks = new Set(found);
  for (const node of found) {
    if (found.size >= MAX_GRAPH) break;
    for (const from of before.get(node) ?? []) if (found.size < MAX_GRAPH) found.add(from);
  }
  const id = (n: FunctionNode): string => quoted(`${n.module.name}:${n.start.toString(16)}`);
  const lines = [`digraph ${quoted(syscall)} {`, "  rankdir=LR;", "  node [shape=box];"];
  for (const node of found) {
    const style = sinks.has(node) ? ", style=bold" : node.link === "root" ? ", style=rounded" : "";
    lines.push(`  ${id(node)} [label=${quoted(`${node.name}\\n${node.module.name}`)}${style}];`);
  }
  for (const node of found) {
    for (const next of node.next) if (found.has(next)) lines.push(`  ${id(node)} -> ${id(next)};`);
    for (const next of node.handsOut) {
      if (found.has(next)) lines.push(`  ${id(node)} -> ${id(next)} [style=dashed];`);
    }
  }
  return `${[...lines, "}"].join("\n")}\n`;
}

function quoted(text: string): string {
  return `"${text.replace(/"/g, '\\"')}"`;
}
