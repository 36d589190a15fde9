// Records a command twice, joins the evidence, and shows what the second run added; then asks the profile a question.
import {
  acceptedBy,
  deriveProfile,
  DOCKER_CAPABILITIES,
  estimateCompleteness,
  joinEvidence,
  printProfile,
  record,
  resolveProfile,
  verdict,
} from "seccraft";

const first = await record({ command: ["ls", "/"] });
const second = await record({ command: ["ls", "-l", "/"] });
const both = joinEvidence(first, second);

const names = evidence => new Set(evidence.observations.map(({ syscall }) => syscall));
const added = [...names(second)].filter(name => !names(first).has(name));
console.log(`ls -l needs ${added.length} calls more than ls: ${added.join(" ")}`);
console.log(estimateCompleteness(first).explanation);

const { document } = deriveProfile(acceptedBy(both, "observed"));
console.log(`the profile has ${printProfile(document).length} bytes`);

const host = {
  abi: process.arch === "arm64" ? "aarch64" : "x86_64",
  capabilities: DOCKER_CAPABILITIES,
  kernel: "6.1",
};
const ptrace = host.abi === "aarch64" ? 117 : 101;
console.log("ptrace:", verdict(resolveProfile(document, host), host.abi, ptrace, []));
