import path from "node:path";
import { abiByName } from "../abi/abi.ts";
import { UsageError } from "../errors.ts";
import { printConfigMap, printCrd, printPodPatch } from "../output/crd.ts";
import { printLibseccompProgram } from "../output/libseccomp.ts";
import { printMinijail } from "../output/minijail.ts";
import { printSystemd } from "../output/systemd.ts";
import { decodeAction, letsThrough } from "../profile/action.ts";
import { compileProfile } from "../profile/compile.ts";
import type { Host, PlainProfile, ProfileDocument } from "../profile/document.ts";
import { functionFor, functionsOf } from "../profile/functions.ts";
import { resolveForHost } from "../profile/host.ts";
import { printProfile } from "../profile/print.ts";
import { resolveProfile } from "../profile/resolve.ts";
import { syscallsOf } from "../abi/syscalls.ts";
import type { ConvertCliOptions } from "./commands/convert.ts";
import { hostOf } from "./host.ts";
import { readProfileInput } from "./inputs.ts";
import { writeOutput } from "./say.ts";

/** A name as Kubernetes takes them (RFC 1123 subdomain). */
function objectName(file: string, options: ConvertCliOptions): string {
  const base = path.basename(file).replace(/\.(?:json|ya?ml)$/, "");
  const name =
    options.name ??
    base
      .toLowerCase()
      .replaceAll(/[^a-z0-9.-]+/g, "-")
      .replaceAll(/^[.-]+|[.-]+$/g, "");
  if (!/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(name)) {
    throw new UsageError(`"${name}" is no name for a Kubernetes object; give one with --name`);
  }
  return name;
}

/** Names of the calls that are let through at least with some arguments on one of the ABIs, sorted. */
function allowedNames(document: ProfileDocument, host: Host): string {
  const profile = functionsOf(resolveProfile(document, host, { enosysStub: false }));
  const names = new Set<string>();
  for (const abi of profile.abis.keys()) {
    for (const { name, number } of syscallsOf(abi)) {
      const values = profile.store.valuesWith(functionFor(profile, abi, number), []);
      if (values.some(value => letsThrough(decodeAction(value)))) names.add(name);
    }
  }
  return [...names]
    .sort()
    .map(name => `${name}\n`)
    .join("");
}

/** OCI has no comments; nothing else of a plain profile is lost. */
function withoutComments(document: PlainProfile): ProfileDocument {
  const syscalls = document.syscalls?.map(rule => {
    const { comment: _, ...plain } = rule;
    return plain;
  });
  return syscalls === undefined ? document : { ...document, syscalls };
}

function convert(
  document: ProfileDocument,
  host: Host,
  file: string,
  options: ConvertCliOptions,
): string | Uint8Array {
  const plain = resolveForHost(document, host);
  switch (options.to) {
    case "docker":
      return printProfile(document);
    case "oci":
      return printProfile(withoutComments(plain));
    case "crd":
      return printCrd(plain, objectName(file, options), "v1");
    case "crd-v1beta1":
      return printCrd(plain, objectName(file, options), "v1beta1");
    case "kubernetes":
      return printPodPatch(objectName(file, options));
    case "configmap":
      return printConfigMap(withoutComments(plain), objectName(file, options));
    case "systemd":
      return printSystemd(plain);
    case "minijail":
      return printMinijail(plain);
    case "c":
      return printLibseccompProgram(plain);
    case "bpf":
      return compileProfile(resolveProfile(document, host), { abis: [...abisFor(host)] });
    case "names":
      return allowedNames(document, host);
  }
}

/** The host's own ABI and the narrow ones that its kernel runs beside it. */
function abisFor(host: Host): Host["abi"][] {
  const narrow: Partial<Record<Host["abi"], Host["abi"][]>> = { x86_64: ["i386", "x32"], aarch64: ["arm"] };
  return [host.abi, ...(narrow[host.abi] ?? [])].filter(name => abiByName(name) !== undefined);
}

/** @throws InputError for what the other form cannot say */
export async function runConvert(file: string, options: ConvertCliOptions): Promise<void> {
  const host = hostOf(options);
  const { document } = await readProfileInput(file, options.base);
  // Whatever the form, a profile that no runtime loads is not worth writing.
  resolveProfile(document, host);
  writeOutput(convert(document, host, file, options), options.output);
}
