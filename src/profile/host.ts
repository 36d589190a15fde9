import { abiByName, type AbiName } from "../abi/abi.ts";
import { InputError } from "../errors.ts";
import {
  type ArchName,
  type Host,
  type HostCondition,
  inheritSource,
  type PlainProfile,
  type ProfileDocument,
  type RuleDocument,
} from "./document.ts";

/** Docker's names of architectures, in `includes.arches` and `excludes.arches`. */
const DOCKER_ARCHES: Readonly<Partial<Record<AbiName, readonly string[]>>> = {
  x86_64: ["amd64"],
  i386: ["x86", "386"],
  x32: ["x32"],
  aarch64: ["arm64"],
  arm: ["arm"],
  mips64: ["mips64"],
  mips64n32: ["mips64n32"],
  mipsel64: ["mipsel64", "mips64le"],
  mipsel64n32: ["mipsel64n32"],
  mipsel: ["mipsel", "mipsle"],
  loongarch64: ["loong64"],
};

/** Numbers of the first two parts of a version such as `6.1.0-18-amd64`. */
function kernelVersion(text: string): readonly [number, number] {
  const match = /^(\d+)\.(\d+)/.exec(text);
  if (match === null) throw new InputError(`"${text}" is not a kernel version such as 6.1`);
  return [Number(match[1]), Number(match[2])];
}

export function kernelAtLeast(kernel: string, wanted: string): boolean {
  const [major, minor] = kernelVersion(kernel);
  const [needMajor, needMinor] = kernelVersion(wanted);
  return major > needMajor || (major === needMajor && minor >= needMinor);
}

/** Whether Docker keeps a rule on a host: every part of `includes` must hold, none of `excludes` may. */
export function ruleApplies(rule: RuleDocument, host: Host): boolean {
  const arches = DOCKER_ARCHES[host.abi] ?? [host.abi];
  const isOneOf = (names: readonly string[] | undefined): boolean =>
    names?.some(name => arches.includes(name)) === true;
  const has = (cap: string): boolean => host.capabilities.includes(cap);
  const excludes: HostCondition = rule.excludes ?? {};
  if (isOneOf(excludes.arches) || excludes.caps?.some(has) === true) return false;
  if (excludes.minKernel !== undefined && kernelAtLeast(host.kernel, excludes.minKernel)) return false;
  const includes: HostCondition = rule.includes ?? {};
  if ((includes.arches ?? []).length > 0 && !isOneOf(includes.arches)) return false;
  if (includes.caps?.every(has) === false) return false;
  return includes.minKernel === undefined || kernelAtLeast(host.kernel, includes.minKernel);
}

/** The ABIs that a document lists on a host, undefined when it lists none. */
export function architecturesFor(document: ProfileDocument, host: Host): readonly ArchName[] | undefined {
  if (document.archMap === undefined) return document.architectures;
  const own = abiByName(host.abi)?.scmp;
  const entry = document.archMap.find(mapping => mapping.architecture === own);
  return entry === undefined ? [] : [entry.architecture, ...(entry.subArchitectures ?? [])];
}

/**
 * Resolves what a Docker profile leaves to the host, as moby's `profiles/seccomp` does: `archMap` becomes
 * `architectures`, rules with `includes` and `excludes` stay or go. Comments stay.
 */
export function resolveForHost(document: ProfileDocument, host: Host): PlainProfile {
  const { archMap: _, ...rest } = document;
  const architectures = architecturesFor(document, host);
  const syscalls = document.syscalls?.flatMap(rule => {
    if (!ruleApplies(rule, host)) return [];
    const { includes: _i, excludes: _e, singleName: _s, ...plain } = rule;
    return [plain];
  });
  const plain: PlainProfile = {
    ...rest,
    ...(architectures === undefined ? {} : { architectures }),
    ...(syscalls === undefined ? {} : { syscalls }),
  };
  // With rules gone the places of the others no longer fit.
  return syscalls?.length === document.syscalls?.length ? inheritSource(plain, document) : plain;
}
