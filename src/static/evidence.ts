import { createHash } from "node:crypto";
import { syscallByName, syscallByNumber } from "../abi/syscalls.ts";
import type { AbiName } from "../abi/abi.ts";
import { canonicalGap, canonicalObservation } from "../evidence/canonical.ts";
import { joinEvidence } from "../evidence/join.ts";
import type { CallSite, Evidence, Gap, Observation, Run } from "../evidence/model.ts";
import { Phases, type FunctionNode } from "./code/node.ts";
import type { Module } from "./code/module.ts";
import { argumentValues, copyOf, mergeInto } from "./argument-sets.ts";
import { isHeart, libraryDistances } from "./distance.ts";
import { PROTECTION_CALLS } from "./on-request.ts";
import { hex, pathTo, pathToSite, siteIn } from "./paths.ts";
import { isLibrary, type Hints, type ProgramAnalysis } from "./program.ts";
import { depthOf, type ArgumentSet, type NumberAtSite, type SiteResult } from "./sites.ts";
import type { Unknown } from "./value/value.ts";

/** Calls that the vDSO answers without the kernel, and makes where it cannot. Source: arch/*\/entry/vdso of Linux. */
const VDSO: readonly string[] = ["clock_gettime", "clock_getres", "gettimeofday", "time", "getcpu"];

const REASONS: Readonly<Record<Unknown, string>> = {
  memory: "the number comes from memory whose content is not known",
  "call-result": "the number is what another function returns",
  "syscall-result": "the number is what the kernel returned",
  arithmetic: "the number is computed",
  overwritten: "a call in between may have changed the register that holds the number",
  "unknown-caller": "the number is an argument of a function that code reaches through pointers",
  "program-start": "the number is what a register holds when the program starts",
  "no-way": "no way that leads to it was understood",
  "too-complex": "the number comes from more places than are followed",
};

export interface EvidenceOptions {
  readonly run: Run;
  readonly hints: Hints;
  /** Tell apart what only runs before main. */
  readonly phases: boolean;
}

function labelOf(name: string, node: FunctionNode): Observation["label"] {
  if (name === "rt_sigreturn") return "signal-return";
  if (VDSO.includes(name)) return "vdso";
  return node.mask === Phases.loader ? "loader" : undefined;
}

function nameOf(abi: AbiName, number: number): string {
  return syscallByNumber(abi, number)?.name ?? `syscall_${number}`;
}

/** Sites, or languages' own findings, as observations and gaps about one run. */
class Collector {
  readonly #analysis: ProgramAnalysis;
  readonly #options: EvidenceOptions;
  readonly #observations = new Map<
    string,
    { observation: Observation; args: Map<number, ArgumentSet>; depth: number; distance: number | undefined }
  >();
  readonly #distances: ReadonlyMap<FunctionNode, number>;
  /** The program and its plug-ins. */
  readonly #own: ReadonlySet<Module>;
  readonly gaps: Gap[] = [];

  constructor(analysis: ProgramAnalysis, options: EvidenceOptions) {
    this.#analysis = analysis;
    this.#options = options;
    const { program, modules } = analysis.image;
    const hearts = modules.filter(module => isHeart(program.path, module.path));
    this.#own = new Set([program, ...hearts, ...analysis.plugins.ownPlugins()]);
    this.#distances = libraryDistances(analysis.reach.nodes, module => this.#own.has(module));
  }

  site(abi: AbiName, site: SiteResult): void {
    for (const [number, found] of site.numbers) this.#observe(abi, number, site, found);
    for (const [where, why] of site.unknown) this.#unknown(abi, site, where, why);
  }

  /** More numbers may come from `where`: those that the user names, or a gap. */
  #unknown(abi: AbiName, site: SiteResult, where: FunctionNode, why: Unknown): void {
    if (this.#isHinted(abi, site, where)) return;
    this.gaps.push({
      run: this.#options.run.id,
      kind: "unresolved-site",
      reason: `${REASONS[why]}${where === site.node ? "" : ` (${where.name} in ${where.module.path})`}`,
      place: siteIn(site.node, site.address),
      path: pathTo(where),
      remedy: `say what it can be with --resolve ${where.name}=SYSCALL[,SYSCALL…], or record it at work`,
    });
  }

