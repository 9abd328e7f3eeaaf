// Small pictures of numbers. Each says in words what it shows.

import { svg } from "./dom.js";
import { count, percent } from "./format.js";

const HIGH = 28;

/** Bars of counts over time, with the part of each that failed. */
export function sparkline(counts, failed, label) {
  const most = Math.max(1, ...counts);
  const width = counts.length * 3;
  const bar = (value, index, kind) => {
    if (!value) return null;
    const height = Math.max(1.5, (value / most) * (HIGH - 2));
    return svg("rect", { class: kind, x: index * 3, y: HIGH - height, width: 2, height });
  };
  return svg("svg", { class: "sparkline", viewBox: `0 0 ${width} ${HIGH}`, preserveAspectRatio: "none", role: "img", "aria-label": label },
    svg("line", { class: "base", x1: 0, x2: width, y1: HIGH - 0.5, y2: HIGH - 0.5 }),
    counts.map((value, index) => bar(value, index, "all")),
    failed ? failed.map((value, index) => bar(value, index, "failed")) : []);
}

/** How often which score was given, and the score from which a route matches. */
export function histogram({ from, to, counts }, threshold) {
  const [width, high, foot] = [240, 64, 14];
  const most = Math.max(1, ...counts);
  const step = width / counts.length;
  const size = (to - from) / counts.length;
  const all = counts.reduce((sum, value) => sum + value, 0);
  const words = counts.flatMap((value, index) => (value ? [`${(from + index * size).toFixed(2)}: ${value}`] : []));
  const bars = counts.map((value, index) => {
    const height = value ? Math.max(2, (value / most) * (high - 4)) : 0;
    const low = from + index * size;
    return svg("rect", { class: threshold !== null && low + size / 2 < threshold ? "below" : "all", x: index * step + 1, y: high - height, width: step - 2, height },
      svg("title", {}, `${low.toFixed(2)} to ${(low + size).toFixed(2)}: ${count(value)}`));
  });
  const at = threshold === null ? null : ((threshold - from) / (to - from)) * width;
  return svg("svg", { class: "histogram", viewBox: `0 0 ${width} ${high + foot}`, role: "img",
    "aria-label": all ? `Scores of ${all} requests. ${words.join(", ")}` : "No scores yet" },
    svg("line", { class: "base", x1: 0, x2: width, y1: high + 0.5, y2: high + 0.5 }),
    bars,
    at === null ? null : svg("line", { class: "threshold", x1: at, x2: at, y1: 0, y2: high }, svg("title", {}, `matches from ${threshold}`)),
    [0, 0.5, 1].map((value) => svg("text", { x: value * width, y: high + 11, "text-anchor": value === 0 ? "start" : value === 1 ? "end" : "middle" }, String(from + value * (to - from)))));
}

/** A share as a bar beside its figure. */
export function shareBar(share) {
  const width = (share ?? 0) * 100;
  return svg("svg", { class: "share", viewBox: "0 0 100 6", preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("rect", { class: "track", width: 100, height: 6, rx: 1 }),
    svg("rect", { class: "part", width, height: 6, rx: 1 }), svg("title", {}, percent(share)));
}
