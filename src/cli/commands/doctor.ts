import process from "node:process";
import { Command } from "commander";
import { out as pc } from "../colors.ts";
import { EXIT } from "../../errors.ts";
import { print, show } from "../say.ts";

const MARKS = { yes: pc.green("yes"), no: pc.red("no"), unknown: pc.yellow("could not tell") };

export function doctorCommand(): Command {
  return new Command("doctor")
    .description("what this machine can do, what each missing thing costs, and how to get it")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample:\n  seccraft doctor\n")
    .action(async (options: { json?: boolean }) => {
      const { probeFeatures } = await import("../../linux/features.ts");
      const features = await probeFeatures();
      if (options.json === true) {
        const { printJson } = await import("../../json/print.ts");
        const list = features.map(feature => ({ ...feature }));
        print(printJson({ seccraft: "doctor/1", features: list }));
      } else {
        for (const feature of features) {
          show(`${MARKS[feature.state].padEnd(4)} ${pc.bold(feature.name)}: ${feature.reason}\n`);
          if (feature.state === "yes") continue;
          show(`     without it: no ${feature.cost}\n`);
          if (feature.remedy !== "") show(`     what to do: ${feature.remedy}\n`);
        }
        show(`\n${verdict(features)}\n`);
      }
      process.exitCode = EXIT.ok;
    });
}

function verdict(features: readonly { name: string; state: string }[]): string {
  const can = (name: string): boolean => features.find(feature => feature.name === name)?.state === "yes";
  const ebpf = can("eBPF tracing programs") && can("cgroup v2");
  const notify = can("seccomp user notification") && can("descriptors of other processes");
  if (ebpf && notify) return "`seccraft craft` works here, with the eBPF recorder.";
  if (notify) return "`seccraft craft` works here, with the notify recorder.";
  return "`seccraft craft` does not work here; analysis of binaries and everything on profiles does.";
}
