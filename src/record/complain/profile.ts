import type { ProfileDocument } from "../../profile/document.ts";
import { union } from "../../profile/algebra.ts";
import { FunctionStore } from "../../profile/function-store.ts";
import { functionsOf, type ProfileFunctions } from "../../profile/functions.ts";
import { resolveProfile } from "../../profile/resolve.ts";
import { writeProfile } from "../../profile/write.ts";
import { abiByName } from "../../abi/abi.ts";
import { machineAbis, thisHost } from "../host.ts";

/** A profile that logs every call and lets it pass, on the ABIs that another one knows or else on all of this machine. */
function logEverything(base?: ProfileDocument): ProfileDocument {
  const own = machineAbis().flatMap(name => abiByName(name)?.scmp ?? []);
  return {
    defaultAction: "SCMP_ACT_LOG",
    ...(base === undefined ? { architectures: own } : {}),
    ...(base?.architectures === undefined ? {} : { architectures: base.architectures }),
    ...(base?.archMap === undefined ? {} : { archMap: base.archMap }),
    syscalls: [],
  };
}

/**
 * The profile for complain mode: what `base` lets through passes as it does there, everything else passes and is
 * logged. Without a base everything is. ABIs that the base does not know stay killed, because rules speak of all ABIs
 * alike; the kernel logs that too.
 * @throws InputError when no rules say that exactly
 */
export function complainProfile(base?: ProfileDocument): ProfileDocument {
  if (base === undefined) return logEverything();
  const host = thisHost();
  const store = new FunctionStore();
  const functions = (document: ProfileDocument): ProfileFunctions =>
    functionsOf(resolveProfile(document, host, { enosysStub: false }), store);
  return writeProfile(union(functions(base), functions(logEverything(base)))).document;
}
