import { existsSync, mkdirSync, realpathSync, statSync } from "node:fs";
import path from "node:path";
import { InputError } from "../../errors.ts";
import { indexArchive } from "./archive.ts";
import { fileBlob } from "./blob.ts";
import { openDockerArchive, openOciLayout } from "./manifest.ts";
import { EMPTY_CONFIG, IMAGE_LIMITS, type Blob, type Image, type ImageLimits } from "./model.ts";
import { unpackLayers } from "./unpack.ts";

/**
 * Opens an image by its path: an archive of `docker save`, an OCI layout in a folder or an archive, or the root folder
 * of a system.
 * @param scratch a folder of ours for what has to be decompressed
 * @throws InputError when it is none of these.
 */
export async function openImage(
  source: string,
  scratch: string,
  limits: ImageLimits = IMAGE_LIMITS,
): Promise<Image> {
  const stat = statSync(source, { throwIfNoEntry: false });
  if (stat === undefined) throw new InputError("no such file or folder", { file: source });
  if (stat.isDirectory()) {
    if (existsSync(path.join(source, "index.json")) && existsSync(path.join(source, "blobs")))
      return openOciLayout(findInFolder(source), source, limits);
    return { source, config: EMPTY_CONFIG, contents: { kind: "folder", path: realpathSync(source) } };
  }
  if (!stat.isFile()) throw new InputError("neither a file nor a folder", { file: source });
  const index = await indexArchive(source, scratch, limits);
  const find = (name: string): Blob | undefined => index.get(path.posix.normalize(name));
  if (index.has("manifest.json")) return openDockerArchive(find, source, limits);
  if (index.has("index.json")) return openOciLayout(find, source, limits);
  throw new InputError("an archive, but of no image: it has neither a manifest.json nor an index.json", {
    file: source,
  });
}

/** A layout's blobs are files below it, and nothing else. */
function findInFolder(folder: string): (name: string) => Blob | undefined {
  const root = realpathSync(folder);
  return name => {
    const file = path.join(root, name);
    if (!existsSync(file)) return undefined;
    const real = realpathSync(file);
    if (!real.startsWith(`${root}/`) || !statSync(real).isFile())
      throw new InputError(`${name} leads out of it, or is no file`, { file: folder });
    return fileBlob(real, name);
  };
}

/**
 * The root folder of an image: its own, or its layers unpacked into a new folder.
 * @throws InputError in one line for a hostile or broken image.
 */
export async function unpackImage(
  image: Image,
  folder: string,
  limits: ImageLimits = IMAGE_LIMITS,
): Promise<string> {
  if (image.contents.kind === "folder") return image.contents.path;
  mkdirSync(folder, { mode: 0o755 });
  await unpackLayers(image, image.contents.layers, folder, limits);
  return folder;
}
