// What the views of models and of routes share: both show some of the latest minutes, and follow them.

import { h } from "./dom.js";
import { poll } from "./poll.js";
import { segmented } from "./segmented.js";

const PERIOD = 2000;
const MINUTES = { 5: "5 min", 15: "15 min", 60: "60 min" };
let minutes = "15";

/**
 * A view of what was done lately.
 * @param {HTMLElement} main
 * @param {string} title
 * @param {(activity: object) => Node[]} content - what is shown of an answer.
 */
export function activityView(main, title, content) {
  const body = h("div", { class: "content" });
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  const choice = segmented("The latest", MINUTES, minutes, (value) => { minutes = value; polling.again(); });
  main.append(
    h("div", { class: "head" }, h("h1", {}, title), choice),
    problem, body);
  const polling = poll(() => `/activity?minutes=${minutes}`, PERIOD, (activity) => {
    problem.hidden = true;
    const selection = getSelection();
    const reading = !selection.isCollapsed && body.contains(selection.anchorNode);
    if (!reading) body.replaceChildren(...content(activity).flat());
  }, (message) => {
    problem.hidden = false;
    problem.textContent = message;
  });
  return { leave: polling.stop };
}
