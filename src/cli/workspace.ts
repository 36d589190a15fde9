import process from "node:process";
import { removeOfEngine } from "../engine/leftovers.ts";
import { openRunFolder, type RunFolder } from "../linux/runfolder.ts";

/** Opens the folder of this run, and says what was cleaned up after runs that were killed. */
export async function openWorkspace(): Promise<RunFolder> {
  const { folder, cleaned } = await openRunFolder(removeOfEngine);
  if (cleaned.length > 0) {
    process.stderr.write(`seccraft: cleaned up after a run that was killed: ${cleaned.join(", ")}\n`);
  }
  return folder;
}
