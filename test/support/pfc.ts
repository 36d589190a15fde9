import type { Call } from "./random-profiles.ts";
import { abiByName } from "../../src/abi/abi.ts";

/** A line of libseccomp's pseudo filter code with what is indented below it. */
interface Statement {
  readonly text: string;
  readonly body: Statement[];
}

function parse(text: string): Statement[] {
  const top: Statement[] = [];
  const open: { indent: number; body: Statement[] }[] = [{ indent: -1, body: top }];
  for (const line of text.split("\n")) {
    const trimmed = line.trim();
    if (trimmed === "" || trimmed === "." || trimmed.startsWith("#")) continue;
    const indent = line.length - line.trimStart().length;
    while ((open.at(-1)?.indent ?? -1) >= indent) open.pop();
    const statement = { text: trimmed, body: [] };
    open.at(-1)?.body.push(statement);
    open.push({ indent, body: statement.body });
  }
  return top;
}

function holds(condition: string, call: Call): boolean {
  const match = /^\((\$\w+(?:\.hi32|\.lo32)?)(?: & (0x[0-9a-f]+))? (==|>|>=) (\d+)\)$/.exec(condition);
  if (match === null) throw new Error(`pseudo filter code: ${condition}`);
  const [, name = "", mask = "0xffffffff", operator, datum] = match;
  let value = BigInt(call.number);
  if (name === "$arch") value = BigInt(abiByName(call.abi)?.audit ?? 0);
  else if (name !== "$syscall") {
    const wide = call.args[Number(name[2])] ?? 0n;
    value = name.endsWith(".hi32") ? wide >> 32n : wide & 0xffff_ffffn;
  }
  value &= BigInt(mask);
  const against = BigInt(datum ?? 0);
  return operator === "==" ? value === against : operator === ">" ? value > against : value >= against;
}

function run(statements: readonly Statement[], call: Call): string | undefined {
  let held = false;
  for (const { text, body } of statements) {
    if (text.startsWith("action ")) return text.slice("action ".length, -1);
    if (text.startsWith("if ")) held = holds(text.slice(3), call);
    else if (text === "else") held = !held;
    else throw new Error(`pseudo filter code: ${text}`);
    const action = held ? run(body, call) : undefined;
    if (action !== undefined) return action;
  }
  return undefined;
}

/** The action that libseccomp's pseudo filter code gives a call, as it writes it: `ALLOW`, `ERRNO(1)`. */
export function evaluatePseudoCode(text: string, call: Call): string {
  const statements = parse(text);
  const arch = `if ($arch == ${abiByName(call.abi)?.audit ?? 0})`;
  const own = statements.filter(statement => statement.text === arch);
  // x86_64 and x32 have one arch value; the number tells them apart.
  const unwanted = own.length === 2 ? own[call.number >= 0x4000_0000 ? 0 : 1] : undefined;
  const action = run(
    statements.filter(statement => statement !== unwanted),
    call,
  );
  if (action === undefined) throw new Error("pseudo filter code without an action at its end");
  return action;
}
