// The grid of films: only what is in sight is in the page, and a page of films is one picture.
"use strict";

const PATH = document.body.dataset.path;
const TOKEN = document.body.dataset.token;
const PAGE = 120; // films of one sprite
const KEPT_PAGES = 24;
const WORDS_PX = 32;
const EDGE_PX = 10; // padding and border of a film, both sides
const SEEN_AFTER_MS = 300; // a film that stood still for so long was on the screen
const IDLE_AFTER_MS = 60000; // nobody looks any more
const FILTERS = ["label", "decision", "reason", "low", "high", "youngest", "oldest", "sex", "view"];

const at = (id) => document.getElementById(id);
const many = (count, word) => `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;

async function ask(path, options) {
  let answer;
  try {
    answer = await fetch(`${PATH}${path}`, options);
  } catch {
    throw new Error("radsieve does not answer; is `radsieve browse` or `radsieve up` still running?");
  }
  const content = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    const error = new Error(content.error || `the server answered ${answer.status}`);
    error.status = answer.status;
    throw error;
  }
  return content;
}

function post(path, body) {
  const headers = { "Content-Type": "application/json", "X-Radsieve-Token": TOKEN };
  return ask(path, { method: "POST", headers, body: JSON.stringify(body) });
}

// Films of one search, fetched by the page and kept for a while.
class Films {
  constructor(result, side, onNews) {
    this.result = result;
    this.side = side;
    this.onNews = onNews;
    this.pages = new Map();
  }

  get(row) {
    const page = this.pages.get(Math.floor(row / PAGE));
    return page && page.films ? { film: page.films[row % PAGE], page, place: row % PAGE } : null;
  }

  // Begin to fetch what is missing among these rows.
  want(first, last, sidePx) {
    for (let number = Math.floor(first / PAGE); number <= Math.floor(last / PAGE); number += 1) {
      const known = this.pages.get(number);
      if (known) {
        this.pages.delete(number); // to the end: it is the last one to go
        this.pages.set(number, known);
        this.draw(known, sidePx);
      } else {
        this.fetch(number, sidePx);
      }
    }
    for (const number of this.pages.keys()) {
      if (this.pages.size <= KEPT_PAGES) break;
      this.pages.delete(number);
    }
  }

  async fetch(number, sidePx) {
    const page = { films: null, sprites: {}, ready: null };
    this.pages.set(number, page);
    const query = `result=${this.result}&side=${this.side}&offset=${number * PAGE}&count=${PAGE}`;
    try {
      const content = await ask(`/films?${query}`);
      page.films = content.films;
      page.rows = content.rows;
      this.draw(page, sidePx);
      this.onNews();
    } catch (error) {
      this.pages.delete(number);
      if (error.status === 410) search();
      else say(error.message);
    }
  }

  draw(page, sidePx) {
    if (!page.films || !page.films.length || page.sprites[sidePx]) return;
    const picture = new Image();
    page.sprites[sidePx] = picture;
    picture.onload = () => {
      page.ready = picture;
      this.onNews();
    };
    picture.src = `${PATH}/sprite?px=${sidePx}&rows=${page.rows}`;
  }

  // Ask for the films again, without a flicker: their labels have changed.
  async renew() {
    for (const [number, page] of [...this.pages]) {
      if (!page.films) continue;
      const query = `result=${this.result}&side=${this.side}&offset=${number * PAGE}&count=${PAGE}`;
      page.films = (await ask(`/films?${query}`)).films;
    }
    this.onNews();
  }
}

// A list of films that scrolls; row(index) is the place in the search of the film at an index.
class Pane {
  constructor(element) {
    this.element = element;
    this.scroller = element.querySelector(".films");
    this.room = document.createElement("div");
    this.room.className = "room";
    this.scroller.append(this.room);
    this.cells = new Map();
    this.spare = [];
    this.focus = 0;
    this.count = 0;
    this.row = (index) => index;
    this.films = null;
    this.scroller.addEventListener("scroll", () => this.later());
    this.scroller.addEventListener("click", (event) => this.click(event));
    this.scroller.addEventListener("dblclick", () => openLarge());
    this.scroller.addEventListener("focus", () => { active = this; });
    new ResizeObserver(() => this.later()).observe(this.scroller);
  }

  show(films, count, row) {
    this.films = films;
    this.count = count;
    this.row = row;
    this.focus = Math.min(this.focus, Math.max(0, count - 1));
    this.scroller.scrollTop = 0;
    this.focus = 0;
    this.wanted = null;
    this.drop();
    this.later();
  }

  drop() {
    for (const cell of this.cells.values()) {
      cell.remove();
      this.spare.push(cell);
    }
    this.cells.clear();
  }

  get columns() {
    return Math.max(1, Math.floor((this.scroller.clientWidth - 8) / (sizePx + EDGE_PX)));
  }

  get rowPx() {
    return sizePx + EDGE_PX + WORDS_PX;
  }

  later() {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  // The indices in sight, and one row more on each side.
  sight(margin) {
    const { columns, rowPx } = this;
    const top = Math.floor(this.scroller.scrollTop / rowPx) - margin;
    const bottom = Math.ceil((this.scroller.scrollTop + this.scroller.clientHeight) / rowPx) + margin;
    return [Math.max(0, top * columns), Math.min(this.count, bottom * columns) - 1];
  }

  draw() {
    if (!this.films || this.element.hidden) return;
    const [first, last] = this.sight(1);
    this.room.style.height = `${Math.ceil(this.count / this.columns) * this.rowPx}px`;
    for (const [index, cell] of this.cells) {
      if (index < first || index > last) {
        cell.remove();
        this.cells.delete(index);
        this.spare.push(cell);
      }
    }
    for (let index = first; index <= last; index += 1) this.fill(index);
    this.fetchSoon(first, last);
    markSeenSoon();
  }

  // While somebody scrolls past thousands of films, none of them is asked for.
  fetchSoon(first, last) {
    const now = performance.now();
    const fetch = () => {
      this.asked = performance.now();
      if (this.count && last >= first) {
        const rows = [this.row(first), this.row(last)].sort((one, other) => one - other);
        this.films.want(rows[0], rows[1], spritePx());
      }
    };
    clearTimeout(this.timer);
    if (!this.asked || now - this.asked > 250) fetch();
    else this.timer = setTimeout(fetch, 60);
  }

  fill(index) {
    let cell = this.cells.get(index);
    if (!cell) {
      cell = this.spare.pop() || newCell();
      cell.dataset.index = index;
      cell.id = `${this.element.id}-${index}`;
      this.cells.set(index, cell);
      this.room.append(cell);
      cell.shown = null;
    }
    const { columns, rowPx } = this;
    const left = (index % columns) * (sizePx + EDGE_PX) + 4;
    cell.style.transform = `translate(${left}px, ${Math.floor(index / columns) * rowPx}px)`;
    cell.style.width = `${sizePx + EDGE_PX}px`;
    cell.style.height = `${rowPx}px`;
    const known = this.films.get(this.row(index));
    fillCell(cell, known);
    const id = known && known.film ? known.film.id : "";
    const isSelected = selected.has(id);
    cell.classList.toggle("selected", isSelected);
    cell.setAttribute("aria-selected", isSelected);
    cell.classList.toggle("focus", index === this.focus && active === this);
    if (index === this.focus) this.scroller.setAttribute("aria-activedescendant", cell.id);
  }

  film(index) {
    const known = this.films && this.count ? this.films.get(this.row(index)) : null;
    return known ? known.film : null;
  }

  click(event) {
    const cell = event.target.closest(".film");
    if (!cell) return;
    active = this;
    const index = Number(cell.dataset.index);
    if (event.shiftKey) selectRange(this, this.focus, index);
    else toggle(this.film(index));
    this.go(index);
  }

  go(index) {
    this.focus = Math.max(0, Math.min(this.count - 1, index));
    const top = Math.floor(this.focus / this.columns) * this.rowPx;
    const { scrollTop, clientHeight } = this.scroller;
    if (top < scrollTop) this.scroller.scrollTop = top;
    else if (top + this.rowPx > scrollTop + clientHeight) {
      this.scroller.scrollTop = top + this.rowPx - clientHeight;
    }
    this.later();
    if (!at("large").hidden) openLarge();
    showSelection();
  }
}

function newCell() {
  const cell = document.createElement("div");
  cell.className = "film";
  cell.setAttribute("role", "option");
  cell.innerHTML =
    '<div class="frame"><div class="picture"></div></div>' +
    '<div class="words"><div class="what"><span class="name"></span><span class="p"></span></div>' +
    '<div class="more"></div></div>';
  return cell;
}

function fillCell(cell, known) {
  const frame = cell.firstChild;
  frame.style.width = frame.style.height = `${sizePx}px`;
  const picture = frame.firstChild;
  const film = known && known.film;
  if (!film) {
    picture.style.backgroundImage = "";
    cell.classList.remove("bad");
    cell.ariaLabel = "";
    for (const part of cell.querySelectorAll(".name, .p, .more")) part.textContent = "";
    return;
  }
  cell.classList.toggle("bad", film.bad);
  cell.querySelector(".name").textContent = film.label;
  cell.querySelector(".p").textContent = film.p === null ? "" : film.p.toFixed(2);
  cell.querySelector(".more").textContent = moreWords(film);
  cell.setAttribute("aria-label", `film ${film.id}, ${film.label} ${film.p ?? ""}, ${film.how}`);
  cell.title = `${film.id}\n${film.label}\n${film.how}${film.reason ? `\n${film.reason}` : ""}`;
  drawPicture(picture, known);
}

function drawPicture(picture, known) {
  const { film, page, place } = known;
  if (!page.ready) {
    picture.style.backgroundImage = "";
    return;
  }
  // In the sprite films are squares; here they get their shape back.
  const longest = Math.max(film.w, film.h);
  const wide = Math.max(1, (sizePx * film.w) / longest);
  const high = Math.max(1, (sizePx * film.h) / longest);
  const columns = Math.min(setup.sprite.columns, page.films.length);
  const rows = Math.ceil(page.films.length / setup.sprite.columns);
  const style = picture.style;
  style.width = `${wide}px`;
  style.height = `${high}px`;
  style.backgroundImage = `url("${page.ready.src}")`;
  style.backgroundSize = `${columns * wide}px ${rows * high}px`;
  const column = place % setup.sprite.columns;
  const row = Math.floor(place / setup.sprite.columns);
  style.backgroundPosition = `${-column * wide}px ${-row * high}px`;
}

function moreWords(film) {
  if (film.waits) return "waits for review";
  if (film.decided) return film.how;
  const age = film.age === null ? "" : `${film.age} y`;
  return [age, film.sex, film.view].filter(Boolean).join(" · ");
}

let setup = null;
let task = null;
let found = null;
let sizePx = 140;
let like = "";
let isCut = false;
let turn = 0;
const selected = new Set();
const seen = new Set();
const undos = [];
const panes = { all: new Pane(at("all")), below: new Pane(at("below")), above: new Pane(at("above")) };
let active = panes.all;
const visiblePanes = () => (isCut ? [panes.below, panes.above] : [panes.all]);
const redraw = () => visiblePanes().forEach((pane) => pane.later());

function spritePx() {
  return sizePx * Math.min(2, devicePixelRatio) > 160 ? 256 : 128;
}

// ---- what was on the screen, and for how long

let lastAct = performance.now();
let lookedMs = 0;
let lastTick = performance.now();
for (const kind of ["pointermove", "pointerdown", "keydown", "wheel"]) {
  addEventListener(kind, () => { lastAct = performance.now(); }, { passive: true });
}
function tick() {
  const now = performance.now();
  const isThere = document.visibilityState === "visible" && now - lastAct < IDLE_AFTER_MS;
  if (isThere) lookedMs += now - lastTick;
  lastTick = now;
}
setInterval(tick, 500);

let seenTimer = 0;
function markSeenSoon() {
  clearTimeout(seenTimer);
  seenTimer = setTimeout(() => {
    if (document.visibilityState !== "visible") return;
    for (const pane of visiblePanes()) {
      const [first, last] = pane.sight(0);
      for (let index = first; index <= last; index += 1) {
        const known = pane.films && pane.films.get(pane.row(index));
        if (known && known.film && known.page.ready) seen.add(known.film.id);
      }
    }
  }, SEEN_AFTER_MS);
}

// ---- searching

function options(select, choices, first, counts) {
  const kept = select.value;
  select.replaceChildren();
  if (first) select.append(new Option(first, ""));
  for (const { name, words } of choices) {
    const count = counts ? counts[name] : undefined;
    select.append(new Option(count === undefined ? words : `${words} (${count.toLocaleString("en")})`, name));
  }
  if ([...select.options].some((option) => option.value === kept)) select.value = kept;
}

function query() {
  const values = new URLSearchParams({ task: at("task").value, order: at("order").value });
  for (const name of FILTERS) if (at(name).value) values.set(name, at(name).value);
  if (values.get("order") === "similar") values.set("like", like);
  return values;
}

async function search() {
  const mine = (turn += 1);
  if (at("order").value === "similar" && !like) at("order").value = "probable";
  const values = query();
  history.replaceState(null, "", `#${values}${isCut ? "&cut=1" : ""}`);
  try {
    const answer = await ask(`/search?${values}`);
    if (mine !== turn) return;
    found = answer;
    showResult();
  } catch (error) {
    if (mine === turn) say(error.message);
  }
}

