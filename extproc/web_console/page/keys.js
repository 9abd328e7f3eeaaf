// The keyboard: what each key does, and the dialog that says so.

import { h } from "./dom.js";

const HELP = [
  ["1 – 5", "requests, models, routes, costs, configuration"],
  ["/", "search the requests"],
  ["j, k", "the next request, the one before"],
  ["Enter", "its story"],
  ["p", "hold the list still, or let it go on"],
  ["Esc", "close the story"],
  ["?", "this"],
];
const actions = new Map();

/** Has a key do something until the returned function is called. */
export function bind(key, action) {
  actions.set(key, action);
  return () => actions.delete(key);
}

/** Listens for keys that are pressed outside of fields and dialogs. */
export function shortcuts(views) {
  views.forEach((view, index) => bind(String(index + 1), () => { location.hash = `#/${view}`; }));
  bind("?", openHelp);
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const inField = event.target.matches("input, select, textarea");
    if (inField && event.key !== "Escape") return;
    const action = actions.get(event.key);
    if (!action) return;
    event.preventDefault();
    if (inField) event.target.blur();
    action();
  });
}

/** Shows what the keys do. */
export function openHelp() {
  const close = () => dialog.remove();
  const rows = HELP.map(([keys, what]) => [h("dt", {}, h("kbd", {}, keys)), h("dd", {}, what)]);
  const dialog = h("dialog", { "aria-labelledby": "help-title", onclose: close },
    h("form", { method: "dialog" },
      h("h2", { id: "help-title" }, "Keys"), h("dl", { class: "keys" }, rows),
      h("button", { class: "primary" }, "Close")));
  document.body.append(dialog);
  dialog.showModal();
}
