import { createReadStream, createWriteStream, openSync, closeSync, readSync } from "node:fs";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { Transform } from "node:stream";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";
import { InputError } from "../../errors.ts";
import type { Blob, ImageLimits } from "./model.ts";

/** The regular files of an archive, by their paths in it. */
export type ArchiveIndex = ReadonlyMap<string, Blob>;

const MOST_FILES = 4096;
const MOST_LINKS = 16;

/**
 * Finds out where in an archive its files are. One that is compressed is decompressed into `scratch` first.
 * @throws InputError when it is no tar archive, or larger than the limits.
 */
export async function indexArchive(
  file: string,
  scratch: string,
  limits: ImageLimits,
): Promise<ArchiveIndex> {
  const plain = isGzip(file) ? await decompress(file, path.join(scratch, "image.tar"), limits) : file;
  const files = new Map<string, Blob>();
  const links = new Map<string, string>();
  const archive = extract();
  const reading = (async () => {
    for await (const { header, resume } of withResume(archive)) {
      const name = path.posix.normalize(header.name);
      if (files.size + links.size >= MOST_FILES)
        throw new InputError(`more than ${MOST_FILES} files in the archive`, { file });
      if (header.type === "file" || header.type === "contiguous-file")
        files.set(name, { name, file: plain, offset: headerOffset(header), size: header.size ?? 0 });
      else if (header.type === "symlink" || header.type === "link")
        links.set(
          name,
          path.posix.normalize(
            path.posix.join(header.type === "link" ? "." : path.posix.dirname(name), header.linkname ?? ""),
          ),
        );
      resume();
    }
  })();
  try {
    await Promise.all([pipeline(createReadStream(plain), archive), reading]);
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw new InputError(`no image: ${(cause as Error).message}`, { file }, { cause });
  }
  for (const name of links.keys()) {
    const blob = followLink(name, files, links);
    if (blob !== undefined) files.set(name, blob);
  }
  return files;
}

/** Docker stores a layer that is there already as a link to it. */
function followLink(
  name: string,
  files: ReadonlyMap<string, Blob>,
  links: ReadonlyMap<string, string>,
): Blob | undefined {
  let at: string | undefined = name;
  for (let steps = 0; at !== undefined && steps < MOST_LINKS; steps++) {
    const blob = files.get(at);
    if (blob !== undefined) return blob;
    at = links.get(at);
  }
  return undefined;
}

async function* withResume(archive: ReturnType<typeof extract>) {
  for await (const entry of archive) yield { header: entry.header, resume: () => void entry.resume() };
}

/** Where the body starts; tar-stream has it, its types do not. */
function headerOffset(header: object): number {
  const { byteOffset } = header as { byteOffset?: number };
  if (byteOffset === undefined) throw new Error("tar-stream tells no byteOffset");
  return byteOffset;
}

function isGzip(file: string): boolean {
  const bytes = Buffer.alloc(2);
  const fd = openSync(file, "r");
  try {
    readSync(fd, bytes, 0, 2, 0);
  } finally {
    closeSync(fd);
  }
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

async function decompress(file: string, target: string, limits: ImageLimits): Promise<string> {
  let total = 0;
  const limit = new Transform({
    transform(bytes: Buffer, _encoding, done) {
      total += bytes.length;
      done(
        total > limits.bytes ? new InputError(`larger than ${limits.bytes} bytes`, { file }) : null,
        bytes,
      );
    },
  });
  try {
    await pipeline(createReadStream(file), createGunzip(), limit, createWriteStream(target, { mode: 0o600 }));
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw new InputError(`cannot be decompressed (${(cause as Error).message})`, { file }, { cause });
  }
  return target;
}
