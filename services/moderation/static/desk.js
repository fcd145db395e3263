// The desk with a keyboard: decides at once, tells the server behind, and undoes.
// Everything here also works as plain forms, only slower.

import { append, atHand, begin, card, cards, list, move, remove, restore, stamp, take } from "./cards.js";
import { ask, letGo, moreCards, words } from "./requests.js";

const LARGEST_PAGE = 24;
const REFILL_BELOW = 12;
const HEARTBEAT = 45_000;
// Undoing stays possible after this, by Z and on the other tabs.
const SAID_FOR = 12_000;
let hiding = 0;
const waitingTab = words.tab === "waiting";
const STATE_OF = { approve: "approved", reject: "rejected", "take-down": "taken-down", revert: "pending" };
const TAB_OF = { pending: "waiting", approved: "approved", rejected: "rejected", "taken-down": "rejected" };

const said = document.getElementById("said");
const undoButton = document.getElementById("undo");
const pill = document.getElementById("more");
const help = document.getElementById("help");
const zoom = document.getElementById("zoom");
const decisions = [];
// What must be answered before the next request about an item is sent.
const underWay = new Map();

for (const part of document.querySelectorAll(".needs-script:not(#more)")) part.hidden = false;
for (const part of document.querySelectorAll(".no-script")) part.hidden = true;

function say(sentence, values = {}) {
  said.textContent = Object.entries(values).reduce((text, [k, v]) => text.replace(`{${k}}`, v), sentence);
  undoButton.hidden = decisions.length === 0;
  const toast = said.parentElement;
  toast.classList.add("shown");
  clearTimeout(hiding);
  hiding = setTimeout(() => toast.matches(":focus-within, :hover") || toast.classList.remove("shown"), SAID_FOR);
}

function count(state, step) {
  const place = document.querySelector(`[data-count="${TAB_OF[state]}"]`);
  if (place) place.textContent = Math.max(0, Number(place.textContent) + step);
}

// One request after the other about one item.
function inTurn(item, work) {
  const turn = (underWay.get(item) ?? Promise.resolve()).catch(() => {}).then(work);
  underWay.set(item, turn);
  return turn;
}

// Where a decision leads. An approval that finds a child waits for a second person.
function outcomeOf({ state, people: presumed, proposed }, action, people) {
  if (action === "revert" && state === "taken-down") return "approved";
  const proposes = action === "approve" && (people || presumed) === "child" && proposed === undefined;
  return proposes ? "pending" : STATE_OF[action];
}

async function decide(chosen, action, reasons = [], note = "", people = null) {
  if (!chosen?.isConnected) return;
  const { item, state: before } = chosen.dataset;
  const after = outcomeOf(chosen.dataset, action, people);
  const entry = { item, after, before, place: remove(chosen) };
  if (action !== "revert") decisions.push(entry);
  count(before, -1);
  count(after, 1);
  const told = { approved: "approved", pending: "proposed", rejected: "rejected", "taken-down": "takenDown" };
  say(action === "revert" ? words.undone : words[told[after]]);
  entry.outcome = inTurn(item, () =>
    ask(`/desk/items/${item}/${action}`, {
      version: Number(chosen.dataset.version),
      lease: chosen.dataset.lease,
      reasons,
      note,
      people,
    }),
  );
  try {
    const standing = await entry.outcome;
    entry.version = standing.version;
    refill(REFILL_BELOW);
  } catch (refusal) {
    forget(entry);
    count(before, 1);
    count(after, -1);
    refused(refusal, entry);
  }
}

function forget(entry) {
  const here = decisions.indexOf(entry);
  if (here >= 0) decisions.splice(here, 1);
}

