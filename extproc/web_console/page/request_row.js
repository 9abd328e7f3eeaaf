// One row of the list of requests.

import { cell, h } from "./dom.js";
import { clock, count, dollars, milliseconds, plain, score, shortName, UNKNOWN } from "./format.js";
import { endText, firstByte, isGood, routeText, state, STATES, statusText } from "./meaning.js";

export const TITLES = ["Time", "State", "Route", "Models", "First byte", "Duration", "Tokens", "Cost"];

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
    cell("Tokens", "number", tokens(receipt.usage)),
    cell("Cost", "number", dollars(receipt.cost_usd)),
  ];
}

const stateText = (receipt, now) =>
  receipt.status === null ? STATES[now] : `${statusText(receipt.status)} ${now === "answered" ? "" : STATES[now]}`.trim();

const scored = (receipt) =>
  receipt.score === null ? null : h("span", { class: "faint figure" }, ` ${score(receipt.score)}`);

function tokens(usage) {
  if (usage.input_tokens === null && usage.output_tokens === null) return UNKNOWN;
  return `${count(usage.input_tokens)} → ${count(usage.output_tokens)}`;
}

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
  const line = steps.flatMap((step, index) => (index ? [h("span", { class: "arrow" }, "→"), step] : [step]));
  if (!left.length) return line;
  const names = left.map((candidate) => plain(candidate.model)).join(", ");
  return [...line, h("span", { class: "faint", title: `further candidates: ${names}` }, `+${left.length}`)];
}
