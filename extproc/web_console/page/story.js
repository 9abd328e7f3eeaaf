// The story of one request: why it went where it went, its attempts as a waterfall, and the figures.

import { get } from "./api.js";
import { cell, h, table } from "./dom.js";
import { fitted } from "./fitted.js";
import { clock, dollars, flow, milliseconds, plain, score, shortName, span, tokens, UNKNOWN } from "./format.js";
import { endText, isDecided, isGood, routeText, statusText } from "./meaning.js";
import { find, watch } from "./store.js";
import { waterfall } from "./waterfall.js";

const UNITS = { usd_per_million: "$/M tokens", usd: "$", seconds: "s" };

/** Tells a request's story in a section, anew when it goes on; returns how to stop that. */
export function open(section, requestId, close) {
  let stopDrawing = () => {};
  let stopped = false;
  const known = { receipt: undefined };
  const heading = h("h2", { tabindex: "-1" }, "Request");
  const body = h("div", { class: "chapters" });
  section.replaceChildren(
    h("div", { class: "story-head" }, heading,
      h("button", { type: "button", class: "quiet", "aria-label": "Close the story", onclick: close }, "✕")),
    body);
  heading.focus({ preventScroll: true });

  async function tell() {
    const { reasons, receipt } = await get(`/decisions/${encodeURIComponent(requestId)}/story`);
    if (stopped) return;
    stopDrawing();
    const picture = h("div", { class: "waterfall" });
    body.replaceChildren(...chapters(reasons, receipt, picture));
    if (isDecided(receipt)) stopDrawing = fitted(picture, (width) => waterfall(receipt, width));
  }

  const told = () => tell().catch((error) => {
    if (!stopped) body.replaceChildren(h("p", { class: "problem", role: "alert" }, error.message));
  });
  const stopWatching = watch(() => {
    const receipt = find(requestId);
    if (receipt === known.receipt) return;
    known.receipt = receipt;
    told();
  });
  known.receipt = find(requestId);
  told();
  return () => {
    stopped = true;
    stopWatching();
    stopDrawing();
  };
}

function chapters(reasons, receipt, picture) {
  return [
    h("p", { class: "reasons" }, plain(reasons)),
    isDecided(receipt) ? [h("h3", {}, "Where the time went"), picture] : [],
    receipt.attempts.length ? [h("h3", {}, "Attempts"), attempts(receipt.attempts)] : [],
    receipt.candidates.length ? [h("h3", {}, "Candidates"), candidates(receipt.candidates)] : [],
    receipt.skipped.length ? [h("h3", {}, "Skipped"), skipped(receipt.skipped)] : [],
    receipt.guards?.length ? [h("h3", {}, "Guards"), guards(receipt.guards)] : [],
    h("h3", {}, "Figures"), figures(receipt),
    others(receipt.other_requests),
    h("details", {}, h("summary", {}, "Receipt as JSON"), h("pre", { tabindex: "0" }, JSON.stringify(receipt, null, 2))),
  ].flat();
}

function attempts(list) {
  const rows = list.map((each) => h("tr", { role: "row" },
    cell("Model", "name", h("bdi", { title: plain(each.model) }, `${each.number}. ${shortName(each.model)}`)),
    cell("End", isGood(each) ? "good" : "bad", endText(each),
      each.translation.length ? h("div", { class: "faint" }, plain(each.translation.join(", "))) : null),
    cell("First byte", "number", milliseconds(each.first_byte_ms)),
    cell("Duration", "number", milliseconds(each.duration_ms)),
    cell("Tokens", "number", flow(each.usage)),
    cell("Cost", "number", dollars(each.cost_usd))));
  return table("Attempts", ["Model", "End", "#First byte", "#Duration", "#Tokens", "#Cost"], rows);
}

function candidates(list) {
  const rows = list.map((each, index) => h("tr", { role: "row" },
    cell("Model", "name", h("bdi", {}, `${index + 1}. ${plain(each.model)}`)),
    cell("Ranked by", "number", ranked(each.ranked_by)),
    cell("Age", "number", each.ranked_by?.age_s == null ? UNKNOWN : span(each.ranked_by.age_s)),
    cell("Note", "", note(each))));
  return table("Candidates", ["Model", "#Ranked by", "#Age", "Note"], rows);
}