  /** Whether the user has said what a site makes, which counts as found. */
  #isHinted(abi: AbiName, site: SiteResult, where: FunctionNode): boolean {
    const { resolve } = this.#options.hints;
    const keys = [site.node, where].flatMap(node => [node.name, hex(node.start)]);
    const words = [...keys, hex(site.address)].map(key => resolve.get(key)).find(w => w !== undefined);
    if (words === undefined) return false;
    const numbers = words.flatMap(word =>
      /^\d+$/.test(word) ? [Number(word)] : (syscallByName(abi, word)?.number ?? []),
    );
    for (const number of numbers) this.#observe(abi, number, site, { arguments: new Map(), via: [] });
    // Words that mean nothing on this machine say nothing.
    return words.length === 0 || numbers.length > 0;
  }

  #observe(abi: AbiName, number: number, site: SiteResult, { arguments: args, via }: NumberAtSite): void {
    const syscall = nameOf(abi, number);
    const { node } = site;
    // A function that many call with numbers of their own runs when one of them does.
    const chooser = via[0]?.node ?? node;
    const label = labelOf(syscall, chooser);
    const phase = (chooser.mask & Phases.main) === 0 ? "startup" : "serving";
    const observation: Observation = {
      run: this.#options.run.id,
      abi,
      number,
      syscall,
      executable: node.module.path,
      path: pathToSite(site, via),
      ...(label === undefined ? {} : { label }),
      ...(this.#options.phases ? { phase } : {}),
    };
    const key = `${abi} ${number} ${node.module.id} ${label ?? ""} ${observation.phase ?? ""}`;
    const known = this.#observations.get(key);
    const near = this.#distances.get(chooser);
    const passed = [...via.map(step => step.node), node].slice(1).filter(at => !this.#own.has(at.module));
    const distance = near === undefined ? undefined : near + passed.length;
    const depth = depthOf(node, via);
    if (known === undefined) {
      this.#observations.set(key, { observation, args: copyOf(args), depth, distance });
      return;
    }
    if (distance !== undefined) known.distance = Math.min(known.distance ?? distance, distance);
    mergeInto(known.args, args);
    if (depth < known.depth) {
      known.observation = observation;
      known.depth = depth;
    }
  }

  get observations(): Observation[] {
    return [...this.#observations.values()].map(({ observation, args, distance }) =>
      canonicalObservation({
        ...observation,
        ...(args.size === 0 ? {} : { arguments: argumentValues(args) }),
        ...(distance === undefined ? {} : { distance }),
      }),
    );
  }

  /**
   * What the kernel itself makes a process call, and how a program is started, which whoever starts it does under a filter
   * that is there already.
   */
  always(abi: AbiName): Observation[] {
    const run = this.#options.run.id;
    const add = (name: string, label: Observation["label"]): Observation[] => {
      const number = syscallByName(abi, name)?.number;
      return number === undefined || label === undefined ? [] : [{ run, abi, number, syscall: name, label }];
    };
    const isVdsoReturn = abi === "aarch64";
    const isStarted = !this.#options.phases && !isLibrary(this.#analysis.image.program.elf);
    return [
      ...(isStarted ? add("execve", "container-runtime") : []),
      ...add("restart_syscall", "restart"),
      ...(isVdsoReturn ? add("rt_sigreturn", "signal-return") : []),
    ];
  }

  missing(): void {
    const { image, plugins } = this.#analysis;
    for (const { name, by } of image.missing) {
      this.#gap(
        "unreadable",
        `the library ${name}, which ${by} needs, is not below the root`,
        "give --root the file system that the program runs in",
      );
    }
    const seen = new Set<string>();
    for (const use of plugins.unknown) {
      const place = siteIn(use.node, use.site);
      const key = `${use.kind} ${place.file} ${place.address}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const isOpen = use.kind === "unknown-dlopen";
      const which =
        use.configuration === undefined
          ? "all libraries"
          : `those libraries that OpenSSL's configuration names (${use.configuration})`;
      const taken = use.folders.length === 0 ? "" : `; ${which} below ${use.folders.join(", ")} were taken`;
      this.gaps.push({
        run: this.#options.run.id,
        kind: use.kind,
        reason: isOpen
          ? `a library whose name is not a constant is opened${taken}`
          : "a function whose name is not a constant is looked up; everything that libraries opened at run time export was taken",
        place,
        path: pathTo(use.node),
        remedy: isOpen
          ? "name what it opens with --dlopen LIBRARY"
          : "name the libraries that it looks into with --dlopen LIBRARY",
      });
    }
  }

  /** Mutexes that other programs have made in memory that is shared with them may need calls that nothing else makes. */
  sharedMemory(abi: AbiName): void {
    const more = PROTECTION_CALLS.filter(name => !this.#isFoundAnyhow(abi, name)).join(",");
    if (more === "") return;
    for (const { node, site } of this.#analysis.placesOfMutexes) {
      const result = { node, address: site, numbers: new Map(), unknown: new Map() };
      if (this.#isHinted(abi, result, node)) continue;
      this.gaps.push({
        run: this.#options.run.id,
        kind: "shared-memory",
        reason: `memory that other programs can write to is mapped here: if one of them keeps a lock with priority protection (PTHREAD_PRIO_PROTECT) in it, using that lock also calls ${more.replaceAll(",", ", ")}`,
        place: siteIn(node, site),
        path: pathTo(node),
        remedy: `hardly any program has such locks: say so with --resolve ${node.name}=none, or name these calls with --resolve ${node.name}=CALL[,CALL…]`,
      });
    }
  }

  /** Whether a call was found that is made from main on, with any arguments. */
  #isFoundAnyhow(abi: AbiName, syscall: string): boolean {
    return [...this.#observations.values()].some(
      ({ observation, args }) =>
        observation.abi === abi &&
        observation.syscall === syscall &&
        observation.phase !== "startup" &&
        [...args.values()].every(set => !set.complete),
    );
  }

  executes(observations: readonly Observation[]): void {
    const exec = observations.find(
      o => (o.syscall === "execve" || o.syscall === "execveat") && o.label !== "container-runtime",
    );
    if (exec === undefined) return;
    this.#gap(
      "executes",
      "it can run other programs, whose syscalls are not in here",
      "name them with --assume-exec PROGRAM",
      exec.path,
    );
  }

  #gap(kind: Gap["kind"], reason: string, remedy: string, path?: readonly CallSite[]): void {
    this.gaps.push({
      run: this.#options.run.id,
      kind,
      reason,
      remedy,
      ...(path === undefined ? {} : { path }),
    });
  }
}

/** Everything that an analysis found, as evidence about one run. */
export function evidenceOf(analysis: ProgramAnalysis, options: EvidenceOptions): Evidence {
  const abi = analysis.image.program.elf.machine;
  const collector = new Collector(analysis, options);
  for (const site of analysis.sites) collector.site(abi, site);
  for (const site of analysis.foreignSites) collector.site(abi === "x86_64" ? "i386" : "arm", site);
  collector.sharedMemory(abi);
  const observations = [...collector.observations, ...collector.always(abi)];
  collector.missing();
  collector.executes(observations);
  return joinEvidence({
    seccraft: "evidence/1",
    runs: [options.run],
    observations,
    gaps: collector.gaps.map(canonicalGap),
  });
}

/** Identity of an analysis: what was read and what was asked. */
export function runId(modules: readonly Pick<Module, "path" | "sha256">[], question: string): string {
  const hash = createHash("sha256").update(question);
  for (const m of modules) hash.update(`\0${m.path}\0${m.sha256}`);
  return `static-${hash.digest("hex").slice(0, 32)}`;
}
