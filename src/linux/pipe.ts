import { checked, libc } from "./libc.ts";

const O_CLOEXEC = 0o2000000;

/** Both ends of a pipe, close-on-exec. The caller closes them. */
export interface Pipe {
  readonly read: number;
  readonly write: number;
}

/**
 * A real pipe. What Node calls a pipe is a socket, and a program whose stderr is a socket cannot open /dev/stderr.
 */
export function createPipe(): Pipe {
  const fds = new Int32Array(2);
  checked("pipe2", libc().pipe2(new Uint8Array(fds.buffer), O_CLOEXEC));
  const [read = -1, write = -1] = fds;
  return { read, write };
}
