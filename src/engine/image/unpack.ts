import {
  chmodSync,
  closeSync,
  futimesSync,
  fchmodSync,
  fchownSync,
  lchownSync,
  linkSync,
  mkdirSync,
  openSync,
  constants,
  readdirSync,
  rmSync,
  statfsSync,
  symlinkSync,
  utimesSync,
  writeSync,
} from "node:fs";
import path from "node:path";
import process from "node:process";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { extract, type Header } from "tar-stream";
import { InputError } from "../../errors.ts";
import { openLayer } from "./layer.ts";
import type { Image, ImageLimits, Layer } from "./model.ts";
import { folderInside, lstat, pathParts } from "./scope.ts";

const WHITEOUT = ".wh.";
const OPAQUE = ".wh..wh..opq";
/** Part of the free space that an image may fill. */
const SHARE_OF_DISK = 0.8;

/**
 * Unpacks an image's layers, one above the other, into an empty folder that nobody else can reach. Devices
 * and named pipes are left out.
 * @throws InputError in one line for everything that is not a well-behaved image: paths that lead out, broken
 * archives, wrong digests, more than the limits. The folder is then to be removed.
 */
export async function unpackLayers(
  image: Image,
  layers: readonly Layer[],
  root: string,
  limits: ImageLimits,
): Promise<void> {
  const { bavail, bsize } = statfsSync(root);
  const unpacker = new Unpacker(root, {
    ...limits,
    bytes: Math.min(limits.bytes, Math.floor(bavail * bsize * SHARE_OF_DISK)),
  });
  if (layers.length > limits.layers)
    throw new InputError(`more than ${limits.layers} layers`, { file: image.source });
  for (const layer of layers) {
    try {
      await unpacker.apply(layer);
    } catch (cause) {
      const reason = cause instanceof InputError ? cause.message : archiveReason(cause);
      throw new InputError(`layer ${layer.blob.name}: ${reason}`, { file: image.source }, { cause });
    }
  }
  unpacker.restoreFolders();
}

/** What reading an archive, or writing what is in it, failed with. */
function archiveReason(error: unknown): string {
  const { code, message, syscall } = error as NodeJS.ErrnoException;
  if (syscall !== undefined) return `cannot be unpacked (${syscall}: ${code})`;
  return code?.startsWith("Z_") === true ? `cannot be decompressed (${code})` : message;
}

interface Folder {
  readonly path: string;
  readonly mode: number;
  readonly seconds: number;
}

class Unpacker {
  readonly #root: string;
  readonly #limits: ImageLimits;
  /** Folders get their modes and times last: what is unpacked into them would change the times. */
  readonly #folders = new Map<string, Folder>();
  #bytes = 0;
  #entries = 0;
  /** Where there are pipes and devices in the image, to which hard links may lead. */
  readonly #leftOut = new Set<string>();
  /** What the current layer made: its whiteouts are about the layers below. */
  #made = new Set<string>();

  constructor(root: string, limits: ImageLimits) {
    this.#root = root;
    this.#limits = limits;
  }

  async apply(layer: Layer): Promise<void> {
    this.#made = new Set();
    const archive = extract();
    const reading = openLayer(layer);
    const [entries, bytes] = await Promise.allSettled([
      this.#unpackEntries(archive),
      pipeline([...reading.streams, archive] as unknown as [Readable, NodeJS.WritableStream]),
    ]);
    // What was refused says more than that its stream then broke off.
    if (
      entries.status === "rejected" &&
      (bytes.status === "fulfilled" || entries.reason instanceof InputError)
    )
      throw entries.reason;
    if (bytes.status === "rejected") throw bytes.reason;
    reading.verify();
  }

  async #unpackEntries(archive: ReturnType<typeof extract>): Promise<void> {
    for await (const entry of archive) {
      const { name } = entry.header;
      try {
        if (++this.#entries > this.#limits.entries)
          throw new InputError(`more than ${this.#limits.entries} files`);
        await this.#unpack(entry.header, entry as unknown as Readable);
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        throw new InputError(`${JSON.stringify(name.slice(0, 200))}: ${error.message}`, {}, { cause: error });
      }
      entry.resume();
    }
  }

