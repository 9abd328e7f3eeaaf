// A request's time as a picture: its arrival, the decision, and each attempt on one axis.

import { svg } from "./dom.js";
import { milliseconds, plain } from "./format.js";
import { endText, isGood } from "./meaning.js";

const NARROW = 620;
const LABELS = 190;
const TOP = 22;
const BAR = 12;
const LETTER = 6.6;
const STEPS = [1, 2, 5];

/** What took how long: milliseconds since the request came in. */
function spans(receipt) {
  const decided = Date.parse(receipt.at);
  const deciding = decided - receipt.decision_ms;
  const received = receipt.received_at === null ? deciding : Math.min(Date.parse(receipt.received_at), deciding);
  const found = [{ kind: "decision", name: "decision", from: deciding - received, length: receipt.decision_ms, end: "" }];
  if (deciding - received >= 1) {
    found.unshift({ kind: "arrival", name: "arrival", from: 0, length: deciding - received, end: "" });
  }
  for (const each of receipt.attempts) {
    found.push({
      kind: isGood(each) ? "good" : "bad",
      name: `${each.number}. ${plain(each.model)}`,
      from: Math.max(0, Date.parse(each.at) - received),
      length: each.duration_ms,
      first: each.first_byte_ms,
      end: endText(each),
    });
  }
  return found;
}

/** A receipt as so wide a picture. */
export function waterfall(receipt, width) {
  const rows = spans(receipt);
  const total = Math.max(receipt.duration_ms ?? 0, ...rows.map((row) => row.from + row.length), 0.001);
  const narrow = width < NARROW;
  const left = narrow ? 0 : LABELS;
  const height = narrow ? 38 : 28;
  const scale = (width - left - 2) / total;
  const bottom = TOP + rows.length * height;
  const words = rows.map((row) => `${row.name}: ${milliseconds(row.length)} ${row.end}`.trim()).join("; ");
  return svg("svg", { width, height: bottom + 4, role: "img", "aria-label": `Waterfall of ${milliseconds(total)}. ${words}` },
    ticks(total, left, scale, bottom, width),
    rows.map((row, index) => line(row, TOP + index * height, { left, scale, narrow, width })));
}

function ticks(total, left, scale, bottom, width) {
  const least = (total * 90) / Math.max(90, width - left);
  const power = 10 ** Math.floor(Math.log10(least));
  const step = (STEPS.find((each) => each * power >= least) ?? 10) * power;
  const found = [];
  for (let at = 0; at <= total; at += step) {
    const x = left + at * scale + 0.5;
    const last = x > width - 44;
    found.push(
      svg("line", { class: "tick", x1: x, x2: x, y1: 16, y2: bottom }),
      svg("text", { class: "axis", x, y: 11, "text-anchor": at === 0 ? "start" : last ? "end" : "middle" }, at === 0 ? "0" : milliseconds(at)));
  }
  return found;
}

function line(row, top, { left, scale, narrow, width }) {
  const x = left + row.from * scale;
  const length = Math.max(2, row.length * scale);
  const y = top + (narrow ? 18 : 7);
  const waited = row.first === undefined || row.first === null ? 0 : Math.min(length, row.first * scale);
  const told = `${milliseconds(row.length)} ${row.end}`.trim();
  const room = told.length * LETTER + 8;
  const right = x + length + room < width;
  return svg("g", { class: `span ${row.kind}` },
    svg("title", {}, `${row.name}: ${told}${waited ? `, first byte after ${milliseconds(row.first)}` : ""}`),
    svg("text", { class: "name", x: 0, y: narrow ? top + 13 : y + 10 }, clipped(row.name, narrow ? width - room : left - 10)),
    svg("rect", { class: "whole", x, y, width: length, height: BAR, rx: 2 }),
    waited ? svg("rect", { class: "waited", x, y, width: waited, height: BAR, rx: 2 }) : null,
    narrow
      ? svg("text", { class: "told", x: width, y: top + 13, "text-anchor": "end" }, told)
      : svg("text", { class: `told ${right || x < left + room ? "" : "before"}`, x: right || x < left + room ? x + length + 6 : x - 6, y: y + 10, "text-anchor": right || x < left + room ? "start" : "end" }, told));
}

function clipped(text, room) {
  const letters = Math.max(6, Math.floor(room / LETTER));
  return text.length <= letters ? text : `${text.slice(0, letters - 1)}…`;
}
