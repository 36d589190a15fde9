import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { InputError } from "../../errors.ts";
import { connectDocker } from "./connection.ts";

/**
 * Writes an image that a Docker Engine has into an archive.
 * @throws MachineError when no engine answers, InputError when it does not have the image.
 */
export async function saveDockerImage(name: string, file: string): Promise<void> {
  const { docker } = await connectDocker();
  try {
    await pipeline(await docker.getImage(name).get(), createWriteStream(file, { mode: 0o600 }));
  } catch (cause) {
    throw new InputError(`neither a path, nor an image that the Docker Engine has: ${name}`, {}, { cause });
  }
}
