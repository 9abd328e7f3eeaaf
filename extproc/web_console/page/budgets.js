// Where budgets stand, beside what requests cost.

import { cell, h, table } from "./dom.js";
import { dollars, percent, plain } from "./format.js";

const TITLES = ["Budget", "Tenant", "#Limit", "#Spent", "#Set aside", "#Used", "Begins anew"];

/** A heading and a table; nothing where there are no budgets. */
export function budgets(found) {
  if (!found.length) return [];
  return [h("h2", {}, "Budgets"), table("Budgets", TITLES, found.map(row))];
}

function row(budget) {
  const used = (budget.spent_usd + budget.reserved_usd) / budget.limit_usd;
  const tenant = budget.tenant === null ? "" : plain(budget.tenant) || "(none)";
  return h("tr", { role: "row" },
    cell("Budget", "name", h("bdi", {}, plain(budget.name))),
    cell("Tenant", "name", h("bdi", {}, tenant)),
    cell("Limit", "number", dollars(budget.limit_usd)),
    cell("Spent", "number", dollars(budget.spent_usd)),
    cell("Set aside", "number", dollars(budget.reserved_usd)),
    cell("Used", "number", percent(used)),
    cell("Begins anew", null, new Date(budget.begins_anew_at).toLocaleString()));
}
