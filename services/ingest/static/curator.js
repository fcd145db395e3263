// A curator's page, live: standings that keep themselves current, an upload queue, an order to drag.
import { live } from "./live.js";
import { arrange } from "./order.js";
import { uploads } from "./queue.js";

const root = document.querySelector(".curator[data-refresh]");

if (root) {
  const page = live(root);
  uploads(root, page);
  arrange(root, page);
  document.querySelector("#faults")?.focus();
}
