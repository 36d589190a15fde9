import { ABIS } from "../abi/abi.ts";
import { type JsonNode, type JsonSource, parseJson } from "../json/parse.ts";
import type { FieldPath } from "../json/path.ts";
import { readText } from "../json/read.ts";
import {
  ACTION_NAMES,
  type ArchMapping,
  type ArchName,
  type Condition,
  FLAG_NAMES,
  type HostCondition,
  OPERATOR_NAMES,
  type ProfileDocument,
  rememberSource,
  type RuleDocument,
} from "./document.ts";
import { errnoNumber } from "./errno.ts";
import { Field } from "./fields.ts";

const MAX_RULES = 20_000;
const MAX_NAMES = 100_000;
const MAX_CONDITIONS = 256;
/** libseccomp refuses MAX_ERRNO (4095) itself: src/system.c, sys_chk_seccomp_action. */
const MAX_ERRNO = 4094;
const ARCH_NAMES: readonly ArchName[] = ABIS.map(abi => abi.scmp);
const PROFILE_FIELDS = [
  "defaultAction",
  "defaultErrnoRet",
  "defaultErrno",
  "architectures",
  "archMap",
  "flags",
  "listenerPath",
  "listenerMetadata",
  "syscalls",
];
const RULE_FIELDS = [
  "name",
  "names",
  "action",
  "errnoRet",
  "errno",
  "args",
  "comment",
  "includes",
  "excludes",
];

/** Drops what is undefined, so that a document says only what was written. */
function present<T extends object>(value: { [K in keyof T]: T[K] | undefined }): T {
  const said: Record<string, unknown> = {};
  for (const name in value) if (value[name] !== undefined) said[name] = value[name];
  return said as T;
}

/**
 * Reads a profile in the OCI form or with the additions of Docker and Podman. Strict: what no runtime would use as
 * it is written, a misspelt field say, is an error, since runtimes would silently do something else.
 * @throws InputError with file, line, column and field.
 */
export function parseProfile(text: string, file: string): ProfileDocument {
  const source = { file, text };
  const root = parseJson(source, MAX_NAMES);
  const document = readProfile(new Field(source, root));
  rememberSource(document, source, root);
  return document;
}

/**
 * Reads a profile that stands in another document.
 * @param root its node; a place of it is said to be below `path`
 * @throws InputError as `parseProfile`
 */
export function parseProfileNode(source: JsonSource, root: JsonNode, path: FieldPath): ProfileDocument {
  const document = readProfile(new Field(source, root, path));
  rememberSource(document, source, root);
  return document;
}

/** Reads a profile from a regular file. @throws InputError as `parseProfile`, or when the file cannot be read. */
export function readProfileFile(file: string): ProfileDocument {
  return parseProfile(readText(file), file);
}

function readProfile(field: Field): ProfileDocument {
  const fields = field.members(PROFILE_FIELDS);
  const action = fields.get("defaultAction") ?? field.fail(`"defaultAction" is missing`);
  const archMap = fields.get("archMap");
  if (archMap !== undefined && fields.has("architectures")) {
    archMap.fail(`"architectures" and "archMap" exclude each other`);
  }
  const document = present<ProfileDocument>({
    defaultAction: action.oneOf(ACTION_NAMES, "action"),
    defaultErrnoRet: fields.get("defaultErrnoRet")?.integer(MAX_ERRNO),
    defaultErrno: readErrnoName(fields.get("defaultErrno")),
    architectures: fields.get("architectures")?.items(64).map(readArch),
    archMap: archMap?.items(64).map(readMapping),
    flags: fields
      .get("flags")
      ?.items(16)
      .map(item => item.oneOf(FLAG_NAMES, "flag")),
    listenerPath: fields.get("listenerPath")?.string(),
    listenerMetadata: fields.get("listenerMetadata")?.string(),
    syscalls: fields.get("syscalls")?.items(MAX_RULES).map(readRule),
  });
  const names = (document.syscalls ?? []).reduce((sum, rule) => sum + rule.names.length, 0);
  if (names > MAX_NAMES) field.fail(`names ${names} syscalls, more than the ${MAX_NAMES} that are read`);
  return document;
}

function readArch(field: Field): ArchName {
  return field.oneOf(ARCH_NAMES, "architecture");
}

function readErrnoName(field: Field | undefined): string | undefined {
  const name = field?.string();
  if (field === undefined || name === undefined || name === "") return undefined;
  return errnoNumber(name) === undefined ? field.fail(`unknown errno "${name.slice(0, 60)}"`) : name;
}

function readMapping(field: Field): ArchMapping {
  const fields = field.members(["architecture", "subArchitectures"]);
  const architecture = fields.get("architecture") ?? field.fail(`"architecture" is missing`);
  const sub = fields.get("subArchitectures");
  return {
    architecture: readArch(architecture),
    subArchitectures: sub === undefined ? null : sub.items(64).map(readArch),
  };
}

function readName(field: Field): string {
  const name = field.string();
  if (name === "") field.fail("a syscall name is empty");
  return /^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(name)
    ? name
    : field.fail(`${field.shown()} is not a syscall name`);
}

function readRule(field: Field): RuleDocument {
  const fields = field.members(RULE_FIELDS);
  const single = fields.get("name");
  // moby writes `"name": ""` where it means names.
  const old = single !== undefined && single.string() !== "" ? single : undefined;
  const list = fields.get("names");
  const names = list?.items(MAX_NAMES).map(readName) ?? [];
  if (old !== undefined && names.length > 0) old.fail(`"name" and "names" exclude each other`);
  if (old === undefined && names.length === 0) (list ?? field).fail(`"names" must hold at least one syscall`);
  const action = fields.get("action") ?? field.fail(`"action" is missing`);
  const actionName = action.oneOf(ACTION_NAMES, "action");
  return present<RuleDocument>({
    names: old === undefined ? names : [readName(old)],
    singleName: old === undefined ? undefined : true,
    action: actionName,
    errnoRet: fields.get("errnoRet")?.integer(actionName === "SCMP_ACT_TRACE" ? 0xffff : MAX_ERRNO),
    errno: readErrnoName(fields.get("errno")),
    args: fields.get("args")?.items(MAX_CONDITIONS).map(readCondition),
    comment: fields.get("comment")?.string(),
    includes: readHostCondition(fields.get("includes")),
    excludes: readHostCondition(fields.get("excludes")),
  });
}

function readCondition(field: Field): Condition {
  const fields = field.members(["index", "value", "valueTwo", "op"]);
  const need = (name: string): Field => fields.get(name) ?? field.fail(`"${name}" is missing`);
  return present<Condition>({
    index: need("index").integer(5),
    value: need("value").uint64(),
    valueTwo: fields.get("valueTwo")?.uint64(),
    op: need("op").oneOf(OPERATOR_NAMES, "operator"),
  });
}

function readHostCondition(field: Field | undefined): HostCondition | undefined {
  if (field === undefined) return undefined;
  const fields = field.members(["arches", "caps", "minKernel"]);
  const strings = (name: string): string[] | undefined =>
    fields
      .get(name)
      ?.items(1000)
      .map(item => item.string());
  const kernel = fields.get("minKernel");
  const minKernel = kernel?.string();
  if (kernel !== undefined && minKernel !== undefined && !/^[0-9]{1,5}\.[0-9]{1,5}$/.test(minKernel)) {
    kernel.fail(`a kernel version must look like "4.8", not ${kernel.shown()}`);
  }
  return present<HostCondition>({ arches: strings("arches"), caps: strings("caps"), minKernel });
}