function showResult() {
  const noFilms = !found.films;
  at("count").textContent = noFilms ? "" : `${many(found.total, "film")} of ${found.films.toLocaleString("en")}`;
  at("like").hidden = at("order").value !== "similar";
  at("like").textContent = `similar to ${like.slice(0, 8)}…, measured on ${found.measured_on}`;
  at("select-all").hidden = !found.total || isCut;
  at("select-all").textContent = `Select the first ${Math.min(found.total, setup.limits.send).toLocaleString("en")}`;
  at("warning").textContent = noFilms ? "" : unpredicted();
  options(at("label"), task.labels, "anything", found.counts.label);
  options(at("decision"), setup.decisions, "in any way", found.counts.decision);
  options(at("reason"), setup.reasons, "of anything", found.counts.reason);
  const films = new Films(found.result, "all", redraw);
  panes.all.show(films, found.total, (index) => index);
  at("cut-at").value = Math.round(found.cut.at * 1000);
  cutFilms = new Films(found.result, "ascending", redraw);
  showCut();
  showPanes();
}

function unpredicted() {
  if (task.by_rule) {
    if (found.predicted) return "A rule suspects these films: the numbers are scores, not probabilities.";
    const apply = `apply it with \`radsieve rules ${task.name}\``;
    return `A rule decides this question, so there are no probabilities; ${apply}.`;
  }
  if (!found.predicted) {
    const train = task.sums_up ? "a detector" : `\`radsieve train ${task.name}\` and \`radsieve sweep\``;
    return `No predictions yet: ${task.sums_up ? "train and sweep with" : "make them with"} ${train}.`;
  }
  const missing = found.films - found.predicted;
  return missing ? `${many(missing, "film")} without a prediction: \`radsieve sweep\` makes them.` : "";
}

