import type { Action } from "../profile/action.ts";
import { encodeAction } from "../profile/action.ts";
import type { ProfileDocument } from "../profile/document.ts";
import { defaultActionOf, ruleActionOf } from "../profile/resolve.ts";

function macro(action: Action): string {
  if (action.kind === "errno") return `SCMP_ACT_ERRNO(${action.errno})`;
  if (action.kind === "trace") return `SCMP_ACT_TRACE(${action.data})`;
  return `SCMP_ACT_${action.kind.toUpperCase().replace("-", "_")}`;
}

/** A C program on libseccomp that loads a plain profile, as runc does, and executes its arguments. */
export function printLibseccompProgram(document: ProfileDocument): string {
  const fallback = defaultActionOf(document);
  const rules = (document.syscalls ?? []).flatMap(rule => {
    const action = ruleActionOf(rule);
    if (encodeAction(action) === encodeAction(fallback)) return [];
    const args = (rule.args ?? []).map(({ index, op, value, valueTwo = 0n }) => {
      const two = op === "SCMP_CMP_MASKED_EQ" ? `, ${valueTwo}ULL` : "";
      return `SCMP_CMP64(${index}, ${op}, ${value}ULL${two})`;
    });
    const repeated = new Set((rule.args ?? []).map(arg => arg.index)).size < args.length;
    const sets = repeated ? args.map(arg => [arg]) : [args];
    return rule.names.flatMap(name =>
      sets.map(set => `\tadd(ctx, ${[macro(action), JSON.stringify(name), set.length, ...set].join(", ")});`),
    );
  });
  const architectures = (document.architectures ?? []).map(name => `\tadd_arch(ctx, ${name});`);
  return `/* cc -o sandbox sandbox.c -lseccomp; ./sandbox COMMAND... */
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define add(ctx, action, name, ...) check(name, add_rule(ctx, action, name, __VA_ARGS__))
#define add_rule(ctx, action, name, ...) \\
\t(seccomp_syscall_resolve_name(name) == __NR_SCMP_ERROR ? 0 : \\
\t seccomp_rule_add(ctx, action, seccomp_syscall_resolve_name(name), __VA_ARGS__))

static void check(const char *what, int rc)
{
\tif (rc < 0) {
\t\tfprintf(stderr, "%s: error %d\\n", what, -rc);
\t\texit(1);
\t}
}

static inline void add_arch(scmp_filter_ctx ctx, uint32_t arch)
{
\tint rc = seccomp_arch_add(ctx, arch);
\tcheck("architecture", rc == -EEXIST ? 0 : rc);
}

int main(int argc, char **argv)
{
\tscmp_filter_ctx ctx = seccomp_init(${macro(fallback)});
\tif (ctx == NULL || argc < 2)
\t\treturn 1;
${[...architectures, ...rules].join("\n")}
\tcheck("load", seccomp_load(ctx));
\texecvp(argv[1], argv + 1);
\tperror(argv[1]);
\treturn 127;
}
`;
}
