// Uploads photo by photo in the background. The photos wait in the browser's own store, so neither a
// lost network nor a reload loses any; the server tells twins apart by their bytes, so sending twice is harmless.
const STORE = "photos";
const PAUSES = [1000, 2000, 4000, 8000, 15000, 30000];

function opened() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("dichtbij-curator", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "id", autoIncrement: true });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

// The same few questions, whether the browser lets us keep things or not.
async function shelf() {
  let database;
  try { database = await opened(); } catch {
    const kept = new Map();
    let next = 1;
    return { put: async (p) => { p.id ??= next++; kept.set(p.id, p); return p.id; }, all: async () => [...kept.values()], remove: async (id) => kept.delete(id) };
  }
  const ask = (mode, question) => new Promise((resolve, reject) => {
    const transaction = database.transaction(STORE, mode);
    const request = question(transaction.objectStore(STORE));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
  return { put: (p) => ask("readwrite", (s) => s.put(p)), all: () => ask("readonly", (s) => s.getAll()), remove: (id) => ask("readwrite", (s) => s.delete(id)) };
}

export function uploads(root, page) {
  const words = root.dataset;
  const rows = new Map();
  const pictures = new Map();
  let photos = [];
  let store;
  let running = false;
  let failures = 0;
  let wake = () => {};

  let unkept = 0;
  const formOf = (mandate) => root.querySelector(`[data-give="${CSS.escape(mandate)}"]`);

  function row(photo) {
    let known = rows.get(photo.id);
    if (!known) {
      const item = document.createElement("li");
      const picture = new Image();
      if (!pictures.has(photo.id)) pictures.set(photo.id, URL.createObjectURL(photo.file));
      picture.src = pictures.get(photo.id);
      picture.alt = "";
      picture.onerror = () => {
        const unseen = document.createElement("span");
        unseen.className = "unseen";
        unseen.textContent = photo.name.split(".").pop().toUpperCase();
        picture.replaceWith(unseen);
      };
      const side = document.createElement("div");
      const [name, told] = [document.createElement("p"), document.createElement("p")];
      const bar = document.createElement("progress");
      name.className = "name";
      name.textContent = photo.name;
      bar.max = 100;
      bar.setAttribute("aria-label", `${words.sending}: ${photo.name}`);
      side.append(name, bar, told);
      const buttons = document.createElement("div");
      buttons.className = "buttons";
      item.append(picture, side, buttons);
      known = { item, bar, told, buttons };
      rows.set(photo.id, known);
    }
    known.bar.hidden = Boolean(photo.fault);
    known.told.className = photo.fault ? "fault" : "quiet";
    known.told.textContent = photo.fault || photo.said || (photo.id < 0 ? words.keptOpen : words.waiting);
    known.buttons.replaceChildren(...(photo.fault ? [button(words.retry, photo, () => again(photo)), button(words.remove, photo, () => forget(photo))] : []));
    return known;
  }

  function button(text, photo, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.setAttribute("aria-label", `${text}: ${photo.name}`);
    made.onclick = act;
    return made;
  }

  function fill(list, some) {
    const mine = some.map((p) => row(p).item);
    if (mine.length !== list.children.length || mine.some((item, n) => list.children[n] !== item)) list.replaceChildren(...mine);
    list.hidden = mine.length === 0;
  }

  function draw() {
    for (const form of root.querySelectorAll("[data-give]")) fill(form.querySelector("[data-queue]"), photos.filter((p) => p.mandate === form.dataset.give));
    // What waits for a turn that takes nothing just now has no form to stand in.
    const stranded = root.querySelector("[data-stranded]");
    const left = photos.filter((p) => !p.over && !formOf(p.mandate));
    fill(stranded.querySelector("[data-queue]"), left);
    stranded.hidden = left.length === 0;
  }

  async function forget(photo) {
    await store.remove(photo.id);
    photos = photos.filter((p) => p !== photo);
    rows.delete(photo.id);
    URL.revokeObjectURL(pictures.get(photo.id));
    pictures.delete(photo.id);
    draw();
  }

  function again(photo) {
    photo.fault = "";
    failures = 0;
    draw();
    wake();
    run();
  }

  function say(photo, text, share) {
    photo.said = text;
    const known = row(photo);
    if (share === undefined) known.bar.removeAttribute("value"); else known.bar.value = share;
  }

  function send(photo) {
    return new Promise((resolve) => {
      const body = new FormData();
      body.append("mandate", photo.mandate);
      for (const [name, value] of Object.entries(photo.about)) body.append(name, value);
      body.append("photos", photo.file, photo.name);
      const request = new XMLHttpRequest();
      request.upload.onprogress = (event) => {
        if (!event.lengthComputable) return;
        const share = Math.round((event.loaded / event.total) * 100);
        if (share >= 100) say(photo, words.checking); else say(photo, `${words.sending} ${share} %`, share);
      };
      request.onload = () => {
        let answer = {};
        try { answer = JSON.parse(request.responseText); } catch { /* a proxy's own page */ }
        resolve({ status: request.status, answer });
      };
      request.onerror = request.onabort = request.ontimeout = () => resolve({ status: 0, answer: {} });
      request.timeout = 300000;
      request.open("POST", `${words.base}/photos?lang=${document.documentElement.lang}`);
      request.setRequestHeader("Accept", "application/json");
      request.send(body);
    });
  }

  async function settle(photo, { status, answer }) {
    if (status === 201) {
      failures = 0;
      const outcome = answer.taken?.[0]?.outcome ?? "counted";
      if (outcome === "counted") await forget(photo);
      else { say(photo, words[outcome], 100); await store.remove(photo.id); photo.over = true; }
      page.soon();
      return;
    }
    if (status >= 400 && status < 500 && status !== 408 && status !== 429) {
      failures = 0;
      photo.fault = answer.faults?.join(" ") || answer.detail || words.again;
      if (status === 410) photo.fault = words.goneLink;
      draw();
      return;
    }
    say(photo, navigator.onLine ? words.again : words.offline);
    const pause = PAUSES[Math.min(failures, PAUSES.length - 1)];
    failures += 1;
    await new Promise((resolve) => { wake = resolve; setTimeout(resolve, pause); });
  }

  async function run() {
    if (running) return;
    running = true;
    try {
      const work = async () => {
        for (let next = waiting(); next; next = waiting()) await settle(next, await send(next));
      };
      // Two tabs of one page must not send the same photo at once.
      if (navigator.locks) await navigator.locks.request(`dichtbij-${words.owner}`, work); else await work();
    } finally { running = false; }
  }

  const waiting = () => photos.find((p) => !p.fault && !p.over);

  async function choose(form, files) {
    const about = {};
    for (const field of form.querySelectorAll("[name=minor]:checked, [name=guardian]:checked, select[name=place]")) about[field.name] = field.value;
    for (const file of files) {
      if (photos.some((p) => p.name === file.name && p.file.size === file.size && !p.over && p.mandate === form.dataset.give)) continue;
      const photo = { owner: words.owner, mandate: form.dataset.give, file, name: file.name, about };
      if (file.size > Number(form.dataset.largest) * 1e6) photo.fault = words.tooLarge;
      const { fault, ...kept } = photo;
      // A full device keeps nothing more; what was chosen is sent all the same, from this page.
      try { photo.id = await store.put(kept); } catch { photo.id = -(unkept += 1); }
      photos.push(photo);
    }
    for (const box of form.querySelectorAll("[name=minor], [name=guardian]")) box.checked = false;
    draw();
    run();
  }

  function ready() {
    for (const form of root.querySelectorAll("[data-give]:not([data-ready])")) {
      form.dataset.ready = "yes";
      const picker = form.querySelector("input[type=file]");
      form.querySelector("[data-send]").hidden = true;
      picker.addEventListener("change", () => { const files = [...picker.files]; picker.value = ""; choose(form, files); });
      form.addEventListener("submit", (event) => event.preventDefault());
      const drop = form.querySelector(".picker");
      drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
      drop.addEventListener("dragleave", () => drop.classList.remove("over"));
      drop.addEventListener("drop", (event) => { event.preventDefault(); drop.classList.remove("over"); choose(form, [...event.dataTransfer.files]); });
    }
    draw();
  }

  async function begin() {
    store = await shelf();
    photos = (await store.all()).filter((p) => p.owner === words.owner);
    ready();
    run();
  }

  root.addEventListener("redrawn", ready);
  window.addEventListener("online", () => { failures = 0; wake(); run(); });
  begin();
}
