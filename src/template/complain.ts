import { riskOf, riskyCalls } from "../abi/risk.ts";
import type { ProfileDocument } from "../profile/document.ts";

/**
 * Lets everything through and has the kernel log each call, for a workload whose needs are to be found out from the
 * log (`seccraft import`).
 * @param blockHighRisk denies the calls of high risk all the same
 */
export function complain(blockHighRisk: boolean): ProfileDocument {
  const names = riskyCalls().filter(name => riskOf(name)?.level === "high");
  return {
    defaultAction: "SCMP_ACT_LOG",
    ...(blockHighRisk ? { syscalls: [{ names, action: "SCMP_ACT_ERRNO", errnoRet: 1 }] } : {}),
  };
}
