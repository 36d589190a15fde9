// Does code of glibc mention its constant objects by their starts? `node bench/static-glibc-objects.js [LIBC DEBUG]`
// compares every address in .data.rel.ro and __libc_IO_vtables that code of libc.so.6 takes with the object symbols of its
// debug file (package libc6-dbg). Prints those that lie inside of an object; the gate in src/static/gate.ts relies on them being
// harmless: none may cut off a pointer to a function from the start of its object.
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import { dataCells } from "../dist/static/data.js";
import { ElfFile } from "../dist/static/elf/file.js";
import { newInsn, Ref } from "../dist/static/ir.js";
import { ModuleStore } from "../dist/static/load/modules.js";

const libc = process.argv[2] ?? "/lib/x86_64-linux-gnu/libc.so.6";
const module = new ModuleStore().load(libc, readFileSync(libc));
const id = module.elf.buildId;
const debug = process.argv[3] ?? `/usr/lib/debug/.build-id/${id.slice(0, 2)}/${id.slice(2)}.debug`;
if (!existsSync(debug)) throw new Error(`${debug} is missing; install libc6-dbg`);
const symbols = new ElfFile(debug, readFileSync(debug)).staticSymbols;
const sections = [".data.rel.ro", "__libc_IO_vtables"].flatMap(name => module.elf.section(name) ?? []);
const isInside = address => sections.some(s => address >= s.address && address < s.address + s.size);
const objects = symbols
  .filter(s => s.type === 1 && s.section !== 0 && s.size > 0 && isInside(s.value))
  .sort((a, b) => a.value - b.value);
const cells = dataCells(module).filter(c => isInside(c.address));
const insn = newInsn();
const inside = new Map();
let mentions = 0;
for (let index = 0; index < module.ranges.length; index++) {
  const { data } = module.scanRange(index);
  for (let i = 0; i < data.length; i += 2) {
    const address = data[i + 1];
    if (!isInside(address)) continue;
    module.liftAt(data[i], insn);
    // Alone, an instruction of AArch64 does not show what its registers hold.
    if (insn.ref === address && insn.refKind !== Ref.taken && insn.refKind !== Ref.indexed) continue;
    if (insn.ref !== address && insn.memory) continue;
    mentions++;
    const object = objects.find(o => address > o.value && address < o.value + o.size);
    if (object !== undefined) inside.set(address, object);
  }
}
let harmful = 0;
for (const [address, object] of [...inside].sort((a, b) => a[0] - b[0])) {
  const cut =
    address % 32 === 0 && cells.some(c => c.address >= address && c.address < object.value + object.size);
  if (cut) harmful++;
  console.log(
    `${cut ? "CUTS" : "fine"} 0x${address.toString(16)} is ${object.name}+0x${(address - object.value).toString(16)}`,
  );
}
console.log(
  `${mentions} addresses taken in constant data with ${objects.length} objects: ${inside.size} inside of an object, ${harmful} of them may cut it`,
);
process.exitCode = harmful === 0 ? 0 : 1;
