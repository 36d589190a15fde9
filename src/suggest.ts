/** Insertions, deletions, replacements and swaps of neighbours that lead from one word to another. */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min(
        (rows[i - 1]?.[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (rows[i - 1]?.[j - 1] ?? 0) + same,
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, (rows[i - 2]?.[j - 2] ?? 0) + 1);
      row.push(least);
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? 0;
}

/** As far as a name may be from what somebody wrote to be taken for what was meant. */
function tolerance(name: string): number {
  return Math.max(1, Math.floor(name.length / 3));
}

/**
 * `; did you mean phases?` for a word that is close to one of the known ones, or a part of it between hyphens, else
 * nothing. The one way in which seccraft answers a word that is not of a closed set.
 */
export function didYouMean(word: string, known: Iterable<string>): string {
  const names = [...known];
  if (word === "" || word.length > 60) return "";
  const given = word.toLowerCase();
  const ranked = names
    .map(name => ({ name, far: distance(given, name.toLowerCase()) }))
    .filter(({ name, far }) => far <= tolerance(name))
    .sort((a, b) => a.far - b.far || (a.name < b.name ? -1 : 1));
  const best = ranked[0]?.name ?? names.find(name => name.toLowerCase().split("-").includes(given));
  return best === undefined ? "" : `; did you mean ${best}?`;
}
