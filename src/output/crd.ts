import { stringify } from "yaml";
import { InputError } from "../errors.ts";
import type { ProfileDocument, RuleDocument } from "../profile/document.ts";
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