const ranked = (by) => (by === null ? UNKNOWN : `${Number(by.value.toPrecision(4))} ${UNITS[by.unit] ?? by.unit}`);

const note = (each) => [
  each.ineligible && `cannot take the request (${each.ineligible})`,
  each.reluctant && `translated only with ${each.reluctant}`,
  each.cooldown && `set back: ${each.cooldown}`,
  each.explored && "to be measured",
  each.drawn && "drawn by weight",
].filter(Boolean).map(plain).join(", ");

function skipped(list) {
  const rows = list.map((each) => h("tr", { role: "row" },
    cell("Model", "name", h("bdi", {}, plain(each.model))), cell("Why", "", plain(each.reason))));
  return table("Skipped", ["Model", "Why"], rows);
}

function guards(list) {
  const rows = list.map((each) => h("tr", { role: "row" },
    cell("Guard", "name", h("bdi", {}, plain(each.guard))),
    cell("Looked at", "", each.side === "input" ? "request" : "answer"),
    cell("Verdict", "", plain(each.verdict)),
    cell("Why", "", plain(each.reason ?? "")),
    cell("Found", "", plain(found(each))),
    cell("Time", "number", milliseconds(each.ms))));
  return table("Guards", ["Guard", "Looked at", "Verdict", "Why", "Found", "#Time"], rows);
}

const found = (each) => (each.score === null
  ? each.found.map((one) => `${one.count} ${one.kind}`).join(", ")
  : `score ${each.score}`);

function figures(receipt) {
  const pairs = [
    ["Trace", h("code", {}, plain(receipt.trace_id))],
    ["Request", h("code", {}, plain(receipt.request_id))],
    ...(isDecided(receipt) ? ofDecided(receipt) : ofUndecided(receipt)),
  ];
  return h("dl", { class: "figures" }, pairs.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

const moment = (at) => h("time", { datetime: at }, `${at.slice(0, 10)} ${clock(at)}`);

function ofUndecided(receipt) {
  return [
    ["Ended at", moment(receipt.at)],
    ["Asked for", routeText(receipt)],
    ["Status", statusText(receipt.status)],
    ["Envoy's details", h("code", {}, plain(receipt.details))],
    ["In all", milliseconds(receipt.duration_ms)],
  ];
}

function ofDecided(receipt) {
  return [
    ["Decided at", moment(receipt.at)],
    ["Asked for", receipt.requested_model === null ? "no model" : plain(receipt.requested_model)],
    ["Dialect", `${receipt.dialect}${receipt.streamed ? ", streamed" : ""}`],
    ["Session", receipt.session_id === null ? UNKNOWN : `${plain(receipt.session_id)}${receipt.pinned ? ", pinned" : ""}`],
    ["Score", scores(receipt)],
    ["Classified by", receipt.classifier === null ? UNKNOWN : `${plain(receipt.classifier)}, ${milliseconds(receipt.classification_ms)}`],
    ["Configuration", receipt.config === null ? UNKNOWN : h("code", {}, plain(receipt.config))],
    ["Decision", milliseconds(receipt.decision_ms)],
    ["In all", milliseconds(receipt.duration_ms)],
    ["Tokens", tokens(receipt.usage)],
    ["Cost", dollars(receipt.cost_usd)],
  ];
}

function scores(receipt) {
  if (receipt.score === null) return UNKNOWN;
  const second = receipt.runner_up;
  const own = `${score(receipt.score)}${receipt.took_the_rest ? " (takes the rest)" : ""}`;
  return second === null ? own : `${own}, next ${plain(second.route)} ${score(second.score)}`;
}

function others(ids) {
  if (!ids?.length) return [];
  const links = ids.map((id) => h("li", {}, h("a", { href: `#/requests/${encodeURIComponent(id)}` }, plain(id))));
  return [h("h3", {}, "Other requests of this trace"), h("ul", {}, links)];
}
