// What is seen of it: counts beside the filters, the list, export and keys. Follows report_page_state.js.

const rows = new Map();

function drawFacets() {
  for (const { key, title } of FACETS) {
    const section = make("section", { role: "group", ariaLabel: title }, make("h2", {}, title));
    for (const name of names[key]) {
      const tick = make("input", { type: "checkbox" });
      tick.addEventListener("change", () => {
        if (tick.checked) chosen[key].add(name);
        else chosen[key].delete(name);
        filter();
      });
      const count = make("span", { className: "count" });
      const right = make("span", { className: "right" });
      const row = make("label", { className: "facet" }, tick);
      row.dataset.facet = key;
      row.dataset.name = name;
      if (key === "status") row.append(make("span", { className: `swatch s-${FAMILY[name]}` }));
      row.append(make("span", { className: "name" }, key === "rule" ? name : words(name)), right, count);
      rows.set(`${key} ${name}`, { row, tick, count, right });
      section.append(row);
    }
    at("facets").append(section);
  }
}

function agreements() {
  const found = new Map();
  for (const report of REPORTS) {
    const given = answerOf(report);
    if (given === null || !ruleOf(report)) continue;
    const [right, all] = found.get(ruleOf(report)) ?? [0, 0];
    found.set(ruleOf(report), [right + (given === report.label ? 1 : 0), all + 1]);
  }
  return found;
}

function count() {
  const agreed = agreements();
  for (const facet of FACETS) {
    const counts = countsOf(facet);
    for (const name of names[facet.key]) {
      const { row, tick, count: shownCount, right } = rows.get(`${facet.key} ${name}`);
      const found = counts.get(name) ?? 0;
      shownCount.textContent = found.toLocaleString("en");
      row.classList.toggle("none", !found);
      tick.checked = chosen[facet.key].has(name);
      const record = facet.key === "rule" && agreed.get(name);
      right.textContent = record ? `${record[0]} of ${record[1]} right` : "";
    }
  }
  const checked = REPORTS.filter((report) => corrections.has(report.id)).length;
  const changed = REPORTS.filter((report) => checkOf(report) === "changed").length;
  at("about").textContent =
    `${checked.toLocaleString("en")} of ${REPORTS.length.toLocaleString("en")} reports checked, ${changed.toLocaleString("en")} changed` +
    (DATA.total > REPORTS.length ? ` (drawn at random from ${DATA.total.toLocaleString("en")})` : "") +
    " · holds report text: keep it where reports may be";
  at("bar").style.width = `${(100 * checked) / Math.max(REPORTS.length, 1)}%`;
  at("bar").parentElement.setAttribute("aria-valuemax", REPORTS.length);
  at("bar").parentElement.setAttribute("aria-valuenow", checked);
  at("export").textContent = `Export ${corrections.size || "no"} correction${corrections.size === 1 ? "" : "s"}`;
  at("export").disabled = corrections.size === 0;
}

// ---------------------------------------------------------------- the list

const ORDERS = {
  file: () => 0,
  // Abstaining reports have no label to be sure of, and come first.
  unsure: (one, other) => one.sure - other.sure,
  rule: (one, other) => (ruleOf(one) || "~").localeCompare(ruleOf(other) || "~"),
};
let shown = [];
let drawn = 0;
let current = 0;

function filter() {
  const was = shown[current];
  const compare = ORDERS[at("order").value];
  shown = REPORTS.filter((report) => isWanted(report)).sort((one, other) => compare(one, other) || one.place - other.place);
  drawn = 0;
  at("list").replaceChildren();
  current = Math.max(shown.indexOf(was), 0);
  const isFiltered = wanted !== "" || FACETS.some(({ key }) => chosen[key].size);
  at("clear").hidden = !isFiltered;
  at("found").replaceChildren(`${shown.length.toLocaleString("en")} report${shown.length === 1 ? "" : "s"}`);
  if (!shown.length) at("list").append(make("p", { className: "empty" }, "No report fits these filters."));
  draw(Math.max(CHUNK, current + CHUNK));
  count();
  mark();
  if (current) bringIntoView(shown[current]);
  else window.scrollTo(0, 0);
}

function draw(upTo) {
  const end = Math.min(upTo, shown.length);
  if (end <= drawn) return;
  const more = document.createDocumentFragment();
  for (; drawn < end; drawn += 1) more.append(card(shown[drawn]));
  at("list").append(more);
  highlight();
}

const cards = new WeakMap();
const cardOf = (report) => cards.get(report);

function card(report) {
  const element = make("article", { className: "card", tabIndex: -1 });
  element.dataset.id = report.id;
  cards.set(report, element);
  fill(element, report);
  element.addEventListener("mousedown", () => select(shown.indexOf(report)));
  element.addEventListener("focusin", () => select(shown.indexOf(report)));
  return element;
}

