// The list of cards: which one is at hand, and moving, removing and bringing them back.

export const list = document.getElementById("cards");
const empty = document.getElementById("empty");
let current = null;

export const cards = () => [...list.children];
export const card = (item) => document.getElementById(`card-${item}`);
export const atHand = () => (current?.isConnected ? current : list.firstElementChild);

list.addEventListener("focusin", (event) => mark(event.target.closest(".card")));

function mark(chosen) {
  if (current === chosen) return;
  current?.classList.remove("at-hand");
  current = chosen;
  current?.classList.add("at-hand");
}

export function take(chosen) {
  if (!chosen) return;
  mark(chosen);
  chosen.focus({ preventScroll: true });
  chosen.scrollIntoView({ block: "nearest", inline: "nearest" });
}

// Puts the first card at hand without moving the page under its reader.
export function begin() {
  list.firstElementChild?.focus({ preventScroll: true });
}

export function move(step) {
  const all = cards();
  const here = all.indexOf(atHand());
  take(all[Math.min(all.length - 1, Math.max(0, here + step))]);
}

// Removes a card; where it had the focus, the next one gets it. Answers where it stood.
export function remove(gone) {
  const neighbour = gone.nextElementSibling ?? gone.previousElementSibling;
  const held = gone === current || gone.contains(document.activeElement);
  const place = { card: gone, before: gone.nextElementSibling };
  gone.querySelector("details[open]")?.removeAttribute("open");
  gone.remove();
  empty.hidden = list.children.length > 0;
  if (held) {
    mark(null);
    take(neighbour);
  }
  return place;
}

export function restore({ card: back, before }) {
  if (back.isConnected) return;
  list.insertBefore(back, before?.isConnected ? before : null);
  empty.hidden = true;
  take(back);
}

// Adds cards that the server rendered; never moves those that are there.
export function append(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  let added = 0;
  for (const fresh of [...holder.content.children]) {
    if (!fresh.matches(".card") || card(fresh.dataset.item)) continue;
    list.append(fresh);
    added += 1;
  }
  empty.hidden = list.children.length > 0;
  if (added && document.activeElement === document.body) take(atHand());
  return added;
}

export function stamp(fresh, version, lease) {
  fresh.dataset.version = version;
  if (lease) fresh.dataset.lease = lease;
  for (const field of fresh.querySelectorAll("input[name=version]")) field.value = version;
}
