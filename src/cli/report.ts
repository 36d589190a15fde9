import { parseEvidence } from "../evidence/codec.ts";
import { joinEvidence } from "../evidence/join.ts";
import { readText } from "../json/read.ts";
import { renderReport } from "../output/html/page.ts";
import { readProfileFile } from "../profile/parse.ts";
import type { ReportCliOptions } from "./commands/report.ts";
import { writeOutput } from "./say.ts";

/** The whole of `seccraft report`. */
export async function runReport(options: ReportCliOptions): Promise<void> {
  const parts = await Promise.all(
    options.evidence.map(async file => await parseEvidence(readText(file), file)),
  );
  const page = renderReport({
    evidence: joinEvidence(...parts),
    ...(options.profile === undefined ? {} : { profile: readProfileFile(options.profile) }),
    ...(options.policy === undefined ? {} : { policy: options.policy }),
    ...(options.title === undefined ? {} : { title: options.title }),
  });
  writeOutput(page, options.output);
}