function pill(label, extra = "") {
  const look = label === DATA.abstain ? "abstain" : label === DATA.labels[0] ? "first" : "other";
  return make("span", { className: `pill l-${look} ${extra}` }, words(label));
}

function fill(element, report) {
  const given = answerOf(report);
  const isChanged = given !== null && given !== report.label;
  element.classList.toggle("checked", given !== null && !isChanged);
  element.classList.toggle("changed", isChanged);
  const head = make("div", { className: "head" }, make("span", { className: "id" }, report.id));
  head.append(pill(report.label, isChanged ? "was" : ""));
  if (isChanged) head.append(pill(given));
  const why = report.decided === null ? "nothing mentioned" : `${words(report.status)} · ${ruleOf(report)}`;
  head.append(make("span", { className: "by" }, why));
  if (report.label !== DATA.abstain) head.append(make("span", {}, `confidence ${report.sure.toFixed(2)}`));
  element.replaceChildren(head, textOf(report), ...hitList(report), answers(report, given));
}

function textOf(report) {
  const box = make("div", { className: "text" });
  let done = 0;
  for (const hit of [...report.hits].sort((one, other) => one.start - other.start)) {
    const start = Math.max(hit.start, done);
    if (hit.end <= start) continue;
    appendPlain(box, report.text, done, start);
    const isAsked = ["status", "category", "rule"].some((key) => chosen[key].size) && fits(hit);
    const found = make("mark", { className: `s-${FAMILY[hit.status]}${isAsked ? " fits" : ""}`, title: `${hit.rule}: ${words(hit.status)}` });
    found.append(report.text.slice(start, hit.end), make("span", { className: "tag" }, words(hit.status)));
    box.append(found);
    done = hit.end;
  }
  appendPlain(box, report.text, done, report.text.length);
  return box;
}

function appendPlain(box, text, start, end) {
  HEADING.lastIndex = 0;
  let done = start;
  for (const match of text.matchAll(HEADING)) {
    if (match.index < done || match.index + match[0].length > end) continue;
    box.append(text.slice(done, match.index), make("b", {}, match[0]));
    done = match.index + match[0].length;
  }
  box.append(text.slice(done, end));
}

function hitList(report) {
  if (!report.hits.length) return [];
  const list = make("ul", { className: "hits" });
  report.hits.forEach((hit, place) => {
    const where = [hit.side, words(hit.region)].filter(Boolean).join(" ");
    const cue = hit.cue !== hit.rule ? ` (by ${hit.cue})` : "";
    const parts = [`${words(hit.status)}${cue}`, words(hit.category), hit.rule, where, hit.sure.toFixed(2)];
    const isDecisive = place === report.decided;
    list.append(make("li", { className: isDecisive ? "decides" : "" }, parts.filter(Boolean).join(" · ") + (isDecisive ? " · decides" : "")));
  });
  return [list];
}

function answers(report, given) {
  const box = make("div", { className: "answers" });
  DATA.labels.forEach((label, place) => {
    const button = make("button", { type: "button" }, words(label) + " ");
    button.setAttribute("aria-pressed", given === label);
    button.dataset.label = label;
    if (place < 9) button.append(make("kbd", {}, String(place + 1)));
    button.addEventListener("click", () => answer(report, given === label ? null : label));
    box.append(button);
  });
  if (given !== null) {
    const note = make("input", { type: "text", placeholder: "Note (n)", value: corrections.get(report.id)[1], maxLength: 500, ariaLabel: "Note" });
    note.addEventListener("input", () => keep(report.id, [given, note.value]));
    note.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === "Escape") note.blur();
    });
    box.append(note);
  }
  return box;
}

function refresh(report) {
  const element = cardOf(report);
  if (element) {
    const pressed = element.contains(document.activeElement) && document.activeElement.dataset.label;
    fill(element, report);
    if (pressed) element.querySelector(`button[data-label="${CSS.escape(pressed)}"]`)?.focus();
  }
  count();
  highlight();
}

function mark() {
  document.querySelector(".card.at")?.classList.remove("at");
  cardOf(shown[current] ?? {})?.classList.add("at");
}

function select(place) {
  if (place < 0 || place >= shown.length || place === current) return;
  current = place;
  mark();
}

function go(place) {
  if (!shown.length) return;
  const next = Math.min(Math.max(place, 0), shown.length - 1);
  draw(next + CHUNK / 2);
  current = next;
  mark();
  bringIntoView(shown[next]);
}

function bringIntoView(report) {
  const element = cardOf(report);
  const fitsWell = element.offsetHeight < 0.7 * window.innerHeight;
  element.scrollIntoView({ block: fitsWell ? "center" : "start" });
}

