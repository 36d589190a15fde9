import { ABIS, type AbiName } from "../abi/abi.ts";
import { riskOf } from "../abi/risk.ts";
import { syscallByName } from "../abi/syscalls.ts";
import { newerTwinsOf } from "../abi/twins.ts";
import type { Condition, ProfileDocument, RuleDocument } from "../profile/document.ts";
import { BLOCKS } from "./blocks.ts";
import { MEASURED } from "./measured.gen.ts";
import { type Template, TEMPLATES } from "./templates.ts";

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET. */
const NEW_NAMESPACES = 0x7e02_0000n;
const ENOSYS = 38;
const AF_UNIX = 1n;
/** Sockets that a template with `network` allows: AF_INET, AF_INET6, and AF_NETLINK, which getaddrinfo asks. */
const NETWORK: readonly bigint[] = [2n, 10n, 16n];

const allow = (names: readonly string[], args?: readonly Condition[]): RuleDocument => ({
  names,
  action: "SCMP_ACT_ALLOW",
  ...(args === undefined ? {} : { args }),
});

/** Allows threads and processes but no namespaces. s390 has clone's first two arguments the other way round. */
export function cloneRule(abi: AbiName): RuleDocument {
  const index = abi === "s390x" || abi === "s390" ? 1 : 0;
  return allow(["clone"], [{ index, value: NEW_NAMESPACES, valueTwo: 0n, op: "SCMP_CMP_MASKED_EQ" }]);
}

/** Answers ENOSYS, upon which programs use an older call. */
export function enosysRule(names: readonly string[]): RuleDocument {
  return { names, action: "SCMP_ACT_ERRNO", errnoRet: ENOSYS };
}

/** The template of a name; undefined for an unknown one. */
export function templateNamed(name: string): Template | undefined {
  return TEMPLATES.find(template => template.name === name);
}

/** All calls that a template allows, on some ABI or other, sorted, each once. */
export function templateCalls(template: Template): readonly string[] {
  const names = [...template.blocks.flatMap(name => BLOCKS[name].names), ...template.more];
  return [...new Set(names)].sort();
}

/** Those of them that x86_64 has. */
export function nativeCalls(template: Template): readonly string[] {
  return templateCalls(template).filter(name => syscallByName("x86_64", name) !== undefined);
}

/** Newer twins that programs try first and a template leaves out. */
function withheld(allowed: ReadonlySet<string>, abi: AbiName): readonly string[] {
  const newer = [...allowed].flatMap(name => newerTwinsOf(name)).filter(twin => twin.fallback !== undefined);
  const names = newer.map(twin => twin.newer).filter(name => !allowed.has(name));
  return [...new Set(names)].filter(name => syscallByName(abi, name) !== undefined).sort();
}

/**
 * A template as a profile that Docker accepts: names sorted and each once, only those that the ABI has; clone without
 * new namespaces, sockets of the usual families alone.
 */
export function templateDocument(template: Template, abi: AbiName): ProfileDocument {
  const calls = templateCalls(template).filter(name => syscallByName(abi, name) !== undefined);
  const plain = calls.filter(name => name !== "clone" && name !== "socket");
  const families = template.blocks.includes("network") ? [AF_UNIX, ...NETWORK] : [AF_UNIX];
  const left = withheld(new Set(calls), abi);
  return {
    defaultAction: "SCMP_ACT_ERRNO",
    defaultErrnoRet: 1,
    architectures: ABIS.filter(each => each.name === abi).map(each => each.scmp),
    syscalls: [
      allow(plain),
      ...(calls.includes("clone") ? [cloneRule(abi)] : []),
      ...(calls.includes("socket")
        ? families.map(value => allow(["socket"], [{ index: 0, value, op: "SCMP_CMP_EQ" }]))
        : []),
      ...(left.length === 0 ? [] : [enosysRule(left)]),
    ],
  };
}

/** What a template costs against a profile made to measure for one program, on x86_64. */
export interface Cost {
  readonly program: string;
  /** Calls of that profile: those of the recorded run, of runc, and what every program needs to end. */
  readonly measured: number;
  /** Calls that the template allows beyond them. */
  readonly surplus: number;
}

/** The calls that a program was recorded to make, whether they went well or not; empty for an unknown one. */
export function measuredCalls(program: string): readonly string[] {
  return MEASURED[program]?.split(" ") ?? [];
}

/** The costs of a template against each program that it is proven with. */
export function costsOf(template: Template): readonly Cost[] {
  const allowed = nativeCalls(template);
  return template.proven.map(program => {
    const own = [...measuredCalls(program), ...BLOCKS.runtime.names];
    const needed = new Set(own.filter(name => syscallByName("x86_64", name) !== undefined));
    return {
      program,
      measured: allowed.filter(name => needed.has(name)).length,
      surplus: allowed.filter(name => !needed.has(name)).length,
    };
  });
}

/** Calls of high risk among names, sorted. */
export function highRisks(names: Iterable<string>): readonly string[] {
  return [...names].filter(name => riskOf(name)?.level === "high").sort();
}
