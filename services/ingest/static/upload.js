// Upgrades the upload form: a preview and a description for each photo, a progress bar, a retry that loses nothing.
const form = document.querySelector("#upload");
const words = form?.dataset ?? {};
const picker = form?.querySelector("#photos");
const list = form?.querySelector("#chosen");
const oneAlt = form?.querySelector("#one-alt");
const message = form?.querySelector("#message");
const progress = form?.querySelector("#progress");
const needed = picker?.required ?? false;
let chosen = [];

function say(text) {
  message.textContent = text;
  message.hidden = !text;
}

function row(photo, number) {
  const item = document.createElement("li");
  const picture = new Image();
  picture.alt = "";
  picture.src = URL.createObjectURL(photo.file);
  picture.onerror = () => {
    // Some browsers cannot show HEIC; the server can read it all the same.
    const unseen = document.createElement("span");
    unseen.className = "unseen";
    unseen.textContent = photo.file.name.split(".").pop().toUpperCase();
    picture.replaceWith(unseen);
  };
  const side = document.createElement("div");
  side.className = "field";
  const label = document.createElement("label");
  label.htmlFor = `alt-${number}`;
  label.textContent = words.altLabel;
  const hint = document.createElement("span");
  hint.className = "hint";
  hint.textContent = `${photo.file.name} · ${words.altHint}`;
  label.append(" ", hint);
  const text = document.createElement("textarea");
  text.id = `alt-${number}`;
  text.rows = 2;
  text.maxLength = 2000;
  text.value = photo.alt;
  text.oninput = () => { photo.alt = text.value; };
  const remove = document.createElement("button");
  remove.type = "button";
  remove.textContent = words.remove;
  remove.setAttribute("aria-label", `${words.remove}: ${photo.file.name}`);
  remove.onclick = () => { chosen = chosen.filter((other) => other !== photo); draw(); picker.focus(); };
  side.append(label, text, remove);
  if (photo.fault) {
    const fault = document.createElement("p");
    fault.className = "fault";
    fault.textContent = photo.fault;
    side.prepend(fault);
  }
  item.append(picture, side);
  return item;
}

function draw() {
  list.replaceChildren(...chosen.map(row));
  list.hidden = chosen.length === 0;
  oneAlt.hidden = chosen.length > 0;
  picker.required = needed && chosen.length === 0;
}

function choose(files) {
  say("");
  for (const file of files) {
    const twice = chosen.some((p) => p.file.name === file.name && p.file.size === file.size);
    if (twice) continue;
    if (chosen.length >= Number(words.most)) { say(words.tooMany); break; }
    const large = file.size > Number(words.largest) * 1e6;
    chosen.push({ file, alt: "", fault: large ? words.tooLarge : "" });
  }
  draw();
}

function send() {
  const body = new FormData(form);
  body.delete("photos");
  body.delete("alt");
  for (const photo of chosen) {
    body.append("photos", photo.file, photo.file.name);
    body.append("alt", photo.alt);
  }
  const request = new XMLHttpRequest();
  const bar = progress.querySelector("progress");
  const label = progress.querySelector("label");
  progress.hidden = false;
  request.upload.onprogress = (event) => {
    if (!event.lengthComputable) return;
    bar.value = Math.round((event.loaded / event.total) * 100);
    label.textContent = bar.value === 100 ? words.checking : `${words.sending} ${bar.value} %`;
  };
  request.onload = () => {
    let answer = {};
    try { answer = JSON.parse(request.responseText); } catch { /* a proxy's own page */ }
    if (request.status === 201) {
      const codes = answer.refused.map((r) => r.reason).join(",");
      const language = document.documentElement.lang;
      location.assign(`${new URL(answer.receipt).pathname}?lang=${language}${codes ? `&refused=${codes}` : ""}`);
      return;
    }
    for (const refused of answer.refused ?? []) {
      const photo = chosen.find((p) => p.file.name === refused.filename);
      if (photo) photo.fault = refused.detail;
    }
    draw();
    stop(answer.detail ?? words.failed);
  };
  request.onerror = () => stop(words.failed);
  request.open("POST", form.action);
  request.setRequestHeader("Accept", "application/json");
  request.send(body);
}

function stop(text) {
  progress.hidden = true;
  form.querySelector("button[type=submit]").disabled = false;
  say(text);
}

if (form && picker) {
  picker.addEventListener("change", () => { choose(picker.files); picker.value = ""; });
  form.addEventListener("submit", (event) => {
    if (chosen.length === 0) return;
    event.preventDefault();
    const fault = chosen.find((p) => p.fault);
    if (fault) { say(`${fault.file.name}: ${fault.fault}`); return; }
    say("");
    form.querySelector("button[type=submit]").disabled = true;
    send();
  });
  const drop = form.querySelector(".picker");
  drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => { event.preventDefault(); drop.classList.remove("over"); choose(event.dataTransfer.files); });
}
document.querySelector("#faults")?.focus();