function showPanes() {
  const isEmpty = !found.total;
  panes.all.element.hidden = isCut || isEmpty;
  panes.below.element.hidden = panes.above.element.hidden = !isCut || isEmpty;
  at("cut").hidden = !isCut || isEmpty;
  at("cut-toggle").setAttribute("aria-pressed", isCut);
  at("empty").hidden = !isEmpty && !(isCut && !found.cut.known);
  at("empty").firstElementChild.textContent = emptyWords();
  if (isCut === (active === panes.all)) active = isCut ? panes.above : panes.all;
  redraw();
}

function emptyWords() {
  if (!found.films) return "There are no films yet.\nAdd them with `radsieve index FOLDER`, then reload this page.";
  if (!found.total) return "No film fits these filters. Clear some of them.";
  return "None of these films has a probability, so there is nothing to cut.";
}

// ---- the cut-off

let cutFilms = null;

function showCut() {
  const step = Number(at("cut-at").value);
  const { below, known } = found.cut;
  const under = below[step];
  at("cut-value").textContent = (step / 1000).toFixed(3);
  panes.below.show(cutFilms, under, (index) => under - 1 - index);
  panes.above.show(cutFilms, known - under, (index) => under + index);
  const words = [["below", under, "below"], ["above", known - under, "at or above"]];
  for (const [side, count, where] of words) {
    at(side).querySelector(".side").textContent = `${many(count, "film")} ${where}, the nearest first`;
    const button = at(side).querySelector("button");
    button.hidden = !count;
    button.textContent = `Select the nearest ${Math.min(count, setup.limits.send).toLocaleString("en")}`;
  }
}

