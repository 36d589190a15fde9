import type { LintRule } from "./rule.ts";

type Source = LintRule["source"];

export const LIBSECCOMP_DB: Source = {
  name: "libseccomp, src/db.c",
  url: "https://github.com/seccomp/libseccomp/blob/main/src/db.c",
};
export const RUNC_SECCOMP: Source = {
  name: "runc, libcontainer/seccomp/seccomp_linux.go",
  url: "https://github.com/opencontainers/runc/blob/main/libcontainer/seccomp/seccomp_linux.go",
};
export const OCI_SPEC: Source = {
  name: "OCI runtime specification, Linux seccomp",
  url: "https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md#seccomp",
};
export const SECCOMP_RULE_ADD: Source = {
  name: "libseccomp manual, seccomp_rule_add(3)",
  url: "https://man7.org/linux/man-pages/man3/seccomp_rule_add.3.html",
};
export const SECCOMP_2: Source = {
  name: "Linux manual, seccomp(2)",
  url: "https://man7.org/linux/man-pages/man2/seccomp.2.html",
};
