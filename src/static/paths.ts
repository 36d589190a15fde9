import type { CallSite } from "../evidence/model.ts";
import type { FunctionNode } from "./code/node.ts";
import type { SiteResult, Step } from "./sites.ts";

const MAX_PATH = 256;

export const hex = (value: number | bigint): string => `0x${value.toString(16)}`;

/** The way from a root to a function, outermost first, without the last site. */
export function pathTo(node: FunctionNode): CallSite[] {
  const steps: CallSite[] = [];
  let site = -1;
  for (let at: FunctionNode | undefined = node; at !== undefined && steps.length < MAX_PATH; at = at.parent) {
    if (at !== node) steps.push(siteIn(at, site));
    site = at.parentSite;
  }
  return steps.reverse();
}

/** The way to a site that asks for a number, over the function that chooses the number. */
export function pathToSite(site: SiteResult, via: readonly Step[]): CallSite[] {
  const first = via[0]?.node ?? site.node;
  return [
    ...pathTo(first),
    ...via.map(step => siteIn(step.node, step.site)),
    siteIn(site.node, site.address),
  ];
}

/** A place in a function. */
export function siteIn(node: FunctionNode, address: number): CallSite {
  return { file: node.module.path, address: hex(address < 0 ? node.start : address), function: node.name };
}
