// The page: one view at a time, which the address names behind its #, and what is there in all of them.

import { show as showConfiguration } from "./configuration.js";
import { show as showCosts } from "./costs.js";
import { h } from "./dom.js";
import { openHelp, shortcuts } from "./keys.js";
import { follow } from "./live.js";
import { show as showModels } from "./models.js";
import { show as showRequests } from "./requests.js";
import { show as showRoutes } from "./routes.js";
import { take } from "./store.js";
import { startTheme } from "./theme.js";

const VIEWS = {
  requests: [showRequests, "Requests"],
  models: [showModels, "Models"],
  routes: [showRoutes, "Routes"],
  costs: [showCosts, "Costs"],
  configuration: [showConfiguration, "Configuration"],
};

const main = document.getElementById("main");
const connection = document.querySelector(".connection");
let leave = () => {};
let shown = null;

/** Shows what the address says: "#/requests/ID" is the view "requests" with "ID". */
function go() {
  const [, name = "", ...rest] = location.hash.split("/");
  if (!(name in VIEWS)) {
    location.replace("#/requests");
    return;
  }
  const argument = rest.length ? decode(rest.join("/")) : null;
  const [show, title] = VIEWS[name];
  document.title = `${title} – Dragoman`;
  for (const link of document.querySelectorAll("nav a")) {
    const current = link.hash === `#/${name}`;
    if (current) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (shown?.name === name && shown.changed) {
    shown.changed(argument);
    return;
  }
  leave();
  main.replaceChildren();
  const view = show(main, argument);
  leave = view.leave;
  shown = { name, changed: view.changed };
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function connected(state, why) {
  connection.dataset.state = state;
  connection.textContent = why;
}

function told(receipts, skipped) {
  take(receipts);
  connected("live", skipped ? `live, ${skipped} left out` : "live");
}

startTheme(document.getElementById("theme"));
document.getElementById("help").addEventListener("click", openHelp);
shortcuts(Object.keys(VIEWS));
addEventListener("hashchange", go);
addEventListener("unhandledrejection", ({ reason }) => {
  if (reason?.name === "AbortError") return;
  main.querySelector(".problem")?.remove();
  main.prepend(h("p", { class: "problem", role: "alert" }, String(reason?.message ?? reason)));
});
go();
follow(told, connected);
