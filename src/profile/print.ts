import { printJson, type Printable } from "../json/print.ts";
import type { Condition, HostCondition, ProfileDocument, RuleDocument } from "./document.ts";

/**
 * The JSON text of a profile: fields in the order of moby's own, every digit of every value. Nothing is resolved or
 * left out; `parseProfile` gives the same document back.
 */
export function printProfile(document: ProfileDocument): string {
  return printJson({
    defaultAction: document.defaultAction,
    defaultErrnoRet: document.defaultErrnoRet,
    defaultErrno: document.defaultErrno,
    architectures: document.architectures,
    archMap: document.archMap?.map(entry => ({ ...entry })),
    flags: document.flags,
    listenerPath: document.listenerPath,
    listenerMetadata: document.listenerMetadata,
    syscalls: document.syscalls?.map(printableRule),
  });
}

function printableRule(rule: RuleDocument): Printable {
  return {
    ...(rule.singleName === true ? { name: rule.names[0] } : { names: rule.names }),
    action: rule.action,
    errnoRet: rule.errnoRet,
    errno: rule.errno,
    args: rule.args?.map(printableCondition),
    comment: rule.comment,
    includes: printableHost(rule.includes),
    excludes: printableHost(rule.excludes),
  };
}

function printableCondition(condition: Condition): Printable {
  return {
    index: condition.index,
    value: condition.value,
    valueTwo: condition.valueTwo,
    op: condition.op,
  };
}

function printableHost(host: HostCondition | undefined): Printable | undefined {
  return host === undefined ? undefined : { arches: host.arches, caps: host.caps, minKernel: host.minKernel };
}
