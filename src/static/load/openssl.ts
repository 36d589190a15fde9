import path from "node:path";
import type { Module } from "../code/module.ts";
import type { TargetRoot } from "./root.ts";

/**
 * Functions by which other code has OpenSSL open an engine or a provider, or read another configuration, and the argument
 * with the name, where nothing else matters. Source: ENGINE_by_id(3), OSSL_PROVIDER(3), CONF_modules_load_file(3),
 * OPENSSL_init_crypto(3).
 */
export const OPENSSL_REQUESTS: Readonly<
  Record<string, { kind: "engines" | "providers"; name: number } | "any">
> = {
  ENGINE_by_id: { kind: "engines", name: 0 },
  ENGINE_ctrl_cmd: "any",
  ENGINE_ctrl_cmd_string: "any",
  OSSL_PROVIDER_load: { kind: "providers", name: 1 },
  OSSL_PROVIDER_load_ex: "any",
  OSSL_PROVIDER_try_load: { kind: "providers", name: 1 },
  OSSL_PROVIDER_try_load_ex: "any",
  OSSL_PROVIDER_set_default_search_path: "any",
  OSSL_LIB_CTX_load_config: "any",
  CONF_modules_load: "any",
  CONF_modules_load_file: "any",
  CONF_modules_load_file_ex: "any",
  OPENSSL_INIT_set_config_filename: "any",
  OPENSSL_INIT_set_config_appname: "any",
  OPENSSL_config: "any",
  DSO_load: "any",
};

/** Names of engines and providers that code outside of OpenSSL asks for; `all` once one is not a constant. */
export class OpensslRequests {
  readonly #engines = new Set<string>();
  readonly #providers = new Set<string>();
  #allEngines = false;
  #allProviders = false;

  /** A call of one of the functions, with the texts that its name can be; undefined among them is "anything". */
  add(kind: "engines" | "providers" | "any", texts: ReadonlySet<string | undefined>): void {
    if (kind !== "providers") this.#allEngines ||= kind === "any" || texts.has(undefined);
    if (kind !== "engines") this.#allProviders ||= kind === "any" || texts.has(undefined);
    const named = kind === "engines" ? this.#engines : this.#providers;
    for (const text of texts) if (text !== undefined) named.add(text);
  }

  /** Whether anything may be opened, from anywhere. */
  get isAll(): boolean {
    return this.#allEngines && this.#allProviders;
  }

  /** Whether a file in one of OpenSSL's folders of plug-ins is asked for. */
  opens(file: string): boolean {
    const folder = path.posix.basename(path.posix.dirname(file));
    const name = path.posix.basename(file, ".so");
    const names = [name, name.replace(/^lib/, "")];
    if (ENGINES.test(folder)) return this.#allEngines || names.some(n => this.#engines.has(n));
    return PROVIDERS.test(folder) && (this.#allProviders || names.some(n => this.#providers.has(n)));
  }
}

const OPENSSL = /^lib(crypto|ssl)\.so\b/;
const ENGINES = /^engines(-[\d.]+)?$/;
const PROVIDERS = /^ossl-modules$/;
const CONFIGURATION = "openssl.cnf";

/** Its own providers have parts of it in them. */
const OWN_PROVIDERS = /\/ossl-modules\/(legacy|fips)\.so$/;
/** Names an engine in the parameters of an algorithm. Source: OSSL_ALG_PARAM_ENGINE, core_names.h */
const ENGINE_PARAMETER = "engine";
/** Functions of OpenSSL that take parameters of an algorithm. Source: OSSL_PARAM(3) and the headers that name it. */
export const TAKES_PARAMETERS: RegExp =
  /_(set_params|fromdata|init_ex|open_ex|ex2)$|(Sign|Verify)Init_ex$|^OSSL_PARAM_|^EVP_(MAC_init|Q_mac|KDF_derive|RAND_\w+)$/;

export function isOpenssl(module: Module): boolean {
  return OPENSSL.test(module.elf.dynamic?.soname ?? "") || OWN_PROVIDERS.test(module.path);
}

/** Whether a module other than OpenSSL holds, at an address, the name of the parameter that names an engine. */
export function namesEngineParameter(module: Module, address: number): boolean {
  return (
    module.elf.u8(address) === 0x65 &&
    module.elf.u8(address + ENGINE_PARAMETER.length) === 0 &&
    module.elf.string(address) === ENGINE_PARAMETER &&
    !isOpenssl(module)
  );
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
