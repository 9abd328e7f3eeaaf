// The configuration that runs. Secrets are in it by the names of their variables only.

import { get } from "./api.js";
import { h } from "./dom.js";
import { count, plain } from "./format.js";

/** Shows the configuration. */
export function show(main) {
  const body = h("div", { class: "content" });
  main.append(h("div", { class: "head" }, h("h1", {}, "Configuration")), body);
  get("/configuration").then(({ version, hash, configuration }) => {
    const named = Object.entries(configuration).filter(([, value]) => isSet(value));
    const [single, sections] = [named.filter(([, value]) => !isNested(value)), named.filter(([, value]) => isNested(value))];
    body.append(
      h("p", { class: "note" }, "What runs, defaults included. Times are in seconds, sizes in bytes; of secrets only the variables are named. Version ",
        h("code", {}, plain(version)), ", hash ", h("code", {}, plain(hash)), "."),
      h("div", { class: "sections" }, sections.map(([name, value]) => section(name, value)), tree(single)));
  }).catch((error) => body.append(h("p", { class: "problem", role: "alert" }, error.message)));
  return { leave: () => {} };
}

function section(name, value) {
  const items = Array.isArray(value) ? h("span", { class: "faint" }, ` ${count(value.length)}`) : null;
  return h("details", { open: name === "models" || name === "routes" },
    h("summary", {}, h("span", { class: "key" }, plain(name)), items), shown(value));
}

const isNested = (value) => value !== null && typeof value === "object";
const isSet = (value) => value !== null && !(isNested(value) && Object.keys(value).length === 0);

function shown(value) {
  if (!isNested(value)) return h("span", { class: "value" }, plain(value));
  if (!Array.isArray(value)) return tree(Object.entries(value).filter(([, item]) => isSet(item)));
  const simple = value.every((item) => !isNested(item));
  return h("ul", { class: simple ? "inline" : "nested" }, value.map((item) => h("li", {}, listed(item))));
}

const tree = (entries) => h("dl", { class: "tree" }, entries.map(([key, item]) =>
  h("div", { class: isNested(item) ? "branch" : "leaf" }, h("dt", {}, plain(key)), h("dd", {}, shown(item)))));

/** An item of a list: folded, if it has a name to unfold it by. */
function listed(item) {
  if (!isNested(item) || typeof item.name !== "string") return shown(item);
  return h("details", {}, h("summary", {}, h("bdi", {}, plain(item.name)), h("span", { class: "faint" }, ` ${gist(item)}`)), shown(item));
}

const gist = (item) => plain(item.description ?? item.endpoint?.host ?? "");
