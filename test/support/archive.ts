import { createHash } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { pack, type Header } from "tar-stream";

/** A member of an archive. */
export type Entry = Partial<Header> & { name: string; body?: string | Buffer };

/** Packs an archive. */
export async function tar(entries: readonly Entry[]): Promise<Buffer> {
  const archive = pack();
  for (const { body, ...header } of entries) archive.entry(header, body ?? "");
  archive.finalize();
  return Buffer.from(await buffer(archive as unknown as NodeJS.ReadableStream));
}

export const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

/**
 * A `docker save` archive of these layers.
 * @param change damages it
 * @param run how it says that it is run
 */
export async function dockerArchive(
  layers: readonly Buffer[],
  change: (parts: Map<string, Buffer>) => void = () => undefined,
  run: object = { Env: ["A=1"], Entrypoint: ["/x"], StopSignal: "QUIT" },
): Promise<Buffer> {
  const config = Buffer.from(
    JSON.stringify({
      os: "linux",
      config: run,
      rootfs: { type: "layers", diff_ids: layers.map(layer => `sha256:${sha256(layer)}`) },
    }),
  );
  const names = layers.map((_, index) => `${index}/layer.tar`);
  const manifest = [{ Config: `${sha256(config)}.json`, RepoTags: ["x:1"], Layers: names }];
  const parts = new Map<string, Buffer>([
    [`${sha256(config)}.json`, config],
    ...layers.map((layer, index): [string, Buffer] => [names[index] ?? "", layer]),
    ["manifest.json", Buffer.from(JSON.stringify(manifest))],
  ]);
  change(parts);
  return await tar([...parts].map(([name, body]) => ({ name, body })));
}
