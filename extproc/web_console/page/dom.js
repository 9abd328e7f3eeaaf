// Elements. Whatever a name or a header holds becomes text here, never markup: there is no other
// way to put something on the page than through this module.

const SVG = "http://www.w3.org/2000/svg";

function made(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

/** An HTML element; attributes that begin with "on" are listeners. */
export function h(name, attributes, ...children) {
  return made(document.createElement(name), attributes, children);
}

/** An element of SVG. */
export function svg(name, attributes, ...children) {
  return made(document.createElementNS(SVG, name), attributes, children);
}

/** An option per value, the empty one standing for all. */
export function choice(label, all, values, chosen, onchange) {
  const select = h("select", { "aria-label": label, onchange: () => onchange(select.value) });
  refill(select, all, values, chosen);
  return select;
}

/** Gives a choice other values; what was chosen stays so. */
export function refill(select, all, values, chosen = select.value) {
  const known = new Set(values);
  if (chosen) known.add(chosen);
  const wanted = ["", ...known];
  if (wanted.length === select.length && wanted.every((value, i) => select[i].value === value)) return;
  select.replaceChildren(...wanted.map((value) => h("option", { value }, value || all)));
  select.value = chosen;
}

/**
 * A table with roles of its own: on a phone its rows are cards, which browsers take for no table.
 * @param {string} label
 * @param {string[]} titles - those of columns of numbers begin with "#".
 */
export function table(label, titles, rows, kind = "cards") {
  const heads = titles.map((title) => h("th", { scope: "col", role: "columnheader", class: title.startsWith("#") ? "number" : null }, title.replace("#", "")));
  return h("table", { class: kind, role: "table", "aria-label": label },
    h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, heads)),
    h("tbody", { role: "rowgroup" }, rows));
}

/** A cell; its label stands before it where rows are cards. */
export function cell(label, kind, ...children) {
  return h("td", { role: "cell", class: kind || null, "data-label": label }, children);
}
