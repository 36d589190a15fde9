import { createRequire } from "node:module";

const { version } = createRequire(import.meta.url)("seccraft/package.json") as { version: string };

/** Version of this package. */
export const VERSION: string = version;
/** How seccraft names itself in evidence and profiles. */
export const TOOL: string = `seccraft ${version}`;
