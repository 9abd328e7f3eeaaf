// What requests cost, over time by route or model, and what they would have cost elsewhere.

import { stacked } from "./bars.js";
import { budgets } from "./budgets.js";
import { cell, h, table } from "./dom.js";
import { fitted } from "./fitted.js";
import { count, dollars, flow, percent, plain, UNKNOWN } from "./format.js";
import { poll } from "./poll.js";
import { segmented } from "./segmented.js";

const PERIOD = 10000;
const SPANS = { "1h": "1 hour", "24h": "24 hours", "7d": "7 days" };
const GROUPS = { route: "by route", model: "by model" };
const NAMES = { none: "no route", inline: "routes of clients" };
const COLOURS = 6;
const INSTEAD = {
  first_model: "Had all gone to their route's first model",
  default_model: "Had all gone to the default model",
};
const chosen = { since: "24h", group: "route" };
let stopDrawing = () => {};

/** Shows the costs. */
export function show(main) {
  const body = h("div", { class: "content" });
  const limits = h("div", { class: "content" });
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  let known = null;
  const draw = () => { if (known) body.replaceChildren(...content(known, h("div", { class: "bars" }))); };
  main.append(
    h("div", { class: "head" }, h("h1", {}, "Costs"),
      h("div", { class: "choices" },
        segmented("Over time", GROUPS, chosen.group, (group) => { chosen.group = group; draw(); }),
        segmented("The latest", SPANS, chosen.since, (since) => { chosen.since = since; polling.again(); }))),
    problem, body, limits);
  const polling = poll(() => `/costs?since=${chosen.since}`, PERIOD, (costs) => {
    problem.hidden = true;
    known = costs;
    draw();
  }, (message) => {
    problem.hidden = false;
    problem.textContent = message;
  });
  const standing = poll(() => "/budgets", PERIOD, (answer) => limits.replaceChildren(...budgets(answer.budgets)),
    (message) => limits.replaceChildren(h("p", { class: "note" }, message)));
  return {
    leave: () => {
      polling.stop();
      standing.stop();
      stopDrawing();
    },
  };
}

function content(costs, picture) {
  if (costs.since === null) return [h("p", { class: "empty" }, "Nothing has cost anything yet.")];
  const names = ranked(costs[`${chosen.group}s`]);
  stopDrawing();
  stopDrawing = fitted(picture, (width) => stacked(width, costs, chosen.group, names, colourOf(names), titled));
  return [
    h("dl", { class: "summary" }, total(costs.total), Object.keys(INSTEAD).map((way) => comparison(way, costs.total.instead[way]))),
    h("h2", {}, `Cost over time, ${GROUPS[chosen.group]}`),
    picture,
    figures(costs, names),
    h("p", { class: "note" },
      "What would have been is about those requests only of which both costs are known: it supposes that the other model would have answered at once, with as many tokens. Without a ledger, only what was seen since Dragoman was started counts."),
  ];
}

/** Names, the costliest first. */
const ranked = (group) => Object.keys(group).sort((a, b) => (group[b].cost_usd ?? 0) - (group[a].cost_usd ?? 0));

/** Which colour a name has: one of its own among the costliest, else that of the rest. */
const colourOf = (names) => (name) => {
  const place = names.indexOf(name);
  return place >= 0 && place < COLOURS ? `series-${place + 1}` : "series-rest";
};

const titled = (name) => NAMES[name] ?? plain(name);

function total({ requests, cost_usd: cost, answers_without_cost: unknown }) {
  return h("div", { class: "figure-card" }, h("dt", {}, `${count(requests)} requests cost`), h("dd", {}, dollars(cost)),
    h("dd", { class: "aside" }, unknown ? `and ${count(unknown)} answers what is not known` : "all of it is known"));
}

function comparison(way, found) {
  const card = (value, more) => h("div", { class: "figure-card" }, h("dt", {}, INSTEAD[way]), h("dd", {}, value), h("dd", { class: "aside" }, more));
  if (!found) return card(UNKNOWN, "nothing to compare");
  const { requests, cost_usd: cost, would_cost_usd: would } = found;
  return card(dollars(would), `instead of ${dollars(cost)} for ${count(requests)} requests${difference(cost, would)}`);
}

function difference(cost, would) {
  if (!cost || !would) return "";
  const share = (cost - would) / would;
  if (Math.abs(share) < 0.005) return "";
  if (share >= 1) return `: ${(share + 1).toFixed(1)} times that`;
  return share < 0 ? `: ${percent(-share)} saved` : `: ${percent(share)} more than that`;
}

function figures(costs, names) {
  const group = costs[`${chosen.group}s`];
  const rows = names.map((name) => row(name, group[name], costs.total.cost_usd, colourOf(names)(name)));
  const first = chosen.group === "route" ? "Route" : "Model";
  return table("Costs", [first, "#Requests", "#Tokens", "#Cost", "#Share", "#At first model", "#At default model"], rows);
}

function row(name, figures, all, colour) {
  return h("tr", { role: "row" },
    cell("Name", "name", h("span", { class: `swatch ${colour}`, "aria-hidden": "true" }), h("bdi", {}, titled(name))),
    cell("Requests", "number", count(figures.requests)),
    cell("Tokens", "number", flow(figures.usage)),
    cell("Cost", "number", dollars(figures.cost_usd),
      figures.answers_without_cost ? h("div", { class: "faint" }, `${count(figures.answers_without_cost)} unknown`) : null),
    cell("Share", "number", all ? percent(figures.cost_usd / all) : UNKNOWN),
    cell("At first model", "number", dollars(figures.instead.first_model?.would_cost_usd)),
    cell("At default model", "number", dollars(figures.instead.default_model?.would_cost_usd)));
}