async function keepCut() {
  const body = { task: task.name, label: at("label").value, at: Number(at("cut-at").value) / 1000 };
  await attempt(async () => {
    await post("/cut-off", body);
    say(`The cut-off ${body.at.toFixed(3)} is kept in the workspace.`);
  });
}

// ---- selecting

function toggle(film) {
  if (!film) return;
  if (!selected.delete(film.id)) selected.add(film.id);
  showSelection();
}

async function idsOf(pane, first, last) {
  const rows = [pane.row(first), pane.row(last)].sort((one, other) => one - other);
  const count = Math.min(rows[1] - rows[0] + 1, setup.limits.ids);
  const values = `result=${found.result}&side=${pane.films.side}&offset=${rows[0]}&count=${count}`;
  return (await ask(`/ids?${values}`)).films;
}

function selectRange(pane, first, last) {
  return attempt(async () => {
    for (const id of await idsOf(pane, Math.min(first, last), Math.max(first, last))) selected.add(id);
    showSelection();
  });
}

function showSelection() {
  const count = selected.size;
  at("selected").textContent = count
    ? `${many(count, "film")} selected`
    : "Nothing is selected: click a film, or press x.";
  at("clear-selection").hidden = !count;
  at("send").disabled = !count || !task || !task.can_send;
  at("similar").disabled = !active.film(active.focus);
  for (const button of at("labels").children) if (button.dataset.label) button.disabled = !count;
  redraw();
}

