"use strict";

/** Whether a list in an attribute holds a word; everything fits no word. */
function has(list, word) {
  return word === "" || list.split(" ").includes(word);
}

function byId(id) {
  return document.getElementById(id);
}

/** The theme that somebody chose; null where nothing is kept. */
function stored() {
  try {
    return localStorage.getItem("seccraft-theme");
  } catch {
    return null;
  }
}

function show(row, open) {
  row.querySelector(".detail").hidden = !open;
  row.querySelector(".open").setAttribute("aria-expanded", String(open));
}

function byName(a, b) {
  return a.dataset.name < b.dataset.name ? -1 : 1;
}

/** What a data block holds, unpacked, saved as a file. */
async function save(block, name) {
  const packed = Uint8Array.from(atob(block.textContent), c => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const url = URL.createObjectURL(await new Response(stream).blob());
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

{
  const root = document.documentElement;

  // The theme: that of the system, until somebody chooses.
  const button = byId("theme");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const current = () => root.dataset.theme ?? (dark.matches ? "dark" : "light");
  const label = () => {
    button.textContent = current() === "dark" ? "light theme" : "dark theme";
  };
  const chosen = stored();
  if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;
  button.hidden = false;
  label();
  dark.addEventListener("change", label);
  button.addEventListener("click", () => {
    root.dataset.theme = current() === "dark" ? "light" : "dark";
    label();
    try {
      localStorage.setItem("seccraft-theme", root.dataset.theme);
    } catch {
      // Not kept, then.
    }
  });

  // What was seen of a call opens below it.
  const table = byId("calls-table");
  const rows = [...table.tBodies];
  for (const row of rows) show(row, false);
  table.addEventListener("click", event => {
    const opener = event.target.closest(".open");
    if (opener) show(opener.closest("tbody"), opener.getAttribute("aria-expanded") !== "true");
  });

  // Filters.
  const form = document.querySelector(".filters");
  const value = id => byId(id).value;
  const filter = () => {
    const words = value("f-text").toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const data = row.dataset;
      const fits =
        words.every(word => data.text.includes(word)) &&
        has(data.group ?? "", value("f-group")) &&
        has(data.risk, value("f-risk")) &&
        has(data.phases, value("f-phase")) &&
        has(data.columns, value("f-column")) &&
        has(data.state, value("f-state"));
      row.hidden = !fits;
      if (fits) shown += 1;
    }
    byId("f-count").textContent = `${shown} of ${rows.length}`;
  };
  form.addEventListener("input", filter);
  form.addEventListener("reset", () => setTimeout(filter));
  form.addEventListener("submit", event => event.preventDefault());

  // Sorting, by the name where a column says the same.
  table.tHead.addEventListener("click", event => {
    const head = event.target.closest("th");
    if (!event.target.closest(".sort")) return;
    const column = head.cellIndex;
    const descending = head.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", descending ? "descending" : "ascending");
    const of = row => row.rows[0].cells[column].dataset.sort ?? "";
    const compare =
      head.dataset.kind === "number"
        ? (a, b) => Number(of(a)) - Number(of(b))
        : (a, b) => (of(a) < of(b) ? -1 : of(a) > of(b) ? 1 : 0);
    rows.sort((a, b) => (descending ? compare(b, a) : compare(a, b)) || byName(a, b));
    table.append(...rows);
  });

  // A link to a call opens it, also when a filter hides it.
  const follow = () => {
    const row = byId(location.hash.slice(1));
    if (!row?.matches("#calls-table > tbody")) return;
    if (row.hidden) {
      form.reset();
      filter();
    }
    show(row, true);
    row.scrollIntoView({ block: "center" });
  };
  addEventListener("hashchange", follow);
  follow();

  // The evidence and the profile, unpacked when they are asked for.
  for (const saver of document.querySelectorAll("[data-save]")) {
    saver.addEventListener("click", () => void save(byId(saver.dataset.save), saver.dataset.file));
  }
}
