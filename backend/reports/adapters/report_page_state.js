"use strict";
// Report text is only ever set as textContent: nothing in it can become an element.

const DATA = JSON.parse(document.getElementById("data").textContent);
const CHUNK = 40;
const FAMILY = {
  present: "present", uncertain: "open", implied: "open", planned: "open", history_only: "open",
  open: "open",
  removed: "gone", negated: "gone", foreign_metal: "other", nonmetal_implant: "other",
  line_tube: "other", external: "other", not_implant: "sense", not_mentioned: "sense",
};
const HEADING = /^([A-ZÄÖÜÁÉÍÓÚÑ][A-ZÄÖÜÁÉÍÓÚÑ /&-]{2,50}):/gm;
const words = (name) => name.replaceAll("_", " ");
const at = (id) => document.getElementById(id);

const REPORTS = DATA.reports.map(([id, text, label, status, decided, sure, hits, given], place) => ({
  id, text, label, status, sure, place, given,
  decided: decided < 0 ? null : decided,
  hits: hits.map(([start, end, state, category, rule, cue, region, side, surety]) => ({
    start, end, status: state, category, rule, cue, region, side, sure: surety,
  })),
  searched: null,
}));
const ruleOf = (report) => (report.decided === null ? "" : report.hits[report.decided].rule);

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

// ---------------------------------------------------------------- corrections: kept by the browser

const KEPT = (() => {
  try {
    const found = JSON.parse(localStorage.getItem(DATA.key) ?? "{}");
    localStorage.setItem(DATA.key, JSON.stringify(found));
    return found && typeof found === "object" ? found : {};
  } catch {
    at("warning").textContent =
      "This browser keeps nothing for this page: export your corrections before you close it.";
    at("warning").hidden = false;
    return {};
  }
})();
const corrections = new Map(
  REPORTS.filter((report) => report.given).map((report) => [report.id, report.given]),
);
// null: taken back here, although the page was made with it.
for (const [id, kept] of Object.entries(KEPT)) {
  if (kept === null) corrections.delete(id);
  else if (Array.isArray(kept) && DATA.labels.includes(kept[0])) corrections.set(id, [kept[0], String(kept[1] ?? "")]);
}
const past = [];

function keep(id, value) {
  if (value) corrections.set(id, value);
  else corrections.delete(id);
  KEPT[id] = value;
  try {
    localStorage.setItem(DATA.key, JSON.stringify(KEPT));
  } catch { /* said above */ }
}

const answerOf = (report) => corrections.get(report.id)?.[0] ?? null;

function answer(report, label) {
  const before = corrections.get(report.id) ?? null;
  past.push([report, before]);
  keep(report.id, label ? [label, before?.[1] ?? ""] : null);
  refresh(report);
  const name = label ? words(label) : "no answer";
  at("said").textContent = `${report.id}: ${name}`;
}

function undo() {
  const last = past.pop();
  if (!last) return;
  const [report, before] = last;
  keep(report.id, before);
  refresh(report);
  const place = shown.indexOf(report);
  if (place >= 0) go(place);
  at("said").textContent = `${report.id}: taken back`;
}

// ---------------------------------------------------------------- filters

// Status, kind and rule are asked of the same place in a report; label and check of the report.
const NOWHERE = { status: "not_mentioned", category: "", rule: "" };
const placesOf = (report) => (report.hits.length ? report.hits : [NOWHERE]);
const checkOf = (report) => {
  const given = answerOf(report);
  return given === null ? "not checked" : given === report.label ? "agreed" : "changed";
};
const FACETS = [
  { key: "label", title: "Label", ofReport: (report) => report.label },
  { key: "check", title: "Checked", ofReport: checkOf },
  { key: "status", title: "Status" },
  { key: "category", title: "Kind" },
  { key: "rule", title: "Rule" },
];
const chosen = Object.fromEntries(FACETS.map(({ key }) => [key, new Set()]));
let wanted = "";

const isChosen = (key, value) => chosen[key].size === 0 || chosen[key].has(value);
const fits = (place, but) =>
  FACETS.every(({ key, ofReport }) => ofReport || key === but || isChosen(key, place[key]));

function isWanted(report, but) {
  if (wanted) {
    report.searched ??= `${report.id}\n${report.text}`.toLowerCase();
    if (!report.searched.includes(wanted)) return false;
  }
  if (!FACETS.every(({ key, ofReport }) => !ofReport || key === but || isChosen(key, ofReport(report)))) return false;
  return placesOf(report).some((place) => fits(place, but));
}

function countsOf({ key, ofReport }) {
  const counts = new Map();
  for (const report of REPORTS) {
    const isIn = isWanted(report, key);
    const values = ofReport
      ? [ofReport(report)]
      : new Set(placesOf(report).filter((place) => fits(place, key)).map((place) => place[key]));
    for (const value of values) if (value) counts.set(value, (counts.get(value) ?? 0) + (isIn ? 1 : 0));
  }
  return counts;
}

const names = Object.fromEntries(FACETS.map((facet) => {
  const all = new Map();
  for (const report of REPORTS) {
    const values = facet.ofReport ? [facet.ofReport(report)] : new Set(placesOf(report).map((place) => place[facet.key]));
    for (const value of values) if (value) all.set(value, (all.get(value) ?? 0) + 1);
  }
  const order = {
    label: DATA.labels, check: ["not checked", "agreed", "changed"], status: Object.keys(FAMILY),
  }[facet.key];
  if (order) return [facet.key, order.filter((name) => facet.key === "check" || all.has(name))];
  return [facet.key, [...all.keys()].sort((one, other) => all.get(other) - all.get(one) || (one < other ? -1 : 1))];
}));
