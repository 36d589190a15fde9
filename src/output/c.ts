import { disassemble, type NameReturn } from "../bpf/disassemble.ts";
import type { Program } from "../bpf/program.ts";

/** A filter as a C array of `struct sock_filter`, each instruction with its meaning. */
export function programAsC(program: Program, nameReturn: NameReturn, bigEndian: boolean): string {
  const meanings = disassemble(program, nameReturn, bigEndian).split("\n");
  const lines = program.map(({ code, jt, jf, k }, index) => {
    const fields = [
      `0x${code.toString(16).padStart(2, "0")}`,
      jt,
      jf,
      `0x${k.toString(16).padStart(8, "0")}`,
    ];
    return `\t{ ${fields.join(", ")} }, /* ${(meanings[index] ?? "").trim()} */`;
  });
  return `#include <linux/filter.h>

static const struct sock_filter filter[] = {
${lines.join("\n")}
};

static const struct sock_fprog program = {
\t.len = sizeof(filter) / sizeof(filter[0]),
\t.filter = (struct sock_filter *)filter,
};
`;
}
