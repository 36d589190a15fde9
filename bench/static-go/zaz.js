// The way of zaz's Go analyser: `go tool objdump`, direct calls by name from main and init, the last constant put into
// AX before a call of a syscall function or a SYSCALL. Run as a program: node bench/static-go/zaz.js FILE
import { spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";

const calls = new Map();
const numbers = new Map();
let name = "";
let constant;
const child = spawn("go", ["tool", "objdump", process.argv[2]], { stdio: ["ignore", "pipe", "inherit"] });
for await (const line of createInterface({ input: child.stdout })) {
  const text = /^TEXT (\S+?)\(SB\)/.exec(line);
  if (text !== null) {
    name = text[1];
    constant = undefined;
    continue;
  }
  const call = /\bCALL (\S+?)\(SB\)/.exec(line);
  const isSyscall =
    /\bSYSCALL\b/.test(line) || (call !== null && /\b(Raw)?[sS]yscall6?(\.abi0)?$/.test(call[1]));
  if (call !== null) (calls.get(name) ?? calls.set(name, new Set()).get(name)).add(call[1]);
  if (isSyscall && constant !== undefined) {
    (numbers.get(name) ?? numbers.set(name, new Set()).get(name)).add(constant);
  }
  const move = /\bMOV[LQ] \$(0x[0-9a-f]+|\d+), AX/.exec(line);
  if (move !== null) constant = Number(move[1]);
}
const seen = new Set();
const todo = ["main.main", "main.init"];
const found = new Set();
while (todo.length > 0) {
  const next = todo.pop();
  if (seen.has(next)) continue;
  seen.add(next);
  for (const number of numbers.get(next) ?? []) found.add(number);
  todo.push(...(calls.get(next) ?? []));
}
console.log(found.size);