function refused(refusal, entry) {
  if (refusal.code === "stale-version") say(refusal.winner ? words.first : words.changed, { name: refusal.winner });
  else if (refusal.code === "lease-lost") say(words.lost);
  else if (refusal.code === "item-withdrawn") say(words.withdrawn);
  else if (refusal.code.startsWith("own-")) say(words.own);
  else {
    restore(entry.place);
    say(refusal.code === "sign-in-required" ? words.session : refusal.code === "reason-missing" ? words.reason : words.failed);
    return;
  }
  refreshCounts();
  refill(REFILL_BELOW);
}

async function undo() {
  const entry = decisions.pop();
  const byForm = document.getElementById("undo-last");
  if (!entry && byForm) return byForm.requestSubmit();
  if (!entry) return say(words.nothing);
  restore(entry.place);
  count(entry.after, -1);
  count(entry.before, 1);
  say(words.undone);
  const { item } = entry;
  try {
    const standing = await inTurn(item, async () => {
      const { version } = await entry.outcome;
      return ask(`/desk/items/${item}/revert`, { version });
    });
    stamp(entry.place.card, standing.version, standing.lease);
  } catch {
    if (entry.place.card.isConnected) remove(entry.place.card);
    say(words.failed);
    refreshCounts();
  }
}

let refilling = false;
async function refill(below = LARGEST_PAGE) {
  const room = LARGEST_PAGE - list.children.length;
  if (!waitingTab || refilling || list.children.length >= below) return;
  refilling = true;
  try {
    if (append(await moreCards(room)) && below === LARGEST_PAGE) say(words.new);
  } catch {
    // The next decision or arrival asks again.
  } finally {
    refilling = false;
    refreshCounts();
  }
}

// How many items of the list that is shown are not held, and not for a colleague to decide.
const waitingIn = (found) =>
  ({ "": found.waiting - found.held - found.own, late: found.late, paused: found.paused, "second-look": found.second_looks })[words.lane] ?? 0;

let counting = 0;
function refreshCounts() {
  clearTimeout(counting);
  counting = setTimeout(async () => {
    const all = await ask("/desk/counts.json", undefined, "GET").catch(() => []);
    const found = all.find((entry) => entry.campaign === words.campaign);
    if (!found) return;
    for (const place of document.querySelectorAll("[data-count]")) place.textContent = found[place.dataset.count];
    for (const place of document.querySelectorAll("[data-lane-count]")) place.textContent = found[place.dataset.laneCount];
    const beyond = waitingIn(found) - list.children.length;
    pill.hidden = !waitingTab || beyond <= 0 || list.children.length < LARGEST_PAGE;
    pill.firstElementChild.textContent = words.more.replace("{number}", beyond);
  }, 400);
}

async function renew() {
  const held = cards().map((c) => c.dataset.lease).filter(Boolean);
  if (!waitingTab || !held.length) return;
  const still = await ask("/desk/leases/renew", { tokens: held }).catch(() => null);
  if (!still) return;
  for (const lost of cards().filter((c) => held.includes(c.dataset.lease) && !still.tokens.includes(c.dataset.lease))) {
    if (underWay.has(lost.dataset.item)) continue;
    remove(lost);
    say(words.lost);
  }
}

// News.

const news = new EventSource(`/desk/live?campaign=${encodeURIComponent(words.campaign)}`);
const on = (kind, handler) => news.addEventListener(kind, (event) => handler(JSON.parse(event.data)));
let arriving = 0;

on("waiting", ({ item, version, by }) => {
  const known = card(item);
  if (known && Number(known.dataset.version) < version && by !== words.account && waitingTab) {
    remove(known);
    say(words.changed);
    letGo([known.dataset.lease]);
  }
  refreshCounts();
  clearTimeout(arriving);
  if (!known || !known.isConnected) arriving = setTimeout(refill, by === words.account ? 1500 : 150);
});
on("decided", ({ item, version, state }) => {
  const known = card(item);
  if (known && Number(known.dataset.version) < version && known.dataset.state !== state) {
    remove(known);
    say(words.lost);
  }
  refreshCounts();
});
on("withdrawn", ({ item }) => {
  for (const entry of decisions.filter((d) => d.item === item)) forget(entry);
  const known = card(item);
  if (known) {
    remove(known);
    say(words.withdrawn);
  }
  refreshCounts();
  refill(REFILL_BELOW);
});
on("start-over", () => {
  renew();
  refreshCounts();
  refill(REFILL_BELOW);
});
news.addEventListener("error", () => say(words.offline));
news.addEventListener("open", () => {
  if (said.textContent === words.offline) said.parentElement.classList.remove("shown");
});

