import { createHash, type Hash } from "node:crypto";
import { Transform } from "node:stream";
import { createGunzip } from "node:zlib";
import { Decompress } from "fzstd";
import { InputError } from "../../errors.ts";
import { openBlob, readBlob } from "./blob.ts";
import type { Layer } from "./model.ts";

type Step = (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;
type Stream = NodeJS.ReadableStream | NodeJS.ReadWriteStream | Step;

/** The streams from a stored layer to its plain archive, and the check to be made once all of it has gone through. */
export interface LayerReading {
  readonly streams: readonly Stream[];
  /** @throws InputError when a digest is another one than the image says. */
  verify(): void;
}

const GZIP = Buffer.from([0x1f, 0x8b]);
const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

/** Opens a layer: plain, gzip or zstd, told by its first bytes. */
export function openLayer({ blob, digest, diffId }: Layer): LayerReading {
  const stored = new Digester();
  const plain = new Digester();
  return {
    streams: [openBlob(blob), stored.stream, ...decompressors(readBlob(blob, ZSTD.length)), plain.stream],
    verify() {
      stored.compare(digest, "digest");
      plain.compare(diffId, "uncompressed digest");
    },
  };
}

class Digester {
  readonly #hash: Hash = createHash("sha256");
  readonly stream: Transform = new Transform({
    transform: (bytes: Buffer, _encoding, done) => {
      this.#hash.update(bytes);
      done(null, bytes);
    },
  });

  compare(expected: string | undefined, what: string): void {
    const actual = `sha256:${this.#hash.digest("hex")}`;
    if (expected !== undefined && expected !== actual)
      throw new InputError(`its ${what} is ${actual}, not ${expected} as the image says`);
  }
}

function decompressors(first: Buffer): Stream[] {
  if (first.subarray(0, GZIP.length).equals(GZIP)) return [createGunzip()];
  return first.equals(ZSTD) ? [unzstd] : [];
}

/** So little at a time, that what one piece becomes at most (128 KiB for each 4 bytes) fits into memory. */
const ZSTD_PIECE = 1024;

/** Node 20 has no zstd of its own. */
async function* unzstd(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const ready: Uint8Array[] = [];
  const inner = new Decompress(data => void ready.push(data));
  try {
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length; at += ZSTD_PIECE) {
        inner.push(chunk.subarray(at, at + ZSTD_PIECE));
        yield* ready.splice(0);
      }
    }
    inner.push(new Uint8Array(), true);
  } catch (cause) {
    throw new InputError("cannot be decompressed (zstd)", {}, { cause });
  }
  yield* ready;
}
