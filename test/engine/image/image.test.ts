import assert from "node:assert/strict";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { spawnSync } from "node:child_process";
import { test, type TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import { IMAGE_LIMITS, type ImageLimits } from "../../../src/engine/image/model.ts";
import { openImage, unpackImage } from "../../../src/engine/image/open.ts";
import { InputError } from "../../../src/errors.ts";
import { dockerArchive, sha256, tar } from "../../support/archive.ts";
import { testWith } from "../../support/needs.ts";

interface Place {
  readonly folder: string;
}

function place(context: TestContext): Place {
  const folder = mkdtempSync(path.join(tmpdir(), "seccraft-image-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(path.join(folder, "work"));
  writeFileSync(path.join(folder, "secret"), "secret");
  return { folder };
}

async function unpack(where: Place, archive: Buffer, limits: ImageLimits = IMAGE_LIMITS): Promise<string> {
  const file = path.join(where.folder, "image.tar");
  writeFileSync(file, archive);
  const image = await openImage(file, path.join(where.folder, "work"), limits);
  return await unpackImage(image, path.join(where.folder, "work", "root"), limits);
}

test("layers go above each other, whiteouts hide, links and modes stay", async context => {
  const where = place(context);
  const lower = await tar([
    { name: "usr/bin/", type: "directory", mode: 0o755 },
    { name: "bin", type: "symlink", linkname: "usr/bin" },
    { name: "etc/gone", body: "old" },
    { name: "etc/kept", body: "kept" },
    { name: "opaque/a", body: "a" },
    { name: "opaque/b/c", body: "c" },
    { name: "abs", type: "symlink", linkname: "/etc" },
  ]);
  const upper = await tar([
    { name: "./bin/tool", body: "tool", mode: 0o4755, mtime: new Date(1_600_000_000_000) },
    { name: "etc/.wh.gone" },
    { name: "opaque/new", body: "new" },
    { name: "opaque/.wh..wh..opq" },
    { name: "abs/through", body: "inside" },
    { name: "hard", type: "link", linkname: "usr/bin/tool" },
  ]);
  const root = await unpack(where, await dockerArchive([lower, upper]));
  const read = (name: string): string => readFileSync(path.join(root, name), "utf8");
  assert.equal(read("usr/bin/tool"), "tool");
  assert.equal(lstatSync(path.join(root, "usr/bin/tool")).mode & 0o7777, 0o4755);
  assert.equal(lstatSync(path.join(root, "usr/bin/tool")).mtimeMs, 1_600_000_000_000);
  assert.equal(readlinkSync(path.join(root, "bin")), "usr/bin");
  assert.ok(!existsSync(path.join(root, "etc/gone")));
  assert.equal(read("etc/kept"), "kept");
  assert.deepEqual(readdirSync(path.join(root, "opaque")), ["new"]);
  assert.equal(read("etc/through"), "inside");
  assert.equal(lstatSync(path.join(root, "hard")).ino, lstatSync(path.join(root, "usr/bin/tool")).ino);
  assert.ok(!existsSync("/etc/through"));
});

test("devices are left out, and hide what they take the place of", async context => {
  const lower = await tar([{ name: "sda", body: "a file" }]);
  const upper = await tar([
    { name: "dev/", type: "directory" },
    { name: "dev/full", type: "character-device" },
    { name: "sda", type: "block-device" },
    { name: "kept", body: "kept" },
  ]);
  const root = await unpack(place(context), await dockerArchive([lower, upper]));
  assert.deepEqual(readdirSync(root).sort(), ["dev", "kept"]);
  assert.deepEqual(readdirSync(path.join(root, "dev")), []);
});

test("the configuration of an archive is read, compressed layers and archives too", async context => {
  const where = place(context);
  const layer = await tar([{ name: "x", body: "x".repeat(100_000) }]);
  const archive = await dockerArchive([layer], parts => parts.set("0/layer.tar", gzipSync(layer)));
  const root = await unpack(where, gzipSync(archive));
  assert.equal(lstatSync(path.join(root, "x")).size, 100_000);
  const image = await openImage(path.join(where.folder, "image.tar"), path.join(where.folder, "work"));
  assert.deepEqual(image.config.entrypoint, ["/x"]);
  assert.equal(image.config.stopSignal, "SIGQUIT");
});

testWith(["program:zstd"], "layers of zstd are read, broken ones refused", async context => {
  const layer = await tar([{ name: "x", body: Buffer.alloc(3_000_000, "abc") }]);
  const compressed = spawnSync("zstd", ["-c"], { input: layer, maxBuffer: 1 << 24 }).stdout;
  const good = await dockerArchive([layer], parts => parts.set("0/layer.tar", compressed));
  const root = await unpack(place(context), good);
  assert.equal(lstatSync(path.join(root, "x")).size, 3_000_000);
  const cut = compressed.subarray(0, compressed.length - 50);
  const broken = await dockerArchive([layer], parts => parts.set("0/layer.tar", cut));
  await assert.rejects(unpack(place(context), broken), InputError);
});

test("an OCI layout is followed from its index to the layers, by digest", async context => {
  const where = place(context);
  const layout = path.join(where.folder, "layout");
  const blobs = path.join(layout, "blobs/sha256");
  mkdirSync(blobs, { recursive: true });
  const put = (bytes: Buffer): { digest: string; size: number } => {
    writeFileSync(path.join(blobs, sha256(bytes)), bytes);
    return { digest: `sha256:${sha256(bytes)}`, size: bytes.length };
  };
  const plain = await tar([{ name: "file", body: "from a layout" }]);
  const layer = put(gzipSync(plain));
  const config = put(Buffer.from(JSON.stringify({ rootfs: { diff_ids: [`sha256:${sha256(plain)}`] } })));
  const manifest = put(Buffer.from(JSON.stringify({ config, layers: [layer] })));
  const index = put(Buffer.from(JSON.stringify({ manifests: [manifest] })));
  writeFileSync(path.join(layout, "index.json"), JSON.stringify({ manifests: [index] }));
  const root = await unpackImage(await openImage(layout, where.folder), path.join(where.folder, "root"));
  assert.equal(readFileSync(path.join(root, "file"), "utf8"), "from a layout");
  writeFileSync(
    path.join(blobs, layer.digest.slice(7)),
    gzipSync(await tar([{ name: "file", body: "from a LAYOUT" }])),
  );
  await assert.rejects(
    async () => await unpackImage(await openImage(layout, where.folder), path.join(where.folder, "root2")),
    /digest|bytes/,
  );
});

test("pipes and devices are left out, and what links to them", async context => {
  const where = place(context);
  const lower = await tar([
    { name: "run/pipe", type: "fifo" },
    { name: "run/pipe-too", type: "link", linkname: "run/pipe" },
    { name: "dev/sda", type: "block-device" },
    { name: "dev/disk", type: "link", linkname: "dev/sda" },
    { name: "now-a-pipe", body: "a file" },
  ]);
  const upper = await tar([
    { name: "now-a-pipe", type: "fifo" },
    { name: "run/pipe", body: "now a file" },
    { name: "run/file-too", type: "link", linkname: "run/pipe" },
  ]);
  const root = await unpack(where, await dockerArchive([lower, upper]));
  assert.deepEqual(readdirSync(root, { recursive: true, encoding: "utf8" }).sort(), [
    "dev",
    "run",
    "run/file-too",
    "run/pipe",
  ]);
  assert.equal(readFileSync(path.join(root, "run/file-too"), "utf8"), "now a file");
});

const SMALL: ImageLimits = { bytes: 1 << 20, entries: 100, layers: 3, json: 1 << 16 };

const HOSTILE: readonly (readonly [name: string, refusal: RegExp, archive: () => Promise<Buffer>])[] = [
  [
    "a path that goes up",
    /leads out/,
    async () => await dockerArchive([await tar([{ name: "../secret", body: "!" }])]),
  ],
  [
    "a path that goes up inside",
    /leads out/,
    async () => await dockerArchive([await tar([{ name: "a/../../../secret", body: "!" }])]),
  ],
  [
    "a hard link to a file outside",
    /not there/,
    async () => await dockerArchive([await tar([{ name: "l", type: "link", linkname: "/etc/passwd" }])]),
  ],
  [
    "a hard link that goes up",
    /leads out/,
    async () => await dockerArchive([await tar([{ name: "l", type: "link", linkname: "../../secret" }])]),
  ],
  [
    "a whiteout of the folder above",
    /names nothing/,
    async () => await dockerArchive([await tar([{ name: ".wh...", body: "" }])]),
  ],
  [
    "links in a circle",
    /circle/,
    async () =>
      await dockerArchive([
        await tar([
          { name: "a", type: "symlink", linkname: "b" },
          { name: "b", type: "symlink", linkname: "a" },
          { name: "a/x", body: "x" },
        ]),
      ]),
  ],
  [
    "a file as a folder",
    /not a folder/,
    async () =>
      await dockerArchive([
        await tar([
          { name: "a", body: "x" },
          { name: "a/b", body: "x" },
        ]),
      ]),
  ],
  [
    "a name of 300 letters",
    /longer than Linux/,
    async () => await dockerArchive([await tar([{ name: "x".repeat(300), body: "" }])]),
  ],
  [
    "a bomb",
    /larger than/,
    async () => {
      const layer = await tar([{ name: "zeros", body: Buffer.alloc(4 << 20) }]);
      return await dockerArchive([layer], parts => parts.set("0/layer.tar", gzipSync(layer)));
    },
  ],
  [
    "too many files",
    /more than 100 files/,
    async () =>
      await dockerArchive([await tar(Array.from({ length: 101 }, (_, i) => ({ name: `f${i}`, body: "" })))]),
  ],
  [
    "too many layers",
    /layers/,
    async () => await dockerArchive([await tar([]), await tar([]), await tar([]), await tar([])]),
  ],
  [
    "a wrong digest",
    /uncompressed digest/,
    async () => {
      const other = await tar([{ name: "a", body: "other" }]);
      return await dockerArchive([await tar([{ name: "a", body: "one" }])], parts =>
        parts.set("0/layer.tar", other),
      );
    },
  ],
  [
    "a missing layer",
    /missing/,
    async () => await dockerArchive([await tar([])], parts => void parts.delete("0/layer.tar")),
  ],
  [
    "a layer that is cut off",
    /layer/,
    async () =>
      await dockerArchive([await tar([{ name: "a", body: "x".repeat(5000) }])], parts =>
        parts.set("0/layer.tar", (parts.get("0/layer.tar") ?? Buffer.alloc(0)).subarray(0, 1500)),
      ),
  ],
  ["a layer of noise", /layer/, async () => await dockerArchive([Buffer.alloc(3000, 7)])],
  [
    "a manifest of noise",
    /no JSON/,
    async () => await dockerArchive([await tar([])], parts => parts.set("manifest.json", Buffer.from("{"))),
  ],
  [
    "a huge manifest",
    /larger than/,
    async () =>
      await dockerArchive([await tar([])], parts => parts.set("manifest.json", Buffer.alloc(1 << 17, 32))),
  ],
  ["no manifest", /neither a manifest/, async () => await tar([{ name: "x", body: "x" }])],
  ["no archive", /no image|neither/, () => Promise.resolve(Buffer.alloc(5000, 65))],
];

for (const [name, refusal, archive] of HOSTILE) {
  test(`refused in one line, with nothing written outside: ${name}`, async context => {
    const where = place(context);
    await assert.rejects(unpack(where, await archive(), SMALL), (error: unknown) => {
      assert.ok(error instanceof InputError, String((error as Error).stack));
      assert.match(error.message, refusal);
      assert.ok(!error.message.includes("\n"));
      return true;
    });
    assert.equal(readFileSync(path.join(where.folder, "secret"), "utf8"), "secret");
    assert.deepEqual(readdirSync(where.folder).sort(), ["image.tar", "secret", "work"]);
  });
}

test("a symbolic link that leads out is kept as it is, and what is written through it stays inside", async context => {
  const where = place(context);
  const layer = await tar([
    { name: "out", type: "symlink", linkname: "../../.." },
    { name: "out/secret", body: "overwritten" },
  ]);
  const root = await unpack(where, await dockerArchive([layer]));
  assert.equal(readFileSync(path.join(where.folder, "secret"), "utf8"), "secret");
  assert.equal(readFileSync(path.join(root, "secret"), "utf8"), "overwritten");
});
