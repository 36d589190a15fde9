import { parseDocument, stringify } from "yaml";
import { InputError } from "../errors.ts";
import { printJson, type Printable } from "../json/print.ts";
import type { ProfileDocument, RuleDocument } from "../profile/document.ts";
import { parseProfile } from "../profile/parse.ts";
import { defaultActionOf } from "../profile/resolve.ts";
import { printProfile } from "../profile/print.ts";

/** Versions of security-profiles-operator's API that have the same SeccompProfile. */
export type CrdVersion = "v1" | "v1beta1";

const GROUP = "security-profiles-operator.x-k8s.io";
const MAX_INT64 = 0x7fff_ffff_ffff_ffffn;

function lost(reason: string): never {
  throw new InputError(`a SeccompProfile cannot say this: ${reason}`);
}

function ruleOfCrd(rule: RuleDocument): object {
  const { names, action, errnoRet, args = [] } = rule;
  if (errnoRet === 0) lost(`errnoRet 0 of ${names[0]} (0 stands for none there)`);
  if (args.length > 6) lost(`more than six conditions on ${names[0]}`);
  for (const { value, valueTwo = 0n } of args) {
    if (value > MAX_INT64 || valueTwo > MAX_INT64) lost(`a value above 2^63-1 for ${names[0]}`);
  }
  return {
    names,
    action,
    ...(errnoRet === undefined ? {} : { errnoRet }),
    ...(args.length === 0
      ? {}
      : {
          args: args.map(({ index, value, valueTwo, op }) => ({
            index,
            value,
            valueTwo: valueTwo ?? 0n,
            op,
          })),
        }),
  };
}

/**
 * A plain profile as a SeccompProfile of security-profiles-operator.
 * @throws InputError for what it cannot say: another default errno than EPERM, values above 2^63-1
 */
export function printCrd(document: ProfileDocument, name: string, version: CrdVersion): string {
  const fallback = defaultActionOf(document);
  if (fallback.kind === "errno" && fallback.errno !== 1) lost("a default errno other than EPERM");
  if (fallback.kind === "trace" && fallback.data !== 1) lost("a message for the tracer as the default");
  const { defaultAction, architectures, flags, listenerPath, listenerMetadata, syscalls } = document;
  const spec = {
    defaultAction,
    architectures,
    flags,
    listenerPath,
    listenerMetadata,
    syscalls: syscalls?.map(ruleOfCrd),
  };
  const present = Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined));
  return stringify(
    { apiVersion: `${GROUP}/${version}`, kind: "SeccompProfile", metadata: { name }, spec: present },
    { lineWidth: 0, aliasDuplicateObjects: false },
  );
}

/** Whether a text is a YAML document of the operator. */
export function looksLikeCrd(text: string): boolean {
  return text.includes(GROUP) && /^\s*kind:\s*["']?SeccompProfile["']?\s*$/m.test(text);
}

/**
 * Reads a SeccompProfile.
 * @param baseProfile gives the profile that `baseProfileName` stands for, whose rules come first; without it such a
 *   profile is an error
 * @throws InputError with the field
 */
export function parseCrd(
  text: string,
  file: string,
  baseProfile?: (name: string) => ProfileDocument,
): ProfileDocument {
  const yaml = parseDocument(text, { intAsBigInt: true, maxAliasCount: 0 } as object);
  const [error] = yaml.errors;
  if (error !== undefined) throw new InputError(error.message.split("\n")[0] ?? "is no YAML", { file });
  const root = yaml.toJS({ maxAliasCount: 0 }) as { spec?: Record<string, Printable> } | null;
  const spec = root?.spec;
  if (spec === undefined || spec === null || typeof spec !== "object")
    throw new InputError(`"spec" is missing`, { file });
  const { state: _, baseProfileName, disabled: __, ...rest } = spec;
  let document: ProfileDocument;
  try {
    document = parseProfile(printJson(withoutUnset(rest)), file);
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    throw new InputError(cause.reason, { file, field: `spec.${cause.place.field ?? ""}` }, { cause });
  }
  if (baseProfileName === undefined || baseProfileName === "") return document;
  if (baseProfile === undefined || typeof baseProfileName !== "string") {
    throw new InputError(`its base profile is not given; name the file of it with --base`, { file });
  }
  const base = baseProfile(baseProfileName);
  return { ...document, syscalls: [...(base.syscalls ?? []), ...(document.syscalls ?? [])] };
}

/** `errnoRet: 0` is the operator's way to say nothing. */
function withoutUnset(spec: Record<string, Printable>): Record<string, Printable> {
  const { syscalls } = spec;
  if (!Array.isArray(syscalls)) return spec;
  const rules = (syscalls as readonly Record<string, Printable>[]).map(rule => {
    if (rule === null || typeof rule !== "object" || rule["errnoRet"] !== 0n) return rule;
    const { errnoRet: _, ...rest } = rule;
    return rest;
  });
  return { ...spec, syscalls: rules };
}

/** The part of a pod that makes kubelet load the profile from `/var/lib/kubelet/seccomp`. */
export function printPodPatch(name: string): string {
  const seccompProfile = { type: "Localhost", localhostProfile: `profiles/${name}.json` };
  return stringify({ spec: { securityContext: { seccompProfile } } });
}

/** A ConfigMap with the profile and a DaemonSet that puts it onto every node. */
export function printConfigMap(document: ProfileDocument, name: string): string {
  const labels = { "app.kubernetes.io/name": `seccomp-${name}` };
  const configMap = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: `seccomp-${name}`, labels },
    data: { [`${name}.json`]: printProfile(document) },
  };
  const copy = "cp -L /profiles/*.json /node/profiles/";
  const daemonSet = {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: `seccomp-${name}`, labels },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          automountServiceAccountToken: false,
          initContainers: [
            {
              name: "install",
              image: "busybox:1.36",
              command: ["sh", "-c", `mkdir -p /node/profiles && ${copy}`],
              volumeMounts: [
                { name: "profiles", mountPath: "/profiles", readOnly: true },
                { name: "node", mountPath: "/node" },
              ],
            },
          ],
          containers: [{ name: "pause", image: "registry.k8s.io/pause:3.9" }],
          volumes: [
            { name: "profiles", configMap: { name: `seccomp-${name}` } },
            { name: "node", hostPath: { path: "/var/lib/kubelet/seccomp", type: "DirectoryOrCreate" } },
          ],
        },
      },
    },
  };
  return `${stringify(configMap, { lineWidth: 0 })}---\n${stringify(daemonSet, { lineWidth: 0 })}`;
}
