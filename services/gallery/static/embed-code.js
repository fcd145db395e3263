// Copies the line to paste, and shows the preview as wide as a phone or a column.

const code = document.querySelector("#code");
const copy = document.querySelector(".copy");
const copied = document.querySelector(".copied");
const widths = document.querySelector(".widths");
const preview = document.querySelector(".preview");

code.addEventListener("focus", () => code.select());

copy.hidden = !navigator.clipboard;
copy.addEventListener("click", async () => {
  await navigator.clipboard.writeText(code.value);
  copied.textContent = copy.dataset.done;
});

widths.hidden = false;
widths.addEventListener("click", ({ target }) => {
  const chosen = target.closest("[data-width]");
  if (!chosen) return;
  for (const button of widths.children) button.setAttribute("aria-pressed", button === chosen);
  preview.classList.toggle("phone", chosen.dataset.width === "phone");
});
