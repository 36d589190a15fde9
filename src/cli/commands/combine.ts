import process from "node:process";
import { Command, Option } from "commander";
import { addHostOptions, type HostOptions } from "../host.ts";

export interface CombineCliOptions extends HostOptions {
  readonly approximate?: "allow" | "deny";
  readonly annotate?: boolean;
  readonly output?: string;
  readonly json?: boolean;
}

export type Combination = "merge" | "intersect" | "subtract";

function combineCommand(name: Combination, description: string, files: string, example: string): Command {
  const command = new Command(name)
    .description(description)
    .argument(files, "profiles in OCI or Docker form, or evidence files; - is standard input")
    .addOption(
      new Option(
        "--approximate <side>",
        "where no rules say the result exactly, allow or deny more; without it that is an error",
      ).choices(["allow", "deny"]),
    )
    .option("--annotate", "say in each rule's comment where it comes from (Docker's form)")
    .option("-o, --output <file>", "write the profile there instead of to stdout");
  return addHostOptions(command)
    .addHelpText("after", example)
    .action(async (given: string[], options: CombineCliOptions) => {
      const { combineProfiles } = await import("../combine.ts");
      await combineProfiles(name, given, options);
    });
}

export function mergeCommand(): Command {
  return combineCommand(
    "merge",
    "the union: a call is allowed if any of the profiles allows it",
    "<file...>",
    "\nExample:\n  seccraft merge tests.evidence.json nightly.evidence.json by-hand.json -o profile.json\n",
  );
}

export function intersectCommand(): Command {
  return combineCommand(
    "intersect",
    "the intersection: a call is allowed if all of the profiles allow it",
    "<file...>",
    "\nExample:\n  seccraft intersect profile.json node-baseline.json -o profile-on-node.json\n",
  );
}

export function subtractCommand(): Command {
  return combineCommand(
    "subtract",
    "what the first profile allows and none of the others does",
    "<file...>",
    "\nExample:\n  seccraft subtract old.json new.json\n",
  );
}

export function subsetCommand(): Command {
  const command = new Command("subset")
    .description(
      "prove that the second profile allows all that the first does, or show a call that it does not",
    )
    .argument("<a>", "a profile or evidence file")
    .argument("<b>", "a profile or evidence file")
    .option("--json", "print the result as JSON");
  return addHostOptions(command)
    .addHelpText("after", "\nExample:\n  seccraft subset profile.json node-baseline.json\n")
    .action(async (a: string, b: string, options: CombineCliOptions) => {
      const { proveSubset } = await import("../combine.ts");
      process.exitCode = await proveSubset(a, b, options);
    });
}
