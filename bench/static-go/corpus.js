// The programs of testdata/static/go, built by several toolchains, each traced and analysed.
import { analyze, build, missing, table, trace } from "./tools.js";

const RELEASES = [
  "1.12.17",
  "1.15.15",
  "1.16.15",
  "1.17.13",
  "1.18.10",
  "1.19",
  "1.20.14",
  "1.22.12",
  "1.25.7",
  "local",
];
const VARIANTS = [
  { program: "web" },
  { program: "commands", stripped: true },
  { program: "commands", pie: true, stripped: true },
  { program: "commands", cgo: true },
  { program: "reflection" },
  { program: "assembler" },
  { program: "forwarders" },
  { program: "cgo", cgo: true },
  { program: "allthreads", since: 16 },
];

const minorOf = release => (release === "local" ? 99 : Number(release.split(".")[1]));

export async function main(releases) {
  const print = table(["toolchain", "program", "traced", "found", "missed", "unresolved", "seconds"]);
  let good = true;
  for (const release of releases.length > 0 ? releases : RELEASES) {
    for (const { program, since = 0, ...options } of VARIANTS) {
      if (minorOf(release) < since) continue;
      const file = build(release, program, options);
      const traced = trace(file);
      const { names, gaps, seconds } = await analyze(file);
      const missed = missing(traced, names);
      const open = gaps.filter(gap => gap.kind === "unresolved-site");
      if (missed.length > 0) good = false;
      const variant = [program, ...Object.keys(options)].join(" ");
      print([
        release,
        variant,
        traced.size,
        names.size,
        missed.join(" ") || "none",
        open.length,
        seconds.toFixed(2),
      ]);
    }
  }
  return good;
}
