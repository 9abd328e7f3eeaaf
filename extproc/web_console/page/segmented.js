// A few choices side by side, of which one holds.

import { h } from "./dom.js";

/**
 * @param {string} legend
 * @param {Record<string, string>} choices - what is shown for each value.
 * @param {string} chosen - the value that holds at first.
 * @param {(value: string) => void} onchange
 */
export function segmented(legend, choices, chosen, onchange) {
  const name = legend.toLowerCase().replaceAll(" ", "-");
  const labels = Object.entries(choices).map(([value, text]) => h("label", {},
    h("input", { type: "radio", name, value, checked: value === chosen, onchange: () => onchange(value) }), text));
  return h("fieldset", { class: "segmented" }, h("legend", {}, legend), labels);
}
