import assert from "node:assert/strict";
import { test } from "node:test";
import { ABIS, abiByAudit, abiByName } from "../../src/abi/abi.ts";

test("audit values are those of linux/audit.h", () => {
  const values = Object.fromEntries(ABIS.map(a => [a.name, a.audit]));
  assert.equal(values["x86_64"], 0xc000003e);
  assert.equal(values["i386"], 0x40000003);
  assert.equal(values["x32"], 0xc000003e);
  assert.equal(values["aarch64"], 0xc00000b7);
  assert.equal(values["arm"], 0x40000028);
  assert.equal(values["s390x"], 0x80000016);
  assert.equal(values["mipsel64n32"], 0xe0000008);
  assert.equal(values["mips64"], 0x80000008);
});

test("x32 is told from x86_64 by bit 30 of the number", () => {
  const audit = abiByName("x86_64")?.audit ?? 0;
  assert.equal(abiByAudit(audit, 59)?.name, "x86_64");
  assert.equal(abiByAudit(audit, 0x4000_0208)?.name, "x32");
  assert.equal(abiByAudit(audit, 0xffff_ffff)?.name, "x86_64");
});
