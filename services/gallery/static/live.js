// Keeps an open page current: what is published appears, what is taken back vanishes. All else works without it.

const wall = document.querySelector("[data-live]");
const watched = document.querySelector("[data-watch]");
const said = document.querySelector("#said");
const calm = matchMedia("(prefers-reduced-motion: reduce)");

if (wall) keepCurrent(wall);
if (watched) leaveWhenGone(watched);
tellHost();

/** Follow a gallery; the browser reconnects by itself and says which version it saw last. */
function follow(address, version, react) {
  let last = version;
  let pause = 2000;
  const open = () => {
    const stream = new EventSource(`${address}?after=${last}`);
    const take = (kind) => (event) => {
      pause = 2000;
      last = event.lastEventId || last;
      react(kind, JSON.parse(event.data));
    };
    stream.addEventListener("published", take("published"));
    stream.addEventListener("unpublished", take("unpublished"));
    // A refusal (a full server, a restart behind a proxy) closes the stream for good: come back later.
    stream.addEventListener("error", () => {
      if (stream.readyState !== EventSource.CLOSED) return;
      setTimeout(open, pause);
      pause = Math.min(pause * 2, 60_000);
    });
  };
  open();
}

function keepCurrent(wall) {
  const pause = document.querySelector(".pause");
  const held = document.querySelector(".held");
  const waiting = new Map();
  let paused = false;
  let work = Promise.resolve();

  pause.hidden = false;
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.setAttribute("aria-pressed", paused);
    pause.querySelector(".label").textContent = paused ? pause.dataset.resume : pause.dataset.pause;
    if (!paused) showWaiting();
  });
  held.addEventListener("click", () => {
    showWaiting();
    wall.querySelector(".card a")?.focus({ preventScroll: true });
    document.querySelector("main").scrollIntoView({ behavior: calm.matches ? "auto" : "smooth" });
  });

  const find = (item) => wall.querySelector(`[data-item="${CSS.escape(item)}"]`);
  // New photos must not push away what somebody is looking at or has the focus in.
  const reading = () => wall.getBoundingClientRect().top < -40 || wall.contains(document.activeElement);

  follow(wall.dataset.live, wall.dataset.version, (kind, { item, more }) => {
    work = work.then(() => (kind === "published" ? fetchCard(item) : vanish(item))).catch(() => {});
    // A series is one piece of news: it is told when its last photo has come.
    if (kind === "published" && !more) work = work.then(tell);
  });

  function tell() {
    if (paused || reading()) announceWaiting();
    else showWaiting();
  }

  async function fetchCard(item) {
    const query = new URLSearchParams({ lang: document.documentElement.lang });
    if (wall.dataset.outside) query.set("outside", "1");
    const answer = await fetch(`${wall.dataset.cards}${encodeURIComponent(item)}/card?${query}`, { credentials: "omit" });
    if (!answer.ok) return;
    const template = document.createElement("template");
    template.innerHTML = await answer.text();
    const card = template.content.querySelector(".card");
    dress(card);
    const old = find(item);
    if (old) return old.replaceWith(card);
    if (wall.dataset.first) waiting.set(item, card);
  }

  function vanish(item) {
    waiting.delete(item);
    announceWaiting();
    const card = find(item);
    if (!card) return;
    const next = card.contains(document.activeElement) && (card.nextElementSibling ?? card.previousElementSibling);
    card.remove();
    if (next) next.querySelector("a")?.focus({ preventScroll: true });
    say(wall.dataset.gone);
    askForRoom();
  }

  function showWaiting() {
    if (!waiting.size) return;
    const told = news();
    for (const card of waiting.values()) {
      card.classList.add("arriving");
      place(card);
    }
    waiting.clear();
    document.querySelector(".empty")?.remove();
    held.hidden = true;
    say(told);
    askForRoom();
  }

  /** Say what waits: a photo, some photos, or a whole series. */
  function news() {
    const count = waiting.size;
    if (count === 1) return wall.dataset.one;
    const series = new Set([...waiting.values()].map((card) => card.dataset.series));
    const whole = series.size === 1 && !series.has(undefined);
    return (whole ? wall.dataset.whole : wall.dataset.many).replace("{n}", count);
  }

  function place(card) {
    wall.insertBefore(card, [...wall.children].find((other) => precedes(card, other)) ?? null);
  }

  function announceWaiting() {
    const count = waiting.size;
    held.hidden = count === 0;
    if (!count) return;
    held.textContent = count === 1 ? wall.dataset.showOne : wall.dataset.showMany.replace("{n}", count);
    say(news());
  }
}

/** Whether a card stands before another: newest first, the photos of a series in their order. */
function precedes(card, other) {
  const place = ({ dataset }) => [-dataset.at, dataset.series ?? "", Number(dataset.number ?? 0), dataset.item];
  const mine = place(card);
  const theirs = place(other);
  const differs = mine.findIndex((value, index) => value !== theirs[index]);
  return differs >= 0 && mine[differs] < theirs[differs];
}

/** Give a card that came by itself the rules that others have in the page's style block. */
function dress(card) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(card.dataset.style);
  document.adoptedStyleSheets.push(sheet);
}

/** Ask the host's browser to measure this frame again; it refuses pages that do not offer to be measured. */
function askForRoom() {
  if (document.querySelector("meta[name=responsive-embedded-sizing]")) window.requestResize?.();
}

function say(words) {
  said.textContent = words;
}

function leaveWhenGone(piece) {
  const shown = piece.dataset.item.split(" ");
  follow(piece.dataset.watch, piece.dataset.version, (_, { item }) => {
    if (shown.includes(item)) location.reload();
  });
}

/** Tell the host how high we are, in the way that WordPress asks; others size the frame themselves. */
function tellHost() {
  const secret = /[#&?]secret=([A-Za-z0-9]{1,20})/.exec(location.hash)?.[1];
  if (!secret || window === parent) return;
  const tell = () => parent.postMessage({ message: "height", secret, value: document.documentElement.scrollHeight }, "*");
  new ResizeObserver(tell).observe(document.body);
  addEventListener("message", (event) => event.source === parent && event.data?.message === "ready" && tell());
}
