// The live list of requests, and beside it the story of one.

import { choice, h, refill, table } from "./dom.js";
import { bind } from "./keys.js";
import { state, STATES } from "./meaning.js";
import { cells, TITLES } from "./request_row.js";
import { open as openStory } from "./story.js";
import { find, newestFirst, watch } from "./store.js";

const SHOWN = 200;
const chosen = { text: "", route: "", model: "", state: "" };
const NO_ROUTE = "no route";

/** Shows the list, and the story of a request if the address names one. */
export function show(main, requestId) {
  const rows = new Map();
  const requests = table("Latest requests", TITLES, [], "requests cards");
  const body = requests.tBodies[0];
  const empty = h("p", { class: "empty" });
  const said = h("p", { class: "count", role: "status" });
  const filters = new Filters(() => render());
  const pause = h("button", { type: "button", "aria-pressed": "false", onclick: () => hold(!held()) }, "Pause");
  const story = h("section", { class: "story", "aria-label": "Story of a request", hidden: true });
  const list = h("section", { class: "list", "aria-label": "Requests" },
    h("div", { class: "filters", role: "search" }, filters.fields, pause, said),
    requests,
    empty);
  const page = h("div", { class: "split" }, list, story);
  main.append(h("h1", { class: "unseen" }, "Requests"), page);

  let selected = null;
  let closeStory = () => {};
  let heldReceipts = null;
  const held = () => heldReceipts !== null;

  function hold(still) {
    heldReceipts = still ? newestFirst() : null;
    pause.setAttribute("aria-pressed", String(still));
    pause.textContent = still ? "Resume" : "Pause";
    render();
  }

  function render() {
    const all = heldReceipts ?? newestFirst();
    filters.offer(all);
    const fitting = all.filter(filters.fits);
    const wanted = fitting.slice(0, SHOWN);
    const kept = new Set(wanted.map((receipt) => receipt.request_id));
    for (const [id, row] of rows) {
      if (kept.has(id)) continue;
      row.element.remove();
      rows.delete(id);
    }
    let place = body.firstElementChild;
    for (const receipt of wanted) {
      const element = rowOf(receipt);
      if (element === place) place = place.nextElementSibling;
      else body.insertBefore(element, place);
    }
    const more = held() ? newestFirst().length - all.length : 0;
    said.textContent = `${wanted.length} of ${all.length}${held() ? `, held${more > 0 ? `, ${more} more since` : ""}` : ""}`;
    empty.hidden = wanted.length > 0;
    empty.textContent = all.length ? "No request fits these filters." : "No request yet. What comes in shows up here by itself, unless dragoman.kept_decisions is 0.";
  }

  /** The row of a receipt. Its first cell, with the link, stays, so that the focus does. */
  function rowOf(receipt) {
    const id = receipt.request_id;
    let row = rows.get(id);
    if (!row) {
      const element = h("tr", { role: "row", onclick: (event) => openUnlessMeantOtherwise(event, link(id)) });
      row = { element, receipt: null };
      rows.set(id, row);
    }
    if (row.receipt !== receipt) {
      const [first, ...others] = cells(receipt, link(id));
      if (row.receipt === null) row.element.append(first);
      while (row.element.childElementCount > 1) row.element.lastElementChild.remove();
      row.element.append(...others);
      row.element.dataset.state = state(receipt);
      row.receipt = receipt;
    }
    row.element.toggleAttribute("data-selected", id === selected);
    return row.element;
  }

  function select(id) {
    closeStory();
    const before = selected;
    selected = id;
    story.hidden = id === null;
    page.classList.toggle("with-story", id !== null);
    closeStory = id === null ? () => {} : openStory(story, id, close);
    render();
    if (id === null) rows.get(before)?.element.querySelector("a").focus();
  }

  const close = () => { location.hash = "#/requests"; };

  function step(by) {
    const links = [...body.querySelectorAll("tr a")];
    const current = document.activeElement.closest?.("tr")?.querySelector("a") ?? rows.get(selected)?.element.querySelector("a");
    const next = links[Math.max(0, Math.min(links.length - 1, links.indexOf(current) + by))];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
    if (selected !== null && next) location.hash = next.hash;
  }

  const stops = [
    watch(() => { if (held()) heldReceipts = heldReceipts.map((each) => find(each.request_id) ?? each); render(); }),
    bind("/", () => filters.search.focus()),
    bind("j", () => step(1)),
    bind("k", () => step(-1)),
    bind("p", () => hold(!held())),
    bind("Escape", () => { if (selected !== null) close(); }),
    () => closeStory(),
  ];
  select(requestId);
  return { leave: () => stops.forEach((stop) => stop()), changed: select };
}

const link = (requestId) => `#/requests/${encodeURIComponent(requestId)}`;

/** A click anywhere in a row opens its story, unless it marked text, or the link is to do it. */
function openUnlessMeantOtherwise(event, hash) {
  if (!event.target.closest("a") && getSelection().isCollapsed) location.hash = hash;
}

/** The fields above the list, and what passes them; what they hold outlives the view. */
class Filters {
  constructor(changed) {
    const set = (key) => (value) => { chosen[key] = value; changed(); };
    this.search = h("input", {
      type: "search", placeholder: "Search: id, model, route, session", "aria-label": "Search the requests",
      value: chosen.text, oninput: () => set("text")(this.search.value),
    });
    this.route = choice("Route", "All routes", [], chosen.route, set("route"));
    this.model = choice("Model", "All models", [], chosen.model, set("model"));
    const states = choice("State", "All states", Object.values(STATES), chosen.state, set("state"));
    this.fields = [this.search, this.route, this.model, states];
  }

  /** Offers the routes and models that there are. */
  offer(receipts) {
    refill(this.route, "All routes", receipts.map((each) => each.route ?? NO_ROUTE).sort());
    refill(this.model, "All models", receipts.flatMap(models).sort());
  }

  fits(receipt) {
    const { text, route, model } = chosen;
    return (!route || (receipt.route ?? NO_ROUTE) === route)
      && (!model || models(receipt).includes(model))
      && (!chosen.state || STATES[state(receipt)] === chosen.state)
      && (!text || searched(receipt).includes(text.trim().toLowerCase()));
  }
}

const models = (receipt) => receipt.attempts.length
  ? receipt.attempts.map((attempt) => attempt.model)
  : receipt.candidates.map((candidate) => candidate.model);

const searched = (receipt) => [
  receipt.trace_id, receipt.request_id, receipt.path, receipt.route, receipt.session_id, receipt.requested_model, ...models(receipt),
].join("\n").toLowerCase();
