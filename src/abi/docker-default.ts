import type { AbiName } from "./abi.ts";
import { CONDITIONAL, EVERYWHERE, SOMEWHERE } from "./docker-default.gen.ts";
import { syscallsOf } from "./syscalls.ts";

/** The moby/profiles release whose default profile this is. */
export const DOCKER_DEFAULT_VERSION = "seccomp/v0.2.3";

/** ABIs of the machines that Docker Engine is built for, with those the profile adds to them. */
const DOCKER_ABIS: ReadonlySet<AbiName> = new Set([
  "x86_64",
  "i386",
  "x32",
  "aarch64",
  "arm",
  "riscv64",
  "ppc64le",
  "s390",
  "s390x",
  "loongarch64",
  "mipsel",
  "mipsel64",
  "mipsel64n32",
]);

/**
 * The calls of an ABI that Docker's default profile allows a container with Docker's default capabilities, on
 * Linux 4.8 or newer: what `docker run` gives. Those that it allows with some arguments alone are among them
 * (`dockerDefaultConditions`). Empty for an ABI that Docker does not run on.
 * Source: moby/profiles, seccomp/default.json, DOCKER_DEFAULT_VERSION.
 */
export function dockerDefaultAllows(abi: AbiName): ReadonlySet<string> {
  if (!DOCKER_ABIS.has(abi)) return new Set();
  const here = SOMEWHERE.split("\n")
    .map(line => line.split(":"))
    .filter(([, abis]) => abis?.split(",").includes(abi) === true)
    .map(([name]) => name);
  const allowed = new Set([...EVERYWHERE.split("\n"), ...here]);
  return new Set(
    syscallsOf(abi)
      .map(call => call.name)
      .filter(name => allowed.has(name)),
  );
}

/** Those of the allowed calls that the profile allows with some arguments alone: clone, personality, socket. */
export function dockerDefaultConditions(abi: AbiName): ReadonlySet<string> {
  const conditional = new Set(CONDITIONAL.split("\n"));
  return new Set([...dockerDefaultAllows(abi)].filter(name => conditional.has(name)));
}
