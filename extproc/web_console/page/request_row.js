// One row of the list of requests.

import { cell, h } from "./dom.js";
import { clock, dollars, flow, milliseconds, plain, score, shortName } from "./format.js";
import { endText, firstByte, isGood, routeText, state, STATES, statusText } from "./meaning.js";

export const TITLES = ["Time", "State", "Route", "Models", "#First byte", "#Duration", "#Tokens", "#Cost"];

/** The cells of a receipt's row, in the order of the titles. */
export function cells(receipt, href) {
  const now = state(receipt);
  return [
    cell("Time", "time", h("a", { href, title: receipt.at }, clock(receipt.at))),
    cell("State", `state ${now}`, h("span", { class: "dot", "aria-hidden": "true" }), stateText(receipt, now)),
    cell("Route", "route", h("bdi", { class: receipt.route === null ? "faint" : null }, routeText(receipt)), scored(receipt)),
    cell("Models", "models", path(receipt)),
    cell("First byte", "number", milliseconds(firstByte(receipt))),
    cell("Duration", "number", milliseconds(receipt.duration_ms)),
    cell("Tokens", "number", flow(receipt.usage)),
    cell("Cost", "number", dollars(receipt.cost_usd)),
  ];
}

const stateText = (receipt, now) =>
  receipt.status === null ? STATES[now] : `${statusText(receipt.status)} ${now === "answered" ? "" : STATES[now]}`.trim();

const scored = (receipt) =>
  receipt.score === null ? null : h("span", { class: "faint figure" }, ` ${score(receipt.score)}`);

/** The attempts one after the other, then the candidates that were not needed. */
function path(receipt) {
  const steps = receipt.attempts.map((attempt) => h("span", {
    class: `attempt ${isGood(attempt) ? "good" : "bad"}`, title: `${plain(attempt.model)}: ${endText(attempt)}`,
  }, h("bdi", {}, shortName(attempt.model)), isGood(attempt) ? null : ` ${statusText(attempt.status)}`));
  const tried = new Set(receipt.attempts.map((attempt) => attempt.model));
  const left = receipt.candidates.filter((candidate) => !tried.has(candidate.model));
  if (!steps.length && left.length) {
    const first = left.shift();
    steps.push(h("span", { class: "attempt planned" }, h("bdi", {}, shortName(first.model))));
  }
  const names = left.map((candidate) => plain(candidate.model)).join(", ");
  const more = left.length ? h("span", { class: "faint", title: `further candidates: ${names}` }, `+${left.length}`) : null;
  const last = steps.length - 1;
  return steps.map((step, index) => h("span", { class: "step" }, step, index < last ? h("span", { class: "arrow" }, "→") : more));
}
