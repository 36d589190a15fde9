import { existsSync } from "node:fs";
import path from "node:path";

/** Path of a file that the package ships, found upwards from this file, wherever it was compiled to. */
export function packagedFile(name: string): string {
  let folder = import.meta.dirname;
  while (!existsSync(path.join(folder, "package.json"))) {
    const parent = path.dirname(folder);
    if (parent === folder) throw new Error("the folder of the package is not to be found");
    folder = parent;
  }
  return path.join(folder, name);
}
