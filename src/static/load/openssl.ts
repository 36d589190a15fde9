import path from "node:path";
import type { FunctionNode } from "../code/node.ts";
import type { Module } from "../code/module.ts";
import type { TargetRoot } from "./root.ts";

/**
 * Functions by which other code has OpenSSL open an engine or a provider by name, or read another configuration.
 * Source: ENGINE_by_id(3), OSSL_PROVIDER(3), CONF_modules_load_file(3), OPENSSL_init_crypto(3).
 */
export const OPENSSL_REQUESTS = [
  "ENGINE_by_id",
  "ENGINE_ctrl_cmd",
  "ENGINE_ctrl_cmd_string",
  "OSSL_PROVIDER_load",
  "OSSL_PROVIDER_load_ex",
  "OSSL_PROVIDER_try_load",
  "OSSL_PROVIDER_try_load_ex",
  "OSSL_PROVIDER_set_default_search_path",
  "OSSL_LIB_CTX_load_config",
  "CONF_modules_load",
  "CONF_modules_load_file",
  "CONF_modules_load_file_ex",
  "OPENSSL_INIT_set_config_filename",
  "OPENSSL_INIT_set_config_appname",
  "OPENSSL_config",
  "DSO_load",
] as const;

const OPENSSL = /^lib(crypto|ssl)\.so\b/;
const ENGINES = /^engines(-[\d.]+)?$/;
const PROVIDERS = /^ossl-modules$/;
const CONFIGURATION = "openssl.cnf";

export function isOpenssl(module: Module): boolean {
  return OPENSSL.test(module.elf.dynamic?.soname ?? "");
}

/** Whether code outside of OpenSSL may call one of its functions. */
export function isAskedFor(node: FunctionNode): boolean {
  return node.hasUnknownCallers || node.callers.some(caller => !isOpenssl(caller.node.module));
}

/** What OpenSSL opens by itself: the engines and providers that its configuration below a root names. */
export class OpensslConfiguration {
  /** The file that was read; undefined where there is none, and OpenSSL opens nothing. */
  readonly file: string | undefined;
  readonly #engines: boolean;
  readonly #names: ReadonlySet<string>;
  readonly #takesAll: boolean;

  /** `constants`: absolute paths among the constants of libcrypto, its configuration's folder one of them. */
  constructor(root: TargetRoot, constants: readonly string[]) {
    this.file = constants
      .map(folder => path.posix.join(folder, CONFIGURATION))
      .find(file => root.isFile(file));
    const lines = this.file === undefined ? [] : root.text(this.file).split("\n");
    const settings = lines.map(line => /^\s*([\w.]+)\s*=?\s*(.*?)\s*(#.*)?$/.exec(line));
    const has = (name: string): boolean => settings.some(found => found?.[1] === name);
    // What another file says is not followed.
    this.#takesAll = has(".include") || has("module");
    this.#engines = has("engines") || has("dynamic_path") || has("engine_id");
    // Any name on the left may be a provider's; the sections are not told apart.
    this.#names = new Set(settings.flatMap(found => (found?.[1] === undefined ? [] : [found[1]])));
  }

  /** Whether a file in one of OpenSSL's folders of plug-ins is opened. */
  opens(file: string): boolean {
    if (this.#takesAll) return true;
    const folder = path.posix.basename(path.posix.dirname(file));
    if (ENGINES.test(folder)) return this.#engines;
    return PROVIDERS.test(folder) && this.#names.has(path.posix.basename(file, ".so"));
  }
}
