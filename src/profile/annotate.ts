import type { ProfileDocument, RuleDocument } from "./document.ts";

/** One line that says where a syscall's rule comes from; empty when nothing is known. */
export type Reasons = (name: string) => string;

/** The same profile with a comment on each rule, rules split so that all names of one have the same. */
export function annotate(document: ProfileDocument, reasons: Reasons): ProfileDocument {
  const syscalls = (document.syscalls ?? []).flatMap((rule): RuleDocument[] => {
    const byReason = new Map<string, string[]>();
    for (const name of rule.names) {
      const reason = reasons(name);
      const names = byReason.get(reason);
      if (names === undefined) byReason.set(reason, [name]);
      else names.push(name);
    }
    return [...byReason].map(([comment, names]) => ({
      ...rule,
      names,
      ...(comment === "" ? {} : { comment }),
    }));
  });
  return { ...document, syscalls };
}
