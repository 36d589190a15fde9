import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { MachineError } from "../errors.ts";

const LOGIN_UID = "/proc/self/loginuid";
const SESSION = "/proc/self/sessionid";
/** `(uid_t)-1`: nobody has logged in. */
const UNSET = "4294967295";

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "latin1").trim();
  } catch {
    return undefined;
  }
}

/**
 * Puts the calling thread into a new audit session and returns its number. Children inherit it, and it is in each of
 * their audit records as `ses=`: that is how records of a target are told from everybody else's. The login user stays
 * who it is, or becomes our own user where nobody has logged in.
 * Only to be called from the main thread, whose children are what Node starts.
 * @throws MachineError when the kernel does not let us: without CAP_AUDIT_CONTROL, or locked by `--loginuid-immutable`.
 */
export function enterAuditSession(): number {
  const login = read(LOGIN_UID);
  const before = read(SESSION);
  const user = login === undefined || login === UNSET ? String(process.getuid?.() ?? 0) : login;
  try {
    writeFileSync(LOGIN_UID, user);
  } catch (cause) {
    throw new MachineError(
      `the kernel gives us no audit session of our own (${(cause as NodeJS.ErrnoException).code})`,
      "Run as root outside of containers, on a kernel with CONFIG_AUDITSYSCALL.",
      { cause },
    );
  }
  const session = read(SESSION);
  if (session === undefined || session === UNSET || session === before)
    throw new MachineError("the kernel gives no audit sessions", "It needs CONFIG_AUDITSYSCALL.");
  return Number(session);
}
