import type {
  ArchMapping,
  ArchName,
  Condition,
  HostCondition,
  ProfileDocument,
  RuleDocument,
} from "../profile/document.ts";

/**
 * A profile as oci-seccomp-bpf-hook writes it: that of its input file, which denies by default, with one more rule that
 * allows what was seen and is not named there, on one line.
 * Source: containers/oci-seccomp-bpf-hook `generateProfile`, containers-common `pkg/seccomp/types.go`. Unlike that hook it
 * never writes `architectures` beside an input's `archMap`: Docker and Podman refuse a profile that has both.
 * @param names of the syscalls that were seen
 * @param architectures that they were made on, the machine's own first; added where the input does not have them
 */
export function printTracedProfile(
  input: ProfileDocument | undefined,
  names: Iterable<string>,
  architectures: readonly ArchName[],
): string {
  const known = new Set((input?.syscalls ?? []).flatMap(rule => rule.names));
  const added = [...new Set(names)].filter(name => !known.has(name)).sort();
  const allow: RuleDocument = { names: added, action: "SCMP_ACT_ALLOW", args: [] };
  return goJson({
    defaultAction: "SCMP_ACT_ERRNO",
    defaultErrnoRet: input?.defaultErrnoRet,
    defaultErrno: unlessEmpty(input?.defaultErrno),
    ...printArchitectures(input, architectures),
    syscalls: [...(input?.syscalls ?? []), allow].map(goRule),
    flags: unlessEmpty(input?.flags),
    listenerPath: unlessEmpty(input?.listenerPath),
    listenerMetadata: unlessEmpty(input?.listenerMetadata),
  });
}

function printArchitectures(input: ProfileDocument | undefined, seen: readonly ArchName[]): object {
  const map = unlessEmpty(input?.archMap);
  if (map === undefined) return { architectures: [...new Set([...(input?.architectures ?? []), ...seen])] };
  const [own, ...others] = seen;
  if (own === undefined) return { archMap: map };
  const withOthers = ({ subArchitectures }: ArchMapping): ArchMapping => {
    const all = [...new Set([...(subArchitectures ?? []), ...others])];
    return { architecture: own, subArchitectures: unlessEmpty(all) ?? null };
  };
  const known = map.some(({ architecture }) => architecture === own);
  return {
    archMap: known
      ? map.map(entry => (entry.architecture === own ? withOthers(entry) : entry))
      : [...map, withOthers({ architecture: own, subArchitectures: null })],
  };
}

function unlessEmpty<T extends { readonly length: number }>(value: T | undefined): T | undefined {
  return value === undefined || value.length === 0 ? undefined : value;
}

function goRule(rule: RuleDocument): object {
  const [only] = rule.names;
  return {
    ...(rule.singleName === true ? { name: only } : { names: unlessEmpty(rule.names) }),
    action: rule.action,
    args: rule.args?.map(goCondition) ?? null,
    comment: rule.comment ?? "",
    includes: goFilter(rule.includes),
    excludes: goFilter(rule.excludes),
    errnoRet: rule.errnoRet,
    errno: unlessEmpty(rule.errno),
  };
}

function goCondition({ index, value, valueTwo = 0n, op }: Condition): object {
  return { index, value, valueTwo, op };
}

function goFilter(host: HostCondition | undefined): object {
  return { caps: unlessEmpty(host?.caps), arches: unlessEmpty(host?.arches) };
}

const ESCAPES = /[<>&\u2028\u2029]/g;

/** JSON as Go's encoding/json writes it: on one line, every digit of a bigint, some characters escaped for HTML. */
function goJson(value: unknown): string {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return `[${value.map(goJson).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).filter(([, item]) => item !== undefined);
    return `{${members.map(([name, item]) => `${goJson(name)}:${goJson(item)}`).join(",")}}`;
  }
  const text = JSON.stringify(value);
  return text.replaceAll(ESCAPES, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
