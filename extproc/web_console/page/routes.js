// The routes: how much of the traffic each takes, how sure the classifier is, what matches nothing.

import { activityView } from "./activity.js";
import { histogram, shareBar, sparkline } from "./charts.js";
import { h } from "./dom.js";
import { count, percent, plain } from "./format.js";

const NONE = "none";
const NAMES = { none: "No route", inline: "Routes that clients brought along" };
const POLICIES = { none: "as written", random: "at random", cheapest: "the cheapest first", fastest: "the fastest first" };

/** Shows the routes. */
export function show(main) {
  return activityView(main, "Routes", (activity) => [
    summary(activity),
    h("div", { class: "grid" }, activity.routes.map(card)),
    h("p", { class: "note" }, "Scores are those of the best route of each request, as the classifier in the box gives them; what is left of the line does not match."),
  ]);
}

function summary({ routes, requests_by_minute: byMinute }) {
  const sum = (key) => routes.reduce((total, route) => total + route[key], 0);
  const all = sum("requests");
  const none = routes.find((route) => route.route === NONE)?.requests ?? 0;
  const figure = (name, value, more) => h("div", { class: "figure-card" }, h("dt", {}, name), h("dd", {}, value, more));
  return h("dl", { class: "summary" },
    figure("Requests", count(all)),
    figure("No route matched", all ? percent(none / all) : "–"),
    figure("Pinned by their session", all ? percent(sum("pinned") / all) : "–"),
    figure("Could not be classified", count(sum("unclassified"))),
    figure("Last hour", "", sparkline(byMinute, null, `${byMinute.reduce((total, value) => total + value, 0)} requests in the last hour`)));
}

function card(route) {
  const name = NAMES[route.route] ?? plain(route.route);
  return h("article", { class: "card" },
    h("h2", {}, h("bdi", {}, name), h("span", { class: "figure" }, percent(route.share))),
    shareBar(route.share),
    route.description ? h("p", {}, plain(route.description)) : null,
    h("p", { class: "faint" }, `${count(route.requests)} requests${route.fallback ? ", takes the rest" : ""}`),
    histogram(route.scores, route.threshold),
    route.models.length
      ? [h("p", { class: "faint" }, `Its models, ${POLICIES[route.prefer] ?? plain(route.prefer)}:`),
        h("ol", {}, route.models.map((model) => h("li", {}, h("bdi", {}, plain(model)))))]
      : null);
}
