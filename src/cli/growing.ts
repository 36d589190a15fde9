import { requireWritable, temporaryOf, writeWhole } from "../files.ts";
import type { RunFolder } from "../linux/runfolder.ts";
import { tell } from "./say.ts";

/** A file that is written again and again while a target runs. */
export class GrowingFile {
  readonly #file: string;
  #warned = false;

  /**
   * @param folder takes note of the temporary file, should we be killed while it is there
   * @throws InputError when it cannot be written: better now than when the target has done its work
   */
  constructor(file: string, folder: RunFolder) {
    requireWritable(file);
    folder.note({ kind: "file", path: temporaryOf(file) });
    this.#file = file;
  }

  /** Writes what there is by now; that it fails, on a full disk perhaps, is said once and does not stop the target. */
  checkpoint(content: string): void {
    try {
      writeWhole(this.#file, content);
    } catch (error) {
      if (!this.#warned) tell(`seccraft: ${(error as Error).message}; trying again\n`);
      this.#warned = true;
    }
  }

  /** @throws InputError when it cannot be written */
  finish(content: string): void {
    writeWhole(this.#file, content);
  }
}
