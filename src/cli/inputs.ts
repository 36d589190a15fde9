import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { looksLikeEvidence, parseEvidence } from "../evidence/codec.ts";
import type { Evidence } from "../evidence/model.ts";
import { InputError } from "../errors.ts";
import { decodeText, MAX_FILE_BYTES, readText } from "../json/read.ts";
import { DEFAULT_POLICY, type Derivation, deriveProfile } from "../profile/derive.ts";
import type { ProfileDocument } from "../profile/document.ts";
import { countingEvidence } from "../profile/policies.ts";
import { parseProfile } from "../profile/parse.ts";

/** A profile that a command was given, or evidence with the profile that it comes to. */
export interface ProfileInput {
  readonly file: string;
  readonly document: ProfileDocument;
  /** What of it counts. */
  readonly evidence?: Evidence;
  readonly derivation?: Derivation;
}

/** The text of a file, or of standard input for `-`. @throws InputError */
export function readInput(file: string): string {
  if (file !== "-") return readText(file);
  const bytes = readFileSync(0);
  if (bytes.length > MAX_FILE_BYTES) throw new InputError("is too large", { file: "standard input" });
  return decodeText(bytes, "standard input");
}

type BaseProfile = (name: string) => ProfileDocument;

async function baseOf(file: string | undefined): Promise<BaseProfile | undefined> {
  if (file === undefined) return undefined;
  const text = readText(file);
  const { looksLikeCrd, parseCrds } = await import("../output/crd-read.ts");
  if (!looksLikeCrd(text)) return () => parseProfile(text, file);
  const all = parseCrds(text, file);
  return name => {
    // The file was named for this very base, unless it has several.
    const found = all.length === 1 ? all[0] : all.find(each => each.name === name);
    if (found === undefined) throw new InputError(`has no profile ${name}`, { file });
    return found.document;
  };
}

/** Forms of profiles, told by their content. */
async function parseAnyProfile(
  text: string,
  name: string,
  { base, wanted }: { base?: string | undefined; wanted?: string | undefined },
): Promise<ProfileDocument> {
  if (/^\s*\{/.test(text)) return parseProfile(text, name);
  const [crd, systemd, minijail] = await Promise.all([
    import("../output/crd-read.ts"),
    import("../output/systemd-read.ts"),
    import("../output/minijail-read.ts"),
  ]);
  if (crd.looksLikeCrd(text)) return crd.parseCrd(text, name, await baseOf(base), wanted);
  if (systemd.looksLikeSystemd(text)) return systemd.parseSystemd(text, name);
  if (minijail.looksLikeMinijail(text))
    return minijail.parseMinijail(text, name, included =>
      readText(path.resolve(path.dirname(name), included)),
    );
  return parseProfile(text, name);
}

/** `FILE#NAME` names one of several profiles in a file, unless there is a file of just that name. */
function splitName(file: string): { file: string; wanted?: string } {
  const at = file.lastIndexOf("#");
  if (at <= 0 || at === file.length - 1 || existsSync(file)) return { file };
  return { file: file.slice(0, at), wanted: file.slice(at + 1) };
}

/**
 * Reads a profile in any form that `convert` reads, or evidence.
 * @param given a path, `-` for standard input, or `FILE#NAME` for one of several SeccompProfiles
 * @param base file of the profile that a SeccompProfile's `baseProfileName` stands for
 * @throws InputError
 */
export async function readProfileInput(given: string, base?: string): Promise<ProfileInput> {
  const { file, wanted } = splitName(given);
  const text = readInput(file);
  const name = file === "-" ? "standard input" : file;
  if (!looksLikeEvidence(text)) {
    return { file: name, document: await parseAnyProfile(text, name, { base, wanted }) };
  }
  const evidence = countingEvidence(await parseEvidence(text, name));
  const derivation = deriveProfile(evidence, DEFAULT_POLICY);
  return { file: name, document: derivation.document, evidence, derivation };
}

/** Reads all profiles of a file: of a YAML file with several SeccompProfiles each, with its name. @throws InputError */
export async function readProfileInputs(
  given: string,
  base?: string,
): Promise<readonly { readonly name?: string; readonly input: ProfileInput }[]> {
  const { file, wanted } = splitName(given);
  const text = file === "-" || wanted !== undefined ? "" : readInput(file);
  const { looksLikeCrd, parseCrds } = await import("../output/crd-read.ts");
  if (/^\s*\{/.test(text) || !looksLikeCrd(text)) return [{ input: await readProfileInput(given, base) }];
  const all = parseCrds(text, file, await baseOf(base));
  if (all.length < 2) return [{ input: await readProfileInput(given, base) }];
  return all.map(({ name, document }) => ({ name, input: { file, document } }));
}