setInterval(() => document.visibilityState === "visible" && renew(), HEARTBEAT);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && renew());
addEventListener("pagehide", () => waitingTab && letGo(cards().map((c) => c.dataset.lease).filter(Boolean)));
addEventListener("pageshow", (event) => event.persisted && location.reload());

// Hands.

list.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.action) return;
  event.preventDefault();
  const chosen = form.closest(".card");
  const given = new FormData(form, event.submitter);
  decide(chosen, form.dataset.action, given.getAll("reasons"), given.get("note") ?? "", given.get("people"));
});
list.addEventListener("click", (event) => {
  const link = event.target.closest("[data-zoom]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  enlarge(link);
});
undoButton.addEventListener("click", undo);
pill.addEventListener("click", (event) => {
  event.preventDefault();
  location.reload();
});

function enlarge(link) {
  if (!link) return;
  const photo = document.createElement("img");
  photo.src = link.href;
  photo.alt = link.querySelector("img").alt;
  zoom.querySelector(".large").replaceChildren(photo);
  zoom.showModal();
}
zoom.addEventListener("click", (event) => event.target.closest("button") || zoom.close());

function openPanel(chosen, kind) {
  const panel = chosen?.querySelector(`details.${kind}`);
  if (!panel) return;
  for (const other of list.querySelectorAll("details.panel[open]")) other.open = other === panel;
  panel.open = true;
  panel.querySelector("summary").focus({ preventScroll: true });
}

function answer(number, chosen) {
  const panel = chosen?.querySelector("details.panel[open]");
  const button = panel?.querySelectorAll("button[name]")[number - 1];
  if (!button) return;
  const note = button.parentElement.querySelector("input[name=note]");
  if (note && !note.value.trim()) note.focus();
  else button.form.requestSubmit(button);
}

// Keys.

const KEYS_OFF = "desk-keys-off";
const keysOn = document.getElementById("keys-on");
keysOn.checked = localStorage.getItem(KEYS_OFF) === null;
keysOn.addEventListener("change", () =>
  keysOn.checked ? localStorage.removeItem(KEYS_OFF) : localStorage.setItem(KEYS_OFF, "1"),
);
document.getElementById("open-help").addEventListener("click", () => help.showModal());

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  ArrowRight: () => move(1),
  ArrowDown: () => move(1),
  ArrowLeft: () => move(-1),
  ArrowUp: () => move(-1),
  a: () => atHand()?.dataset.state === "pending" && decide(atHand(), "approve"),
  p: () => openPanel(atHand(), "people"),
  r: () => openPanel(atHand(), "refuse"),
  z: undo,
  "?": () => help.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const typing = event.target.closest("input, textarea, select, dialog");
  if (event.key === "Escape" && list.querySelector("details.panel[open]")) {
    const open = list.querySelector("details.panel[open]");
    open.open = false;
    take(open.closest(".card"));
    return;
  }
  if (typing || !keysOn.checked) return;
  if ((event.key === "Enter" || event.key === " ") && event.target.matches(".card, body")) {
    event.preventDefault();
    enlarge(atHand()?.querySelector("[data-zoom]"));
    return;
  }
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (/^[1-9]$/.test(key)) answer(Number(key), atHand());
  else if (Object.hasOwn(KEYS, key) && !(event.repeat && "aprz".includes(key))) {
    event.preventDefault();
    KEYS[key]();
  }
});

if (!location.hash && document.activeElement === document.body) begin();
