import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { CAPABILITY_TRACEPOINT } from "../../src/linux/features.ts";
import { Playground, PROGRAM, type Ended } from "../support/cli.ts";
import { testWith } from "../support/needs.ts";
import { makeRoot } from "../support/rootfs.ts";

/** The kernel's own types without the tracepoint for capabilities, which are then found as on an older kernel. */
function typesWithoutCapabilities(file: string): string {
  const types = readFileSync("/sys/kernel/btf/vmlinux");
  const name = `btf_trace_${CAPABILITY_TRACEPOINT}\0`;
  const at = types.indexOf(name, 0, "latin1");
  assert.ok(at > 0, "this kernel has it");
  types.write("X", at, "latin1");
  writeFileSync(file, types);
  return file;
}

testWith(
  ["root", "program:runc", "program:unshare"],
  "where the kernel does not tell which capabilities are lacking, the run says so",
  async context => {
    const playground = new Playground(context);
    const root = makeRoot(playground.subfolder("root"), { programs: ["/bin/busybox"] });
    const types = typesWithoutCapabilities(playground.path("types"));
    // In a mount namespace of its own.
    const script = `mount --bind ${types} /sys/kernel/btf/vmlinux && exec "$@"`;
    const command = ["unshare", "-m", "sh", "-c", script, "sh", process.execPath, PROGRAM];
    const craft = async (...argv: string[]): Promise<Ended> =>
      await playground.run(
        ["craft", "--no-analyze", "--out", playground.path("out"), "--image", `${root}/`, "--", ...argv],
        { command },
      );
    const failing = await craft("/bin/busybox", "chown", "33", "/tmp");
    assert.equal(failing.code, 1, failing.stderr);
    assert.match(
      failing.stderr,
      /ended with exit code 1.*: this kernel has no tracepoint cap_capable\. Should it need one, give it with --cap-add/,
    );
    const working = await craft("/bin/busybox", "true");
    assert.equal(working.code, 0, working.stderr);
    assert.match(
      working.stderr.replaceAll(/\s+/g, " "),
      /not known: for want of which capabilities calls failed is not known: this kernel has no tracepoint cap_capable/,
    );
    const doctor = await playground.run(["doctor"], { command });
    assert.match(doctor.stdout, /no +capability checks: this kernel has no tracepoint/);
    await playground.clean();
  },
);
