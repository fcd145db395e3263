// Requests to the desk: a refusal becomes an error with the problem's code.

import { list } from "./cards.js";

const language = document.documentElement.lang;
export const words = list.dataset;

export class Refusal extends Error {
  constructor(problem) {
    super(problem.detail ?? "");
    this.code = problem.code ?? "";
    this.winner = problem.winner ?? "";
  }
}

export async function ask(path, body, method = "POST") {
  const headers = { accept: "application/json", "x-csrf-token": words.csrf };
  if (body && !(body instanceof FormData)) {
    headers["content-type"] = "application/json";
    body = JSON.stringify(body);
  }
  const answer = await fetch(path, { method, headers, body, redirect: "error" });
  if (answer.ok) return answer.json();
  throw new Refusal(await answer.json().catch(() => ({})));
}

// Leases more items and answers their cards as HTML.
export async function moreCards(most) {
  const form = new FormData();
  form.set("csrf", words.csrf);
  form.set("campaign", words.campaign);
  form.set("back", words.back);
  form.set("most", most);
  form.set("lane", words.lane);
  const answer = await fetch(`/desk/take?lang=${language}`, { method: "POST", body: form, redirect: "error" });
  if (!answer.ok) throw new Refusal({});
  return answer.text();
}

// Survives the closing of the page.
export function letGo(tokens) {
  if (!tokens.length) return;
  const form = new FormData();
  form.set("csrf", words.csrf);
  form.set("tokens", tokens.join(","));
  navigator.sendBeacon("/desk/leases/release", form);
}
