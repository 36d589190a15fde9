import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, parseAllDocuments, type Node } from "yaml";
import { InputError } from "../errors.ts";
import { type JsonMember, type JsonNode, type JsonSource, placeAt } from "../json/parse.ts";
import type { ProfileDocument } from "../profile/document.ts";
import { parseProfileNode } from "../profile/parse.ts";

const GROUP = "security-profiles-operator.x-k8s.io";
/** More than one would put into one file by hand. */
const MAX_DOCUMENTS = 1000;
const MAX_DEPTH = 64;

/** Gives the profile that a `baseProfileName` stands for. */
export type BaseProfile = (name: string) => ProfileDocument;

/** A SeccompProfile of a file. */
export interface NamedProfile {
  readonly name: string;
  readonly document: ProfileDocument;
}

interface Manifest {
  readonly name: string;
  readonly spec: JsonNode | undefined;
  readonly baseName: string | undefined;
}

/** Whether a text is YAML with something of the operator. */
export function looksLikeCrd(text: string): boolean {
  return text.includes(GROUP) && /^\s*kind:\s*["']?SeccompProfile["']?\s*$/m.test(text);
}

/** YAML's nodes as those of JSON, with their places in the YAML. */
function toJson(source: JsonSource, node: Node | null, depth = 0): JsonNode {
  const offset = node?.range?.[0] ?? 0;
  const fail = (reason: string): never => {
    throw new InputError(reason, placeAt(source, offset));
  };
  if (depth > MAX_DEPTH) return fail("is nested too deeply");
  if (isAlias(node)) return fail("aliases are not read");
  if (isSeq(node)) {
    const items = node.items.map(item => toJson(source, item as Node | null, depth + 1));
    return { kind: "array", offset, items, count: items.length };
  }
  if (isMap(node)) {
    const members = new Map<string, JsonMember>();
    for (const pair of node.items) {
      if (!isPair(pair) || !isScalar(pair.key)) return fail("a name is no text");
      const value = toJson(source, pair.value as Node | null, depth + 1);
      members.set(String(pair.key.value), { nameOffset: pair.key.range?.[0] ?? offset, value });
    }
    return { kind: "object", offset, members };
  }
  const value: unknown = isScalar(node) ? node.value : null;
  if (typeof value === "string") return { kind: "string", offset, value };
  if (typeof value === "bigint" || typeof value === "number") {
    return { kind: "number", offset, text: String(value) };
  }
  if (typeof value === "boolean") return { kind: "boolean", offset, value };
  return { kind: "null", offset, value: null };
}

function member(node: JsonNode | undefined, name: string): JsonNode | undefined {
  return node?.kind === "object" ? node.members.get(name)?.value : undefined;
}

function textOf(node: JsonNode | undefined): string | undefined {
  return node?.kind === "string" && node.value !== "" ? node.value : undefined;
}

/** The specification without what is about the operator; `errnoRet: 0` is its way to say nothing. */
function profilePart(spec: JsonNode): JsonNode {
  if (spec.kind !== "object") return spec;
  const members = new Map(spec.members);
  for (const name of ["state", "baseProfileName", "disabled"]) members.delete(name);
  const syscalls = members.get("syscalls");
  if (syscalls?.value.kind === "array") {
    const items = syscalls.value.items.map(withoutZero);
    members.set("syscalls", { ...syscalls, value: { ...syscalls.value, items } });
  }
  return { ...spec, members };
}

function withoutZero(rule: JsonNode): JsonNode {
  const errno = member(rule, "errnoRet");
  if (rule.kind !== "object" || errno?.kind !== "number" || errno.text !== "0") return rule;
  const members = new Map(rule.members);
  members.delete("errnoRet");
  return { ...rule, members };
}

function manifestsOf(source: JsonSource): Manifest[] {
  const lineCounter = new LineCounter();
  const options = { intAsBigInt: true, maxAliasCount: 0, lineCounter } as object;
  const documents = parseAllDocuments(source.text, options);
  if (documents.length > MAX_DOCUMENTS) {
    throw new InputError(`holds more than ${MAX_DOCUMENTS} documents`, { file: source.file });
  }
  const manifests: Manifest[] = [];
  for (const yaml of documents) {
    const [error] = yaml.errors;
    if (error !== undefined) {
      const reason = error.message.split("\n")[0]?.replace(/ at line \d+, column \d+:?$/, "") ?? "is no YAML";
      throw new InputError(reason, placeAt(source, error.pos[0]));
    }
    const root = toJson(source, yaml.contents);
    if (textOf(member(root, "kind")) !== "SeccompProfile") continue;
    if (textOf(member(root, "apiVersion"))?.startsWith(`${GROUP}/`) !== true) continue;
    const spec = member(root, "spec");
    const name = textOf(member(member(root, "metadata"), "name")) ?? "";
    manifests.push({ name, spec, baseName: textOf(member(spec, "baseProfileName")) });
  }
  return manifests;
}

/**
 * Reads all SeccompProfiles of a file, the rules of their bases first.
 * @param baseProfile for bases that are not in the same file; without it a profile with such a base is an error
 * @throws InputError with line, column and field
 */
export function parseCrds(text: string, file: string, baseProfile?: BaseProfile): NamedProfile[] {
  const source = { file, text };
  const manifests = manifestsOf(source);
  const read = ({ name, spec, baseName }: Manifest, above: readonly string[]): ProfileDocument => {
    if (spec?.kind !== "object")
      throw new InputError(`"spec" of ${name || "a profile"} is missing`, { file });
    const document = parseProfileNode(source, profilePart(spec), ["spec"]);
    if (baseName === undefined) return document;
    const beside = manifests.find(other => other.name === baseName);
    if (above.includes(baseName)) throw new InputError(`${baseName} is a base of itself`, { file });
    if (beside === undefined && baseProfile === undefined) {
      throw new InputError(
        `its base profile ${baseName} is not given; name the file of it with --base`,
        placeAt(source, member(spec, "baseProfileName")?.offset ?? 0, "spec.baseProfileName"),
      );
    }
    const base = beside === undefined ? baseProfile?.(baseName) : read(beside, [...above, baseName]);
    return { ...document, syscalls: [...(base?.syscalls ?? []), ...(document.syscalls ?? [])] };
  };
  return manifests.map(manifest => ({ name: manifest.name, document: read(manifest, [manifest.name]) }));
}

/**
 * Reads the one SeccompProfile of a file, or the one of that name.
 * @throws InputError with line, column and field; when there are several and none is named
 */
export function parseCrd(
  text: string,
  file: string,
  baseProfile?: BaseProfile,
  name?: string,
): ProfileDocument {
  const all = parseCrds(text, file, baseProfile);
  const names = all.map(each => each.name).join(", ");
  const [first, second] = name === undefined ? all : all.filter(each => each.name === name);
  if (all.length === 0) throw new InputError("holds no SeccompProfile", { file });
  if (first === undefined) throw new InputError(`has no profile ${name}; it has ${names}`, { file });
  if (second !== undefined) {
    throw new InputError(`holds several profiles, ${names}: name one as ${file}#${first.name}`, { file });
  }
  return first.document;
}
