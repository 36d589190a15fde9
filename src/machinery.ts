// What the library needs to run and watch targets, in one place so that it is loaded together and late.
export { craft } from "./craft/craft.ts";
export { targetOf, withSessionGaps } from "./craft/session.ts";
export { runSession } from "./craft/session.ts";
export { nativeEngine } from "./engine/native/native.ts";
export { parseReady } from "./engine/ready.ts";
export { canTrace } from "./linux/features.ts";
export { openRunFolder } from "./linux/runfolder.ts";
export { chooseRecorder } from "./record/choose.ts";
