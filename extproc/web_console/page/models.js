// The models: how they do, what they are set back for, what they cost.

import { activityView } from "./activity.js";
import { shareBar, sparkline } from "./charts.js";
import { cell, h, table } from "./dom.js";
import { count, milliseconds, percent, plain, since, span, UNKNOWN } from "./format.js";

const TITLES = ["Model", "State", "Last hour", "#Share", "#Attempts", "#Errors", "#First byte p50, p95", "#Duration p50, p95", "#Price in, out", "#Ranked latency"];
const REASONS = {
  retry_after: "its provider asked to be left alone",
  failures: "it failed several times in a row",
  failed_just_now: "an attempt has just failed",
  unusable: "its provider refuses the key, the account or the name",
};

/** Shows the models. */
export function show(main) {
  return activityView(main, "Models", ({ models }) => [
    models.length ? table("Models", TITLES, models.map(row), "cards models") : h("p", { class: "empty" }, "No models."),
    h("p", { class: "note" }, "Errors are what speaks against the model: what a request is to blame for is not among them. Times are of answers that were complete. Prices are in dollars per million tokens."),
  ]);
}

function row(model) {
  const name = plain(model.model);
  return h("tr", { role: "row", "data-state": model.cooldown ? "set-back" : null },
    cell("Model", "name", h("bdi", {}, name), h("div", { class: "faint" }, plain(model.routes.join(", ")) || "in no route")),
    cell("State", "", stateOf(model)),
    cell("Last hour", "", sparkline(model.attempts_by_minute, model.failed_by_minute, hour(model))),
    cell("Share", "number", h("span", {}, percent(model.share)), shareBar(model.share)),
    cell("Attempts", "number", count(model.attempts)),
    cell("Errors", `number ${model.failed ? "bad" : ""}`, model.attempts ? percent(model.error_rate) : UNKNOWN),
    cell("First byte", "number", pair(model.first_byte_ms)),
    cell("Duration", "number", pair(model.duration_ms)),
    cell("Price", "number", price(model)),
    cell("Ranked latency", "number", latency(model)));
}

function hour(model) {
  const sum = (list) => list.reduce((total, value) => total + value, 0);
  return `${sum(model.attempts_by_minute)} attempts in the last hour, ${sum(model.failed_by_minute)} of them failed`;
}

function stateOf({ cooldown }) {
  if (!cooldown) return h("span", { class: "badge good" }, "in its place");
  const left = -since(cooldown.until);
  const until = left > 0 ? `, ${span(left)} left` : "";
  const share = cooldown.phase === "returning" ? ` for ${percent(cooldown.share)}` : "";
  return [
    h("span", { class: "badge bad" }, `${plain(cooldown.phase)}${share}`),
    h("div", { class: "faint" }, `${REASONS[cooldown.reason] ?? plain(cooldown.reason)}${until}`),
  ];
}

const pair = ({ p50, p95 }) => [milliseconds(p50), h("div", { class: "faint" }, milliseconds(p95))];

function price({ price: known, price_at: at }) {
  if (!known) return UNKNOWN;
  const cached = known.cached_input === null ? "" : `cached ${known.cached_input}, `;
  return [`$${known.input}, $${known.output}`, h("div", { class: "faint" }, `${cached}${age(at)}`)];
}

const age = (at) => (at === null ? "age unknown" : `${span(since(at))} old`);

function latency({ latency_s: seconds, latency_at: at }) {
  if (seconds === null) return UNKNOWN;
  return [milliseconds(seconds * 1000), h("div", { class: "faint" }, age(at))];
}
