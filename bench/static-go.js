// Static analysis of Go and AArch64 programs, held against real runs and other tools.
//   node bench/static-go.js corpus [RELEASE…]   test programs by several toolchains: traced ⊆ found
//   node bench/static-go.js npm                 esbuild, TypeScript and turbo really at work: traced ⊆ found
//   node bench/static-go.js arm64               Debian's arm64 programs under qemu, and against the x86_64 builds
//   node bench/static-go.js speed               against `go tool objdump` with a walk, and against objdump on dockerd;
//                                               speed installed: with nothing fetched
// Run `npm run build` first. What it fetches goes to bench/out/, by the machine's own package clients.
import process from "node:process";
import { end } from "./part.js";

const parts = { corpus: "corpus.js", npm: "npm.js", arm64: "arm64.js", speed: "speed.js" };
const [part, ...rest] = process.argv.slice(2);
if (parts[part] === undefined) {
  console.error(`usage: node bench/static-go.js ${Object.keys(parts).join("|")}`);
  process.exit(2);
}
const { main } = await import(`./static-go/${parts[part]}`);
end(await main(rest));
