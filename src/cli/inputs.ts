import { readFileSync } from "node:fs";
import process from "node:process";
import { looksLikeEvidence, parseEvidence } from "../evidence/codec.ts";
import type { Evidence } from "../evidence/model.ts";
import { InputError } from "../errors.ts";
import { writeWhole } from "../files.ts";
import { decodeText, MAX_FILE_BYTES, readText } from "../json/read.ts";
import { DEFAULT_POLICY, type Derivation, deriveProfile } from "../profile/derive.ts";
import type { ProfileDocument } from "../profile/document.ts";
import { parseProfile } from "../profile/parse.ts";

/** A profile that a command was given, or evidence with the profile that it comes to. */
export interface ProfileInput {
  readonly file: string;
  readonly document: ProfileDocument;
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

/** Forms of profiles, told by their content. */
async function parseAnyProfile(text: string, name: string, base?: string): Promise<ProfileDocument> {
  if (/^\s*\{/.test(text)) return parseProfile(text, name);
  const [crd, systemd, minijail] = await Promise.all([
    import("../output/crd.ts"),
    import("../output/systemd.ts"),
    import("../output/minijail.ts"),
  ]);
  if (crd.looksLikeCrd(text)) {
    const baseText = base === undefined ? undefined : readText(base);
    return crd.parseCrd(
      text,
      name,
      base === undefined || baseText === undefined
        ? undefined
        : () => (crd.looksLikeCrd(baseText) ? crd.parseCrd(baseText, base) : parseProfile(baseText, base)),
    );
  }
  if (systemd.looksLikeSystemd(text)) return systemd.parseSystemd(text, name);
  if (minijail.looksLikeMinijail(text)) return minijail.parseMinijail(text, name);
  return parseProfile(text, name);
}

/**
 * Reads a profile in any form that `convert` reads, or evidence.
 * @param base file of the profile that a SeccompProfile's `baseProfileName` stands for
 * @throws InputError
 */
export async function readProfileInput(file: string, base?: string): Promise<ProfileInput> {
  const text = readInput(file);
  const name = file === "-" ? "standard input" : file;
  if (!looksLikeEvidence(text)) return { file: name, document: await parseAnyProfile(text, name, base) };
  const evidence = await parseEvidence(text, name);
  const derivation = deriveProfile(evidence, DEFAULT_POLICY);
  return { file: name, document: derivation.document, evidence, derivation };
}

/** Writes a command's result to a file, whole, or to standard output. */
export function writeOutput(content: string | Uint8Array, file: string | undefined): void {
  if (file === undefined) process.stdout.write(content);
  else writeWhole(file, content);
}