function showLabels() {
  const box = at("labels");
  box.replaceChildren();
  if (!task.can_label) {
    const words = document.createElement("span");
    words.textContent = task.sums_up
      ? "To label films, choose the question they answer."
      : "Boxes are drawn in Label Studio.";
    box.append(words);
    return;
  }
  task.labels.forEach(({ name, words }, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.label = name;
    button.textContent = `${place + 1} ${words}`;
    button.addEventListener("click", () => label(name, words));
    box.append(button);
  });
}

// ---- doing

async function attempt(work) {
  try {
    await work();
  } catch (error) {
    say(error.message);
  }
}

function reviewer() {
  const name = at("reviewer").value.trim();
  if (!name || !at("reviewer").checkValidity()) {
    at("reviewer").focus();
    say("Give a pseudonym first: letters, digits, _ and -; it is kept in this browser.");
    return null;
  }
  localStorage.setItem("radsieve-grid-reviewer", name);
  return name;
}

async function label(name, words) {
  const who = reviewer();
  if (!who || !selected.size) return;
  const films = [...selected].filter((id) => seen.has(id));
  const unseen = selected.size - films.length;
  if (!films.length || films.length > setup.limits.label) {
    say(films.length
      ? `At most ${setup.limits.label} films can be labelled at once.`
      : "None of the selected films has been on your screen: look at them first.");
    return;
  }
  tick();
  const body = { task: task.name, label: name, films, reviewer: who, seconds: lookedMs / 1000 };
  say(`Saving ${many(films.length, "film")} …`);
  await attempt(async () => {
    const answer = await post("/label", body);
    lookedMs = 0;
    undos.push({ undo: answer.undo, reviewer: who });
    for (const id of films) selected.delete(id);
    const left = unseen ? ` ${many(unseen, "film")} that never were on your screen stay selected.` : "";
    say(`${many(answer.labelled, "film")} labelled ${words}.${left}`, takeBack);
    await renew();
  });
}

