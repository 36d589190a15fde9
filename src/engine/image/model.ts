/** What an image says about how it is run: the `config` of an OCI image configuration. */
export interface ImageConfig {
  readonly env: readonly string[];
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly workdir: string;
  /** `""`, a name or a number, with or without `:group`. */
  readonly user: string;
  readonly stopSignal: string;
  /** Command of its health check; only Docker's own formats have one. */
  readonly health?: readonly string[];
}

/** A part of a file. */
export interface Blob {
  /** For messages: a path in an archive, or a digest. */
  readonly name: string;
  readonly file: string;
  readonly offset: number;
  readonly size: number;
}

/** One layer, from the bottom up. */
export interface Layer {
  readonly blob: Blob;
  /** `sha256:…` of the bytes as they are stored; absent where the format has none. */
  readonly digest?: string;
  /** `sha256:…` of the uncompressed archive. */
  readonly diffId?: string;
}

/** An image that has been opened, but not unpacked. */
export interface Image {
  /** The place it came from, for messages. */
  readonly source: string;
  readonly config: ImageConfig;
  /** `sha256:…` of the image's configuration, which names the image. */
  readonly digest?: string;
  readonly contents:
    | { readonly kind: "layers"; readonly layers: readonly Layer[] }
    | { readonly kind: "folder"; readonly path: string };
}

/** How much of other people's data is taken. */
export interface ImageLimits {
  /** Bytes of all files together, unpacked. */
  readonly bytes: number;
  /** Files, folders and links, in all layers together. */
  readonly entries: number;
  readonly layers: number;
  /** Bytes of a manifest or a configuration. */
  readonly json: number;
}

export const IMAGE_LIMITS: ImageLimits = {
  bytes: 16 * 2 ** 30,
  entries: 1_000_000,
  layers: 256,
  json: 4 * 2 ** 20,
};

export const EMPTY_CONFIG: ImageConfig = {
  env: [],
  entrypoint: [],
  cmd: [],
  workdir: "/",
  user: "",
  stopSignal: "SIGTERM",
};
