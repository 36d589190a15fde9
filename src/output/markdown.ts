/** Text that may stand in a cell of a Markdown table. */
export function markdownCell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
