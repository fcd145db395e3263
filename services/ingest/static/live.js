// Keeps a page current: asks for a small mark, and when it changed redraws only what nobody is typing in.
const FIRST = 700;
// While a turn runs a post may come at any moment, by a way that this page knows nothing of.
const CALM = 3000;
const LATEST = 20000;
const unsettled = new Set(["received", "waiting", "approved", "in-series"]);

const dirty = (field) => (field.type === "checkbox" || field.type === "radio" ? field.checked !== field.defaultChecked
  : field.tagName === "SELECT" ? [...field.options].some((o) => o.selected !== o.defaultSelected) : field.value !== field.defaultValue);
const fields = (part) => [...part.querySelectorAll("input:not([type=hidden]):not([type=file]):not([data-place]):not([data-cover]), textarea, select")];
const inUse = (part) => part.contains(document.activeElement) && document.activeElement.matches("input:not([type=file]), textarea, select, summary");
const busy = (part) => inUse(part) || fields(part).some(dirty);

function replaceIfNew(before, fresh) {
  if (before.outerHTML !== fresh.outerHTML) before.replaceWith(document.adoptNode(fresh));
}

function merge(before, fresh) {
  for (const part of fresh.querySelectorAll("[data-live]")) {
    const known = before.querySelector(`#${CSS.escape(part.id)}`);
    if (known && !inUse(known)) replaceIfNew(known, part.cloneNode(true));
  }
  for (const part of fresh.querySelectorAll("[data-words]")) {
    const known = before.querySelector(`#${CSS.escape(part.id)}`);
    if (known && !busy(known)) replaceIfNew(known, part.cloneNode(true));
  }
}

// Adds what is new and takes away what is gone; cards that stay keep what is typed in them.
function mergeList(before, fresh, reorder) {
  const known = new Map([...before.children].filter((c) => c.id).map((c) => [c.id, c]));
  const wanted = [...fresh.children].map((c) => known.get(c.id) ?? document.adoptNode(c.cloneNode(true)));
  const keep = new Set(wanted);
  for (const card of [...before.children]) if (!keep.has(card)) card.remove();
  if (reorder || wanted.some((card) => !card.isConnected)) {
    wanted.forEach((card, n) => { if (before.children[n] !== card) before.insertBefore(card, before.children[n] ?? null); });
  }
}

function mergeTurn(before, fresh) {
  const shape = (turn) => [turn.dataset.phase, ...["form.give", "form.arrange", "form.note"].map((s) => Boolean(turn.querySelector(s)))].join();
  if (shape(before) !== shape(fresh) && !busy(before)) { before.replaceWith(document.adoptNode(fresh)); return; }
  const ordered = before.querySelector("[data-arrange]")?.dataset.touched !== "yes";
  for (const list of fresh.querySelectorAll("[data-list]")) {
    const known = before.querySelector(`#${CSS.escape(list.id)}`);
    if (known) mergeList(known, list, ordered && !inUse(known));
  }
  merge(before, fresh);
  const [shown, known] = [fresh.querySelector("[data-shown]"), before.querySelector("[data-shown]")];
  if (shown && known && ordered) known.replaceWith(document.adoptNode(shown.cloneNode(true)));
}

export function live(root) {
  let mark = root.dataset.mark;
  let wait = FIRST;
  let timer = 0;
  let looking = Promise.resolve();

  async function redraw() {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".curator");
    if (!fresh) return;
    const seen = new Set();
    for (const turn of fresh.querySelectorAll("[data-turn]")) {
      seen.add(turn.id);
      const known = document.getElementById(turn.id);
      if (known && known.tagName === turn.tagName) mergeTurn(known, turn);
    }
    const here = [...root.querySelectorAll("[data-turn]")];
    const moved = here.length !== seen.size || here.some((t) => !seen.has(t.id)) || here.some((t) => t.tagName !== fresh.querySelector(`#${CSS.escape(t.id)}`)?.tagName);
    if (moved && !here.some(busy)) { location.reload(); return; }
    root.dispatchEvent(new CustomEvent("redrawn"));
  }

  async function look() {
    clearTimeout(timer);
    if (!document.hidden) {
      try {
        const answer = await fetch(root.dataset.refresh, { headers: { Accept: "application/json" }, cache: "no-store" });
        if (answer.ok) {
          const told = await answer.json();
          const news = told.mark !== mark;
          if (news) { mark = told.mark; await redraw(); }
          const open = told.mandates.some((m) => m.photos.some((p) => unsettled.has(p.state)));
          const calm = open || root.querySelector("[data-turn][data-phase=running]");
          wait = news ? FIRST : Math.min(wait * 1.3, calm ? CALM : LATEST);
        } else wait = LATEST;
      } catch { wait = Math.min(wait * 2, LATEST); }
    }
    timer = setTimeout(look, wait);
  }

  timer = setTimeout(look, wait);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) soon(); });
  window.addEventListener("online", () => soon());

  function soon() {
    wait = FIRST;
    looking = looking.then(look, look);
    return looking;
  }
  return { soon };
}
