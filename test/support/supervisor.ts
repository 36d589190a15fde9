import { setImmediate, setTimeout } from "node:timers/promises";
import { errnoName, libc } from "../../src/linux/libc.ts";

// linux/seccomp.h, for 64-bit machines.
const NOTIF_RECV = 0xc050_2100;
const NOTIF_SEND = 0xc018_2101;
const FLAG_CONTINUE = 1;
const POLLIN = 1;
const POLLHUP = 0x10;

/** Answers every notification, until no process is under the filter any more; returns the numbers asked about. */
export async function supervise(
  listener: number,
  answer: (number: number) => "continue" | number = () => "continue",
): Promise<number[]> {
  const numbers: number[] = [];
  const poll = new DataView(new ArrayBuffer(8));
  for (;;) {
    poll.setInt32(0, listener, true);
    poll.setInt16(4, POLLIN, true);
    poll.setInt16(6, 0, true);
    libc().poll(new Uint8Array(poll.buffer), 1, 0);
    const events = poll.getInt16(6, true);
    if ((events & POLLHUP) !== 0) break;
    if ((events & POLLIN) === 0) await setTimeout(1);
    else {
      answerOne(listener, numbers, answer);
      await setImmediate();
    }
  }
  return numbers;
}

function answerOne(
  listener: number,
  numbers: number[],
  answer: (number: number) => "continue" | number,
): void {
  const asked = new Uint8Array(80);
  if (libc().ioctl(listener, NOTIF_RECV, asked) !== 0) {
    const code = errnoName(libc().errno());
    if (code === "ENOENT") return;
    throw new Error(`SECCOMP_IOCTL_NOTIF_RECV: ${code}`);
  }
  const request = new DataView(asked.buffer);
  const number = request.getInt32(16, true);
  numbers.push(number);
  const decision = answer(number);
  const response = new DataView(new ArrayBuffer(24));
  response.setBigUint64(0, request.getBigUint64(0, true), true);
  if (decision === "continue") response.setUint32(20, FLAG_CONTINUE, true);
  else response.setInt32(16, -decision, true);
  libc().ioctl(listener, NOTIF_SEND, new Uint8Array(response.buffer));
}
