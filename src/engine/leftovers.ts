import type { EngineLeftover } from "../linux/runfolder.ts";

/** Removes a container or an image that a killed run left in an engine; true when it was there. */
export async function removeOfEngine(leftover: EngineLeftover): Promise<boolean> {
  if (leftover.engine === "runc") {
    const { removeRuncContainer } = await import("./runc/running.ts");
    return removeRuncContainer(leftover.root, leftover.name);
  }
  const { connectDocker } = await import("./docker/connection.ts");
  const { docker } = await connectDocker(leftover.endpoint);
  const { removeDockerContainer, removeDockerImage } = await import("./docker/docker.ts");
  return leftover.kind === "image"
    ? await removeDockerImage(docker, leftover.name)
    : await removeDockerContainer(docker, leftover.name);
}