async function takeBack() {
  const last = undos.pop();
  if (!last) {
    say("There is nothing to take back.");
    return;
  }
  await attempt(async () => {
    const answer = await post("/take-back", last);
    say(`Taken back: the labels of ${many(answer.taken_back, "film")}.`);
    await renew();
  });
}

async function send() {
  const who = reviewer();
  if (!who || !selected.size) return;
  if (selected.size > setup.limits.send) {
    say(`At most ${setup.limits.send.toLocaleString("en")} films can be sent at once.`);
    return;
  }
  await attempt(async () => {
    const answer = await post("/send", { task: task.name, films: [...selected], reviewer: who });
    const waits = answer.waiting ? ` ${many(answer.waiting, "film")} wait already.` : "";
    const next = answer.sent ? " They come with the next push." : "";
    say(`${many(answer.sent, "film")} sent to review.${waits}${next}`);
    selected.clear();
    await renew();
  });
}

async function renew() {
  showSelection();
  await Promise.all([panes.all.films.renew(), cutFilms.renew()]);
  if (!at("large").hidden) openLarge();
}

function similar() {
  const film = active.film(active.focus);
  if (!film) return;
  like = film.id;
  at("order").value = "similar";
  isCut = false;
  search();
}

let toastTimer = 0;
function say(words, undo) {
  const toast = at("toast");
  toast.firstElementChild.textContent = words;
  toast.querySelector("button").hidden = !undo;
  toast.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { toast.hidden = true; }, undo ? 12000 : 6000);
}

// ---- one film

let largeTurn = 0;
async function openLarge() {
  const film = active.film(active.focus);
  if (!film) return;
  const mine = (largeTurn += 1);
  at("large").hidden = false;
  at("large-picture").src = `${PATH}/film/${film.id}.jpg`;
  at("large-id").textContent = film.id;
  await attempt(async () => {
    const card = await ask(`/film/${film.id}?task=${task.name}`);
    if (mine !== largeTurn) return;
    at("large-size").textContent = `${card.size_px[0]} × ${card.size_px[1]} pixels`;
    const shares = Object.entries(card.probabilities).sort((one, other) => other[1] - one[1]);
    list(at("large-probabilities"), shares.map(([words, p]) => `${words} ${p.toFixed(4)}`));
    list(at("large-notes"), card.notes.map((note) => `${note.at.slice(0, 16).replace("T", " ")} ${note.words}`));
  });
}

function list(element, lines) {
  element.replaceChildren(...lines.map((line) => {
    const item = document.createElement("li");
    item.textContent = line;
    return item;
  }));
}

function closeLarge() {
  at("large").hidden = true;
  at("large-picture").removeAttribute("src");
}

// ---- keys

function move(event) {
  const { columns, rowPx, scroller } = active;
  const page = Math.max(1, Math.floor(scroller.clientHeight / rowPx)) * columns;
  const steps = {
    ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns,
    PageUp: -page, PageDown: page, Home: -active.count, End: active.count,
  };
  const step = steps[event.key];
  if (step === undefined || !active.count) return false;
  const from = active.focus;
  active.go(from + step);
  if (event.shiftKey) selectRange(active, from, active.focus);
  return true;
}

const KEYS = {
  x: () => toggle(active.film(active.focus)),
  " ": () => (at("large").hidden ? openLarge() : closeLarge()),
  s: similar,
  u: takeBack,
  r: search,
  "/": () => at("task").focus(),
  Escape: () => {
    if (!at("help").hidden) showHelp();
    else if (!at("large").hidden) closeLarge();
    else { selected.clear(); showSelection(); }
  },
};

