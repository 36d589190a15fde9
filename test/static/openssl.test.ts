import assert from "node:assert/strict";
import path from "node:path";
import { analyzedBelow } from "../support/analyzed.ts";
import { compileBare, temporaryFolder } from "../support/compile.ts";
import { testWith } from "../support/needs.ts";

const FOLDER = "/usr/lib/plug/engines-3";
const MODULES = "/usr/lib/plug/ossl-modules";

/** What OpenSSL's library does with names, as far as it matters here. */
const LIBCRYPTO = `long dlopen(const char *name, int mode) { return 0; }
long dlsym(long library, const char *name) { return 0; }
static const char *const folders[] = {"${FOLDER}", "${MODULES}"};
long opens(const char *name) { char path[99]; for (int i = 0; name[i]; i++) path[i] = name[i] ^ folders[i & 1][i];
  return dlsym(dlopen(path, 2), path) + 1; }
long ENGINE_by_id(const char *name) { return opens(name) + 1; }
long ENGINE_ctrl_cmd_string(void *engine, const char *command, const char *value, int optional) { return 1; }
long OSSL_PROVIDER_load(void *context, const char *name) { return opens(name) + 1; }
long EVP_set_params(const char *const *parameters) { return ENGINE_by_id(parameters[1]) + 1; }\n`;

const plugin = (call: string): string => `#include <sys/syscall.h>
long bind_engine(void) { long r; __asm__ volatile("syscall" : "=a"(r) : "a"(SYS_${call})); return r; }\n`;

const program = (body: string): string => `long ENGINE_by_id(const char *);
long ENGINE_ctrl_cmd_string(long, const char *, const char *, int);
long OSSL_PROVIDER_load(void *, const char *);
long EVP_set_params(const char *const *);
void start(const char *const *arguments) { ${body} for (;;); }
__asm__(".globl _start\\n_start: mov %rsp, %rdi\\ncall start");\n`;

const CASES: readonly (readonly [string, string, readonly string[]])[] = [
  ["nothing by name", "EVP_set_params(arguments);", []],
  ["an engine by a constant", 'ENGINE_by_id("one");', ["getgid"]],
  ["a provider by a constant", 'OSSL_PROVIDER_load(0, "three");', ["getpid"]],
  ["one of two engines", 'ENGINE_by_id(arguments[1] ? "one" : "two");', ["getgid", "getuid"]],
  ["an engine by an argument", "ENGINE_by_id(arguments[1]);", ["getgid", "getuid"]],
  ["a provider by an argument", "OSSL_PROVIDER_load(0, arguments[1]);", ["getpid"]],
  [
    "an engine by commands",
    'ENGINE_ctrl_cmd_string(ENGINE_by_id("dynamic"), "SO_PATH", arguments[1], 0);',
    ["getgid", "getpid", "getuid"],
  ],
  [
    "an engine by a parameter",
    'const char *list[] = {"engine", arguments[1]}; __asm__ volatile("" :: "r"(list) : "memory"); EVP_set_params(list);',
    ["getgid", "getuid"],
  ],
];

testWith(["program:gcc"], "OpenSSL opens the engines and providers that are asked for by name", context => {
  const root = temporaryFolder(context);
  const shared = ["-shared", "-fPIC"];
  const soname = "-Wl,-soname,libcrypto.so.3";
  const library = compileBare(path.join(root, "usr/lib/libcrypto.so.3"), LIBCRYPTO, ...shared, soname);
  compileBare(path.join(root, FOLDER, "one.so"), plugin("getgid"), ...shared);
  compileBare(path.join(root, FOLDER, "libtwo.so"), plugin("getuid"), ...shared);
  compileBare(path.join(root, MODULES, "three.so"), plugin("getpid"), ...shared);
  for (const [what, body, calls] of CASES) {
    compileBare(path.join(root, "program"), program(body), library, "-no-pie");
    const { found } = analyzedBelow(root);
    assert.deepEqual(found, calls, what);
  }
});
