// Keeps the receipt current: asks for the standings and reloads the list when one has changed.
const receipt = document.querySelector(".receipt");
const settled = new Set(["rejected", "purged", "ignored"]);
let wait = 1000;

function shown() {
  return new Map([...document.querySelectorAll(".standing")].map((s) => [s.id.slice(2), s.dataset.stamp]));
}

async function look() {
  if (!document.hidden) {
    try {
      const answer = await fetch(receipt.dataset.refresh, { headers: { Accept: "application/json" } });
      if (answer.ok) {
        const { items } = await answer.json();
        const before = shown();
        if (items.some((i) => before.get(i.item) !== i.stamp) && !document.querySelector("details[open]")) await redraw();
        wait = items.every((i) => settled.has(i.state)) ? 15000 : Math.min(wait * 1.2, 5000);
      }
    } catch { wait = Math.min(wait * 2, 30000); }
  }
  setTimeout(look, wait);
}

async function redraw() {
  const page = await (await fetch(location.href, { headers: { Accept: "text/html" } })).text();
  const fresh = new DOMParser().parseFromString(page, "text/html").querySelector("#standings");
  if (fresh) document.querySelector("#standings").replaceWith(document.adoptNode(fresh));
}

if (receipt) setTimeout(look, wait);