// Marks what was searched for without touching the text; browsers that cannot, do without.
function highlight() {
  if (!globalThis.Highlight || !CSS.highlights) return;
  CSS.highlights.delete("found");
  if (!wanted) return;
  const found = new Highlight();
  for (const box of document.querySelectorAll(".text, .id")) {
    const walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const text = walker.currentNode.data.toLowerCase();
      if (text.length !== walker.currentNode.data.length) continue;
      for (let place = text.indexOf(wanted); place >= 0; place = text.indexOf(wanted, place + wanted.length)) {
        const range = new Range();
        range.setStart(walker.currentNode, place);
        range.setEnd(walker.currentNode, place + wanted.length);
        found.add(range);
      }
    }
  }
  CSS.highlights.set("found", found);
}

// ---------------------------------------------------------------- export

// As core/spreadsheet_cell.py: a spreadsheet must not run what is in a cell.
const FORMULA = /^'*[=+\-@\t\r]/;
const NUMBER = /^[+-]?[\d.,]+$/;
const safe = (text) => (FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text);
const cell = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

function csv() {
  const lines = [...corrections].map(([id, [label, note]]) => [id, label, note].map((one) => cell(safe(one))).join(","));
  return `id,label,note\n${lines.join("\n")}\n`;
}

function save() {
  if (!corrections.size) return;
  const address = URL.createObjectURL(new Blob(["\ufeff", csv()], { type: "text/csv" }));
  const link = make("a", { href: address, download: `${DATA.source.replace(/\.[a-z.]+$/i, "")}-overrides.csv` });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

// ---------------------------------------------------------------- keys, theme, start

const KEYS = {
  j: ["next report", () => go(current + 1)],
  k: ["previous report", () => go(current - 1)],
  u: ["take the last answer back", undo],
  n: ["note on this or the last answer", writeNote],
  "/": ["search", () => at("search").focus()],
  e: ["export corrections", save],
  t: ["light or dark", () => setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark")],
};

function writeNote() {
  const noteOf = (report) => report && cardOf(report)?.querySelector(".answers input");
  (noteOf(shown[current]) ?? noteOf(past.at(-1)?.[0]))?.focus();
}

function give(place) {
  const report = shown[current];
  if (!report || place >= DATA.labels.length) return;
  answer(report, DATA.labels[place]);
  if (at("advance").checked) go(current + 1);
}

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.matches?.("input:not([type=checkbox]), select, textarea");
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  // A key that is held down answers nothing: nobody reads that fast.
  if (/^[1-9]$/.test(event.key)) {
    if (!event.repeat) give(Number(event.key) - 1);
  } else if (KEYS[event.key] && (!event.repeat || "jk".includes(event.key))) KEYS[event.key][1]();
  else return;
  event.preventDefault();
});

function drawKeys() {
  const answerKeys = DATA.labels.slice(0, 9).map((label, place) => [String(place + 1), words(label)]);
  const others = Object.entries(KEYS).map(([key, [what]]) => [key, what]);
  for (const [key, what] of [...answerKeys, ...others]) at("keys").append(make("dt", {}, make("kbd", {}, key)), make("dd", {}, what));
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem("radsieve-theme", theme);
  } catch { /* the next visit follows the system again */ }
}

function firstTheme() {
  try {
    const kept = localStorage.getItem("radsieve-theme");
    if (kept) return kept;
  } catch { /* as the system has it */ }
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

let typing = 0;
function search() {
  clearTimeout(typing);
  const next = at("search").value.trim().toLowerCase();
  if (next === wanted) return;
  wanted = next;
  filter();
}
at("search").addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(search, 120);
});
// Not later: the list would be drawn anew under whoever writes a note already.
at("search").addEventListener("blur", search);
at("search").addEventListener("keydown", (event) => {
  if (event.key === "Enter" || event.key === "Escape") at("search").blur();
});
at("order").addEventListener("change", () => { filter(); at("order").blur(); });
at("theme").addEventListener("click", () => KEYS.t[1]());
at("export").addEventListener("click", save);
at("clear").addEventListener("click", () => {
  for (const values of Object.values(chosen)) values.clear();
  at("search").value = wanted = "";
  filter();
});
at("forget").addEventListener("click", () => {
  if (!corrections.size || !confirm(`Forget ${corrections.size} corrections? Export them first if you need them.`)) return;
  for (const id of [...corrections.keys()]) keep(id, null);
  past.length = 0;
  filter();
});
new IntersectionObserver((seen) => {
  if (seen.some((one) => one.isIntersecting)) draw(drawn + CHUNK);
}, { rootMargin: "1500px" }).observe(at("more"));
new ResizeObserver(() => {
  const height = document.querySelector(".top").offsetHeight;
  document.documentElement.style.setProperty("--top", `${height}px`);
}).observe(document.querySelector(".top"));
if (matchMedia("(max-width: 52rem)").matches) at("panel").open = false;

setTheme(firstTheme());
drawFacets();
drawKeys();
filter();
