import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import process from "node:process";
import { repository } from "../../support/compile.ts";

/** The `go` on the PATH, and the second toolchain that Debian ships. */
export const GO = "go";
export const GO_1_19 = "/usr/lib/go-1.19/bin/go";

export interface GoBuild {
  /** Folder in testdata/static/go. */
  readonly program: string;
  readonly go?: string;
  readonly arch?: "amd64" | "arm64";
  readonly cgo?: boolean;
  readonly pie?: boolean;
  readonly stripped?: boolean;
}

/** Builds a test program once for all tests of this run; returns its path. */
export function buildGo(build: GoBuild): string {
  const { program, go = GO, arch = "amd64", cgo = false, pie = false, stripped = false } = build;
  const output = path.join(repository, ".build", "go");
  mkdirSync(output, { recursive: true });
  const parts = [program, go === GO ? "" : "1.19", arch, cgo && "cgo", pie && "pie", stripped && "stripped"];
  const file = path.join(output, parts.filter(part => part !== "" && part !== false).join("-"));
  if (existsSync(file)) return file;
  const args = [
    "build",
    "-o",
    file,
    ...(pie ? ["-buildmode=pie"] : []),
    ...(stripped ? ["-ldflags=-s -w"] : []),
  ];
  const result = spawnSync(go, [...args, `./${program}`], {
    cwd: path.join(repository, "testdata", "static", "go"),
    encoding: "utf8",
    env: {
      PATH: process.env["PATH"],
      HOME: homedir(),
      GOENV: "off",
      GOTOOLCHAIN: "local",
      GOARCH: arch,
      CGO_ENABLED: cgo ? "1" : "0",
    },
  });
  if (result.status !== 0)
    throw new Error(`go build ${program}: ${result.stderr}${result.error?.message ?? ""}`);
  return file;
}
