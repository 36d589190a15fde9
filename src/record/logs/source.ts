import { closeSync, createReadStream, readSync } from "node:fs";
import { InputError } from "../../errors.ts";
import { type Block, fileBlocks, openRegular, streamBlocks } from "./blocks.ts";
import { decompress } from "./decompress.ts";
import { formatOf } from "./kind.ts";

/** How much of the beginning is looked at to tell what a log is. */
const HEAD_BYTES = 256 * 1024;

/** A log that was opened: its beginning, and all of it as blocks of whole lines. */
export interface LogSource {
  readonly head: string;
  readonly blocks: AsyncGenerator<Block>;
}

const REMEDIES: Readonly<Record<string, string>> = {
  xz: "is packed by xz; unpack it first: xz -dc FILE | seccraft import -",
  bzip2: "is packed by bzip2; unpack it first: bzip2 -dc FILE | seccraft import -",
  lz4: "is packed by lz4; unpack it first: lz4 -dc FILE | seccraft import -",
  journal: "is a binary journal; export it first: journalctl --file FILE -o json | seccraft import -",
  ELF: "is a program, not a log; seccraft analyze reads programs",
};

/** Refuses what is not text, in words that tell what to do. */
function refuse(format: string | undefined, file: string): void {
  const reason = REMEDIES[format ?? ""];
  if (reason !== undefined) throw new InputError(reason, { file });
}

/** Reads the first bytes of a stream, and gives them back in front of the rest. */
async function peek(
  chunks: AsyncIterable<Uint8Array>,
): Promise<{ head: Buffer; all: AsyncGenerator<Uint8Array> }> {
  const iterator = chunks[Symbol.asyncIterator]();
  const first: Uint8Array[] = [];
  let length = 0;
  while (length < HEAD_BYTES) {
    const next = await iterator.next();
    if (next.done === true) break;
    first.push(next.value);
    length += next.value.length;
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    yield* first;
    yield* { [Symbol.asyncIterator]: () => iterator };
  }
  return { head: Buffer.concat(first), all: all() };
}

/** Opens a stream, such as standard input; packed ones are unpacked. */
export async function openStream(chunks: AsyncIterable<Uint8Array>, file: string): Promise<LogSource> {
  const { head, all } = await peek(chunks);
  const format = formatOf(head);
  refuse(format, file);
  if (format === "gzip" || format === "zstd") {
    const inner = await peek(decompress(format, all, head, file));
    refuse(formatOf(inner.head), file);
    return { head: inner.head.toString("utf8"), blocks: streamBlocks(inner.all) };
  }
  return { head: head.toString("utf8"), blocks: streamBlocks(all) };
}

/** Opens a regular file; packed ones are unpacked. @throws InputError when it cannot be read. */
export async function openFile(file: string): Promise<LogSource> {
  const fd = openRegular(file);
  let head: Buffer;
  try {
    const bytes = Buffer.alloc(HEAD_BYTES);
    head = bytes.subarray(0, readSync(fd, bytes, 0, HEAD_BYTES, 0));
  } finally {
    closeSync(fd);
  }
  const format = formatOf(head);
  refuse(format, file);
  if (format === "gzip" || format === "zstd") return openStream(createReadStream(file), file);
  return { head: head.toString("utf8"), blocks: fileBlocks(file) };
}