  async #unpack(header: Header, body: Readable): Promise<void> {
    const parts = pathParts(header.name);
    const name = parts.at(-1);
    if (name === undefined) {
      if (header.type === "directory") this.#keepFolder(this.#root, header);
      return;
    }
    const parent = folderInside(this.#root, parts.slice(0, -1), true) ?? this.#root;
    if (name.startsWith(WHITEOUT)) return this.#whiteOut(parent, name);
    const place = path.join(parent, name);
    switch (header.type) {
      case "directory":
        this.#makeFolder(place, header);
        break;
      case "file":
      case "contiguous-file":
        await this.#writeFile(place, header, body);
        break;
      case "symlink":
        this.#clear(place);
        symlinkSync(linkTarget(header), place);
        lchownSync(place, ...owner(header));
        break;
      case "link":
        this.#hardLink(place, header);
        break;
      case "fifo":
      case "character-device":
      case "block-device":
        // Of devices a container has its own and may use no other; who reads a pipe waits for who writes.
        this.#leaveOut(place);
        return;
      default:
        throw new InputError("it is of a kind that is not known");
    }
    this.#made.add(place);
  }

  #makeFolder(place: string, header: Header): void {
    if (lstat(place)?.isDirectory() !== true) {
      this.#clear(place);
      mkdirSync(place, { mode: 0o700 });
    }
    this.#keepFolder(place, header);
  }

  #keepFolder(place: string, header: Header): void {
    lchownSync(place, ...owner(header));
    this.#folders.set(place, { path: place, mode: mode(header), seconds: seconds(header) });
  }

  async #writeFile(place: string, header: Header, body: Readable): Promise<void> {
    this.#bytes += header.size ?? 0;
    if (this.#bytes > this.#limits.bytes)
      throw new InputError(`with it the image is larger than ${this.#limits.bytes} bytes`);
    this.#clear(place);
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    const fd = openSync(place, flags, 0o600);
    try {
      for await (const bytes of body as AsyncIterable<Uint8Array>) writeAll(fd, bytes);
      fchownSync(fd, ...owner(header));
      fchmodSync(fd, mode(header));
      futimesSync(fd, seconds(header), seconds(header));
    } finally {
      closeSync(fd);
    }
  }

  #leaveOut(place: string): void {
    this.#clear(place);
    this.#leftOut.add(place);
  }

  #hardLink(place: string, header: Header): void {
    const parts = pathParts(linkTarget(header));
    const folder = folderInside(this.#root, parts.slice(0, -1), false);
    const target = folder === undefined ? undefined : path.join(folder, parts.at(-1) ?? "");
    const stat = target === undefined ? undefined : lstat(target);
    if (target !== undefined && stat === undefined && this.#leftOut.has(target)) return this.#leaveOut(place);
    if (target === undefined || stat === undefined || stat.isDirectory())
      throw new InputError(`it links to ${JSON.stringify(header.linkname)}, which is not there`);
    if (target === place) return;
    this.#clear(place);
    linkSync(target, place);
  }

  #whiteOut(parent: string, name: string): void {
    if (name === OPAQUE) {
      for (const child of readdirSync(parent)) {
        const place = path.join(parent, child);
        if (!this.#made.has(place)) this.#clear(place);
      }
      return;
    }
    // The others of that prefix are notes of an old storage driver to itself.
    if (name.startsWith(WHITEOUT + WHITEOUT)) return;
    const hidden = name.slice(WHITEOUT.length);
    if (hidden === "" || hidden === "." || hidden === "..")
      throw new InputError("its whiteout names nothing");
    const place = path.join(parent, hidden);
    if (!this.#made.has(place)) this.#clear(place);
  }

  /** Removes what is at a place, without following links. */
  #clear(place: string): void {
    const stat = lstat(place);
    if (stat === undefined) return;
    rmSync(place, { recursive: true, force: true });
    if (!stat.isDirectory()) return;
    for (const folder of this.#folders.keys()) {
      if (folder === place || folder.startsWith(`${place}/`)) this.#folders.delete(folder);
    }
  }

  restoreFolders(): void {
    for (const folder of [...this.#folders.values()].reverse()) {
      chmodSync(folder.path, folder.mode);
      utimesSync(folder.path, folder.seconds, folder.seconds);
    }
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
}

function linkTarget(header: Header): string {
  const target = header.linkname ?? "";
  if (target === "" || target.includes("\0")) throw new InputError("it links to nothing");
  return target;
}

/** Only root can give files away; else all of an image belongs to us. */
function owner(header: Header): [number, number] {
  if (process.geteuid?.() !== 0) return [process.geteuid?.() ?? -1, process.getegid?.() ?? -1];
  return [clampId(header.uid), clampId(header.gid)];
}

function clampId(id: number | undefined): number {
  return id !== undefined && Number.isInteger(id) && id >= 0 && id < 0xffff_ffff ? id : 0;
}

function mode(header: Header): number {
  return (header.mode ?? 0o644) & 0o7777;
}

function seconds(header: Header): number {
  const time = (header.mtime?.getTime() ?? 0) / 1000;
  return Number.isFinite(time) && time >= 0 && time < 2 ** 33 ? time : 0;
}
