import { createGunzip } from "node:zlib";
import { Readable } from "node:stream";
import { InputError } from "../../errors.ts";

/** zstd's own limit without `--long`: what a frame may ask us to remember, in bytes. */
const MAX_ZSTD_WINDOW = 128 * 1024 * 1024;

/** The window that a zstd frame asks for (RFC 8878, 3.1.1.1); undefined when the header is cut off. */
function zstdWindow(head: Uint8Array): number | undefined {
  const descriptor = head[4];
  if (descriptor === undefined) return undefined;
  const single = (descriptor & 0x20) !== 0;
  if (!single) {
    const window = head[5];
    if (window === undefined) return undefined;
    const base = 2 ** (10 + (window >> 3));
    return base + (base / 8) * (window & 7);
  }
  const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const size = [1, 2, 4, 8][descriptor >> 6] ?? 1;
  let content = 0;
  for (let i = size - 1; i >= 0; i--) content = content * 256 + (head[5 + dictionary + i] ?? 0);
  return size === 2 ? content + 256 : content;
}

async function* gunzip(chunks: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<Uint8Array> {
  try {
    yield* Readable.from(chunks).pipe(createGunzip()) as AsyncIterable<Buffer>;
  } catch (error) {
    throw new InputError("is not a whole gzip file", { file }, { cause: error });
  }
}

async function* unzstd(chunks: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<Uint8Array> {
  const { Decompress } = await import("fzstd");
  const ready: Uint8Array[] = [];
  const stream = new Decompress(data => {
    ready.push(data);
  });
  try {
    for await (const chunk of chunks) {
      stream.push(chunk);
      yield* ready.splice(0);
    }
    stream.push(new Uint8Array(), true);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError("is not a whole zstd file", { file }, { cause: error });
  }
  yield* ready;
}

/**
 * Unpacks a gzip or zstd stream as it comes, with bounded memory.
 * @param head the first bytes, of which the format was told
 */
export function decompress(
  format: "gzip" | "zstd",
  chunks: AsyncIterable<Uint8Array>,
  head: Uint8Array,
  file: string,
): AsyncIterable<Uint8Array> {
  if (format === "gzip") return gunzip(chunks, file);
  const window = zstdWindow(head);
  if (window !== undefined && window > MAX_ZSTD_WINDOW) {
    throw new InputError("asks for more than 128 MiB of memory to unpack; unpack it with zstd --long", {
      file,
    });
  }
  return unzstd(chunks, file);
}
