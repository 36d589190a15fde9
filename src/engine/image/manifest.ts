import { createHash } from "node:crypto";
import { InputError } from "../../errors.ts";
import { parseBlob, readBlob } from "./blob.ts";
import { isObject, machineName, parseConfig, texts } from "./config.ts";
import type { Blob, Image, ImageLimits, Layer } from "./model.ts";

/** Finds the blob of a path in an archive or layout; undefined when it is not there. */
export type FindBlob = (name: string) => Blob | undefined;

type Json = Record<string, unknown>;

const DIGEST = /^sha256:[0-9a-f]{64}$/;
const INDEX_DEPTH = 4;

interface Opening {
  readonly find: FindBlob;
  readonly source: string;
  readonly limits: ImageLimits;
}

/**
 * What `docker save` writes: manifest.json names a configuration and the layers by path.
 * @throws InputError for what is not an image, or lacks a part.
 */
export function openDockerArchive(find: FindBlob, source: string, limits: ImageLimits): Image {
  const opening = { find, source, limits };
  const place = { file: source };
  const list = parseBlob(need(opening, "manifest.json"), limits.json, source);
  const [manifest, ...others] = Array.isArray(list) ? list : [];
  if (!isObject(manifest)) throw new InputError("manifest.json names no image", place);
  if (others.length > 0)
    throw new InputError(`it holds ${others.length + 1} images: save one of them alone`, place);
  const configName = manifest["Config"];
  const names = texts(manifest["Layers"]);
  if (typeof configName !== "string" || names === undefined)
    throw new InputError("manifest.json names no configuration or no layers", place);
  const blob = need(opening, configName);
  const { config, diffIds } = parseConfig(parseBlob(blob, limits.json, source), source);
  const digest = `sha256:${createHash("sha256").update(readBlob(blob, limits.json)).digest("hex")}`;
  const named = /([0-9a-f]{64})/.exec(configName)?.[1];
  if (named !== undefined && `sha256:${named}` !== digest)
    throw new InputError(`${configName}: its digest is ${digest}`, place);
  const layers = names.map((name, index) => withDiffId({ blob: need(opening, name) }, diffIds[index]));
  return complete(opening, { config, digest, layers, diffIds });
}

/**
 * An OCI image layout (image-spec `image-layout.md`): index.json leads to a manifest, that to blobs by digest.
 * @throws InputError for what is not an image, or lacks a part.
 */
export function openOciLayout(find: FindBlob, source: string, limits: ImageLimits): Image {
  const opening = { find, source, limits };
  const manifest = followIndex(opening, parseBlob(need(opening, "index.json"), limits.json, source), 0);
  const configBlob = needDigest(opening, manifest["config"]);
  const { config, diffIds } = parseConfig(checkedJson(opening, configBlob), source);
  const descriptors = Array.isArray(manifest["layers"]) ? manifest["layers"] : [];
  const layers = descriptors.map((descriptor, index) => {
    const { blob, digest } = needDigest(opening, descriptor);
    return withDiffId({ blob, digest }, diffIds[index]);
  });
  return complete(opening, { config, digest: configBlob.digest, layers, diffIds });
}

function withDiffId(layer: Layer, diffId: string | undefined): Layer {
  return diffId === undefined ? layer : { ...layer, diffId };
}

function complete(
  { source, limits }: Opening,
  parts: { config: Image["config"]; digest: string; layers: readonly Layer[]; diffIds: readonly string[] },
): Image {
  const { config, digest, layers, diffIds } = parts;
  const place = { file: source };
  if (layers.length !== diffIds.length)
    throw new InputError(
      `its manifest has ${layers.length} layers, its configuration ${diffIds.length}`,
      place,
    );
  if (layers.length > limits.layers) throw new InputError(`more than ${limits.layers} layers`, place);
  for (const diffId of diffIds)
    if (!DIGEST.test(diffId))
      throw new InputError(`${JSON.stringify(diffId).slice(0, 99)} is no sha256 digest`, place);
  return { source, config, digest, contents: { kind: "layers", layers } };
}

/** From an index, perhaps over further ones, to the manifest for this machine. */
function followIndex(opening: Opening, index: unknown, depth: number): Json {
  const place = { file: opening.source };
  if (depth > INDEX_DEPTH) throw new InputError("its indexes lead to ever more indexes", place);
  const all = isObject(index) && Array.isArray(index["manifests"]) ? index["manifests"].filter(isObject) : [];
  const fitting = all.filter(fitsMachine);
  const [descriptor] = fitting;
  if (descriptor === undefined) throw new InputError(`it holds no image for ${machineName()}`, place);
  if (fitting.length > 1)
    throw new InputError(`it holds ${fitting.length} images for ${machineName()}: give one alone`, place);
  const json = checkedJson(opening, needDigest(opening, descriptor));
  if (!isObject(json)) throw new InputError("its manifest is no JSON object", place);
  return Array.isArray(json["manifests"]) ? followIndex(opening, json, depth + 1) : json;
}

function fitsMachine(descriptor: Json): boolean {
  const { platform } = descriptor;
  if (!isObject(platform)) return true;
  return platform["architecture"] === machineName() && platform["os"] === "linux";
}

function need({ find, source }: Opening, name: string): Blob {
  const blob = find(name);
  if (blob === undefined)
    throw new InputError(`${JSON.stringify(name.slice(0, 200))} is missing in it`, { file: source });
  return blob;
}

function needDigest(opening: Opening, descriptor: unknown): { blob: Blob; digest: string } {
  const place = { file: opening.source };
  const digest = isObject(descriptor) ? descriptor["digest"] : undefined;
  if (typeof digest !== "string" || !DIGEST.test(digest))
    throw new InputError(`${JSON.stringify(digest ?? null).slice(0, 99)} is no sha256 digest`, place);
  const blob = need(opening, `blobs/sha256/${digest.slice("sha256:".length)}`);
  const size = isObject(descriptor) ? descriptor["size"] : undefined;
  if (size !== blob.size)
    throw new InputError(
      `blob ${digest} has ${blob.size} bytes, not ${String(size)} as the image says`,
      place,
    );
  return { blob, digest };
}

function checkedJson({ source, limits }: Opening, { blob, digest }: { blob: Blob; digest: string }): unknown {
  const json = parseBlob(blob, limits.json, source);
  const actual = `sha256:${createHash("sha256").update(readBlob(blob, limits.json)).digest("hex")}`;
  if (actual !== digest) throw new InputError(`blob ${digest} has the digest ${actual}`, { file: source });
  return json;
}
