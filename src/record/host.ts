import { release } from "node:os";
import process from "node:process";
import { abisOfMachine, type AbiName } from "../abi/abi.ts";
import { MachineError } from "../errors.ts";
import { DOCKER_CAPABILITIES, type Host } from "../profile/document.ts";

/** This machine, as far as profiles ask for it. */
export function thisHost(): Host {
  return { abi: machineAbis()[0] as AbiName, capabilities: DOCKER_CAPABILITIES, kernel: release() };
}

/** The ABIs that this machine can run, its own first. */
export function machineAbis(): AbiName[] {
  const abis = abisOfMachine(process.arch).map(abi => abi.name);
  if (abis.length === 0)
    throw new MachineError(`seccraft cannot load filters on ${process.arch}`, "Run it on x86_64 or aarch64.");
  return abis;
}
