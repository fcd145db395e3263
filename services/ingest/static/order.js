// The order of a series: by dragging, by the keyboard's own buttons, or by numbers; saved by itself.
const PAUSE = 600;
const WORDS = /^(line|alt|name|was)-/;

export function arrange(root, page) {
  const words = root.dataset;
  const timers = new Map();
  const saving = new Map();

  const cards = (form) => [...form.querySelectorAll(".places > .place")];
  const handleOf = (card) => card.querySelector("[data-handle]");

  // The others go past the card: it stays where it is in the page, and so keeps the focus and the thumb.
  function change(card, other) {
    const all = [...card.parentElement.children];
    const [from, to] = [all.indexOf(card), all.indexOf(other)];
    if (to < from) card.after(...all.slice(to, from)); else card.before(...all.slice(from + 1, to + 1));
  }

  function number(form) {
    const all = cards(form);
    all.forEach((card, n) => {
      const field = card.querySelector("[data-place]");
      if (!field) return;
      field.value = n + 1;
      card.querySelector('[data-move="-1"]').disabled = n === 0;
      card.querySelector('[data-move="1"]').disabled = n === all.length - 1;
      for (const button of card.querySelectorAll("[data-move]")) button.setAttribute("aria-label", button.getAttribute("aria-label").replace(/\d+/, n + 1));
    });
  }

  function touched(form) {
    form.dataset.touched = "yes";
    clearTimeout(timers.get(form.id));
    timers.set(form.id, setTimeout(() => begin(form), PAUSE));
  }

  function begin(form) {
    saving.set(form.id, save(form));
  }

  function body(form) {
    const sent = new FormData(form);
    sent.set("do", "save");
    // What was decided already is saved by a person's own tap only: it would be looked at again.
    for (const part of form.querySelectorAll("[data-words][data-decided]")) {
      for (const field of part.querySelectorAll("[name]")) if (WORDS.test(field.name)) sent.delete(field.name);
    }
    return sent;
  }

  async function save(form) {
    const out = form.querySelector("[data-saved]");
    if (form.dataset.saving === "yes") { touched(form); return; }
    form.dataset.saving = "yes";
    const sent = body(form);
    if (out) out.textContent = `${words.saving} …`;
    try {
      const answer = await fetch(form.action, { method: "POST", body: sent, headers: { Accept: "application/json" } });
      const told = await answer.json().catch(() => ({}));
      if (answer.ok) saved(form, sent, told, out);
      else if (answer.status === 409) clash(form, told);
      else trouble(form, told.detail ?? words.unsaved);
    } catch {
      if (out) out.textContent = words.unsaved;
      timers.set(form.id, setTimeout(() => begin(form), 5000));
    } finally { form.dataset.saving = "no"; }
  }

  function saved(form, sent, told, out) {
    for (const field of form.querySelectorAll("[data-words] :is(input:not([type=hidden]), textarea)")) if (sent.has(field.name)) field.defaultValue = sent.get(field.name);
    for (const field of form.querySelectorAll("[data-wide]")) for (const option of field.options) option.defaultSelected = option.value === sent.get(field.name);
    for (const field of form.querySelectorAll("[data-cover]")) field.defaultChecked = field.value === sent.get("cover");
    for (const field of form.querySelectorAll("[data-place]")) field.defaultValue = sent.get(field.name);
    for (const [name, value] of Object.entries(told.now ?? {})) { const field = form.elements.namedItem(name); if (field && "value" in field) field.value = value; }
    if (out) out.textContent = `${words.saved} ${new Date().toLocaleTimeString(document.documentElement.lang)}`;
    form.querySelector("[data-trouble]").hidden = true;
    const same = cards(form).map((c) => c.dataset.key).join() === form.elements.namedItem("shown-order")?.value;
    if (same) form.dataset.touched = "no"; else touched(form);
    page.soon();
  }

  function trouble(form, text) {
    const notice = form.querySelector("[data-trouble]");
    notice.replaceChildren(text);
    notice.hidden = false;
    return notice;
  }

  function clash(form, told) {
    const both = document.createElement("button");
    both.textContent = words.both;
    both.name = "do";
    both.value = "save";
    trouble(form, `${words.clash} `).append(both);
    both.scrollIntoView({ block: "center" });
    if (told.code !== "saved-elsewhere") page.soon();
  }

  function step(form, card, by) {
    const all = cards(form);
    const to = all.indexOf(card) + by;
    if (to < 0 || to >= all.length) return;
    change(card, all[to]);
    number(form);
    touched(form);
  }

  function drag(form, card, event) {
    const handle = handleOf(card);
    handle.setPointerCapture(event.pointerId);
    card.classList.add("moving");
    const move = (at) => {
      // Near an edge the page comes along.
      if (at.clientY < 70) window.scrollBy({ top: -12, behavior: "instant" }); else if (at.clientY > innerHeight - 70) window.scrollBy({ top: 12, behavior: "instant" });
      const under = document.elementsFromPoint(at.clientX, at.clientY).map((e) => e.closest(".place")).find((c) => c && c !== card && c.parentElement === card.parentElement);
      if (!under) return;
      // The card moves only where the pointer will then be on it, so that two cards never swap for ever.
      const [box, mine] = [under.getBoundingClientRect(), card.getBoundingClientRect()];
      const beside = box.width < card.parentElement.clientWidth * 0.7;
      const forward = under.compareDocumentPosition(card) & Node.DOCUMENT_POSITION_FOLLOWING;
      if (forward && (beside || at.clientY < box.top + mine.height)) change(card, under);
      else if (!forward && (beside || at.clientY > box.bottom - mine.height)) change(card, under);
    };
    const drop = () => {
      handle.removeEventListener("pointermove", move);
      card.classList.remove("moving");
      const before = form.elements.namedItem("shown-order").value;
      number(form);
      if (cards(form).map((c) => c.dataset.key).join() !== before) touched(form);
    };
    handle.addEventListener("pointermove", move);
    handle.addEventListener("pointerup", drop, { once: true });
    handle.addEventListener("pointercancel", drop, { once: true });
  }

  function ready() {
    for (const form of root.querySelectorAll("[data-arrange]")) {
      for (const handle of form.querySelectorAll("[data-handle]")) handle.hidden = false;
      if (form.dataset.touched !== "yes") number(form);
      const covers = [...form.querySelectorAll("[data-cover]")];
      if (covers[0] && !covers.some((c) => c.checked)) covers[0].checked = covers[0].defaultChecked = true;
    }
  }

  root.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    const form = button?.closest("[data-arrange]");
    if (!form) return;
    if (button.dataset.move) {
      event.preventDefault();
      step(form, button.closest(".place"), Number(button.dataset.move));
      if (button.disabled) button.parentElement.querySelector("[data-move]:not([disabled])")?.focus(); else button.focus();
    }
  });

  root.addEventListener("pointerdown", (event) => {
    const handle = event.target.closest("[data-handle]");
    if (!handle) return;
    event.preventDefault();
    drag(handle.closest("[data-arrange]"), handle.closest(".place"), event);
  });

  root.addEventListener("change", (event) => {
    const field = event.target;
    const form = field.closest("[data-arrange]");
    if (!form || field.name.startsWith("appeal-")) return;
    if (field.dataset.wide !== undefined) field.closest("details").querySelector(".wide-preview").dataset.at = field.value;
    if (field.dataset.place !== undefined) {
      const card = field.closest(".place");
      const to = Math.min(Math.max(1, Number(field.value) || 1), cards(form).length);
      const by = to - 1 - cards(form).indexOf(card);
      if (by) change(card, cards(form)[to - 1]);
      number(form);
    }
    if (!WORDS.test(field.name) || !field.closest("[data-decided]")) touched(form);
  });

  // Taking back answers at once and keeps what is typed elsewhere on the page.
  root.addEventListener("submit", async (event) => {
    const button = event.submitter;
    const form = event.target;
    clearTimeout(timers.get(form.id));
    if (form.dataset.saving === "yes" && !button?.dataset.withdraw) {
      // What is being saved by itself must not look like somebody else's.
      event.preventDefault();
      await saving.get(form.id);
      clearTimeout(timers.get(form.id));
      form.requestSubmit(button);
      return;
    }
    if (!button?.dataset.withdraw) return;
    event.preventDefault();
    button.disabled = true;
    try {
      const answer = await fetch(`${words.base}/items/${button.dataset.withdraw}/withdraw`, { method: "POST", headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      button.blur();
      await page.soon();
    } catch { button.disabled = false; trouble(form, words.unsaved); }
  });

  root.addEventListener("redrawn", ready);
  ready();
}