function showHelp() {
  at("help").hidden = !at("help").hidden;
  at("help-toggle").setAttribute("aria-expanded", !at("help").hidden);
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || !task) return;
  const isField = event.target.closest("input, select, textarea");
  if (isField) {
    if (event.key === "Escape") active.scroller.focus();
    return;
  }
  if (event.target.closest("button") && (event.key === " " || event.key === "Enter")) return;
  const place = Number(event.key) - 1;
  const choice = task.can_label && event.key >= "1" && event.key <= "9" && task.labels[place];
  if (choice) label(choice.name, choice.words);
  else if (KEYS[event.key]) KEYS[event.key]();
  else if (!move(event)) return;
  event.preventDefault();
});

// ---- beginning

function chooseTask() {
  task = setup.tasks.find(({ name }) => name === at("task").value);
  at("question").textContent = task.question;
  options(at("label"), task.labels, "anything");
  at("label").value = "";
  at("probability-words").textContent = "Probability";
  selected.clear();
  showLabels();
}

function showProbabilityWords() {
  const choice = task.labels.find(({ name }) => name === at("label").value);
  const expected = task.labels.find(({ name }) => name === task.expected);
  at("probability-words").textContent = `Probability of ${choice ? choice.plain : `not ${expected.plain}`}`;
}

function listen() {
  at("filters").addEventListener("submit", (event) => event.preventDefault());
  at("filters").addEventListener("change", (event) => {
    if (event.target === at("task")) chooseTask();
    showProbabilityWords();
    showSelection();
    search();
  });
  at("size").addEventListener("change", () => {
    sizePx = Number(at("size").value);
    visiblePanes().forEach((pane) => { pane.drop(); pane.go(pane.focus); });
  });
  at("clear-filters").addEventListener("click", () => {
    for (const name of FILTERS) at(name).value = "";
    like = "";
    at("order").value = "probable";
    showProbabilityWords();
    search();
  });
  at("cut-toggle").addEventListener("click", () => {
    isCut = !isCut;
    showPanes();
    showCut();
    at("select-all").hidden = !found.total || isCut;
    history.replaceState(null, "", `#${query()}${isCut ? "&cut=1" : ""}`);
  });
  at("cut-at").addEventListener("input", showCut);
  at("cut-keep").addEventListener("click", keepCut);
  at("select-all").addEventListener("click", () => selectRange(panes.all, 0, Math.min(found.total, setup.limits.send) - 1));
  for (const side of ["below", "above"]) {
    at(side).querySelector("button").addEventListener("click", () => {
      const pane = panes[side];
      selectRange(pane, 0, Math.min(pane.count, setup.limits.send) - 1);
    });
  }
  at("clear-selection").addEventListener("click", () => { selected.clear(); showSelection(); });
  at("similar").addEventListener("click", similar);
  at("send").addEventListener("click", send);
  at("help-toggle").addEventListener("click", showHelp);
  at("large-close").addEventListener("click", closeLarge);
  at("toast").querySelector("button").addEventListener("click", takeBack);
}

async function begin() {
  setup = await ask("/setup");
  options(at("task"), setup.tasks);
  options(at("order"), setup.orders);
  options(at("decision"), setup.decisions, "in any way");
  options(at("reason"), setup.reasons, "of anything");
  options(at("sex"), setup.sexes, "any");
  options(at("view"), setup.views, "any");
  const kept = new URLSearchParams(location.hash.slice(1));
  if (setup.tasks.some(({ name }) => name === kept.get("task"))) at("task").value = kept.get("task");
  chooseTask();
  like = kept.get("like") || "";
  isCut = kept.get("cut") === "1";
  for (const name of ["order", ...FILTERS]) if (kept.get(name)) at(name).value = kept.get(name);
  at("reviewer").value = localStorage.getItem("radsieve-grid-reviewer") || "";
  showProbabilityWords();
  listen();
  await search();
  active.scroller.focus();
  showSelection();
}

attempt(begin);
