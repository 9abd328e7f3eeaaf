// Costs over time as bars, each stacked of its parts.

import { svg } from "./dom.js";
import { clock, dollars } from "./format.js";

const [HIGH, LEFT, FOOT] = [180, 56, 18];
const LABEL = 110;
const MOST = 96;
const WIDEST = 40;
const LINES = 3;
const DAY = 86400;

/**
 * @param {number} width
 * @param {object} costs - as /costs answers.
 * @param {"route" | "model"} key - what the parts are.
 * @param {string[]} names - the parts from below upwards.
 * @param {(name: string) => string} colour - the class of a part.
 * @param {(name: string) => string} titled - what a part is called.
 */
export function stacked(width, costs, key, names, colour, titled) {
  const columns = slots(costs, key);
  const most = Math.max(1e-12, ...columns.map((column) => sum(column.parts)));
  const step = (width - LEFT) / columns.length;
  const bars = columns.flatMap((column, index) => bar(column, LEFT + index * step, step, most, { names, colour, titled }));
  const all = columns.reduce((total, column) => total + sum(column.parts), 0);
  return svg("svg", { class: "bars", width, height: HIGH + FOOT, role: "img",
    "aria-label": `${dollars(all)} from ${moment(columns[0].at)} to now, ${dollars(most)} at most in one step; the table below has the sums` },
    lines(most, width), bars, times(columns, step, width));
}

/** The steps between the first and now, joined so that there are not too many of them. */
function slots({ over_time: items, step_s: seconds }, key) {
  const first = Date.parse(items[0].at) / 1000;
  const count = Math.floor((Date.now() / 1000 - first) / seconds) + 1;
  const joined = Math.max(1, Math.ceil(count / MOST));
  const found = Array.from({ length: Math.max(1, Math.ceil(count / joined)) }, (_, index) => (
    { at: first + index * joined * seconds, parts: new Map() }));
  for (const item of items) {
    const index = Math.floor((Date.parse(item.at) / 1000 - first) / (joined * seconds));
    const { parts } = found[Math.min(index, found.length - 1)];
    parts.set(item[key], (parts.get(item[key]) ?? 0) + (item.cost_usd ?? 0));
  }
  return found;
}

const sum = (parts) => [...parts.values()].reduce((total, value) => total + value, 0);

function bar({ at, parts }, x, step, most, { names, colour, titled }) {
  let top = HIGH;
  const width = Math.min(step * 0.8, WIDEST);
  return names.filter((name) => parts.get(name)).map((name) => {
    const height = (parts.get(name) / most) * (HIGH - 10);
    top -= height;
    return svg("rect", { class: colour(name), x: x + step * 0.1, y: top, width, height },
      svg("title", {}, `${moment(at)}: ${titled(name)} ${dollars(parts.get(name))}`));
  });
}

function lines(most, width) {
  return Array.from({ length: LINES + 1 }, (_, index) => {
    const y = HIGH - (index / LINES) * (HIGH - 10);
    return [
      svg("line", { class: "tick", x1: LEFT, x2: width, y1: y + 0.5, y2: y + 0.5 }),
      svg("text", { x: LEFT - 6, y: y + 4, "text-anchor": "end" }, index ? dollars(Number(((most * index) / LINES).toPrecision(2))) : "$0"),
    ];
  });
}

function times(columns, step, width) {
  const every = Math.max(1, Math.ceil(columns.length / Math.max(1, Math.floor((width - LEFT) / LABEL))));
  return columns.filter((_, index) => index % every === 0).map((column, index) =>
    svg("text", { x: LEFT + index * every * step, y: HIGH + 14 }, moment(column.at)));
}

/** The time of day, and the day where that is not today. */
function moment(seconds) {
  const at = new Date(seconds * 1000);
  const time = clock(at.toISOString()).slice(0, 5);
  if (Date.now() / 1000 - seconds < DAY && at.getDate() === new Date().getDate()) return time;
  return `${at.toLocaleDateString("en-GB", { day: "numeric", month: "short" })} ${time}`;
}
