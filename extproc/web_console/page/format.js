// Figures in words. What is not known is a dash, never 0.

export const UNKNOWN = "–";

// What moves the cursor or turns the direction of what stands around it.
const CONTROL = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

// What is a part of what went in, and of what came out.
const OF_INPUT = [["cached_tokens", "cached"], ["cache_write_tokens", "written to the cache"], ["input_audio_tokens", "audio"]];
const OF_OUTPUT = [["reasoning_tokens", "thought"], ["output_audio_tokens", "audio"]];

const AGES = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];

/** Text that strangers may have chosen. */
export const plain = (text) => String(text).replace(CONTROL, "\ufffd");

export function milliseconds(amount) {
  if (amount === null || amount === undefined) return UNKNOWN;
  if (amount >= 60000) return `${(amount / 60000).toFixed(1)} min`;
  if (amount >= 1000) return `${(amount / 1000).toFixed(amount < 10000 ? 2 : 1)} s`;
  return `${amount < 10 ? amount.toFixed(1) : Math.round(amount)} ms`;
}

export function dollars(amount) {
  if (amount === null || amount === undefined) return UNKNOWN;
  if (amount === 0) return "$0";
  if (amount >= 1) return `$${amount.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
  const digits = Math.min(12, 2 - Math.floor(Math.log10(amount)));
  return `$${amount.toFixed(digits).replace(/0+$/, "")}`;
}

export const count = (amount) =>
  amount === null || amount === undefined ? UNKNOWN : amount.toLocaleString("en");

export function tokens(usage) {
  if (usage.input_tokens === null && usage.output_tokens === null) return UNKNOWN;
  const parts = (kinds) => {
    const found = kinds.filter(([key]) => usage[key]).map(([key, name]) => `${count(usage[key])} ${name}`);
    return found.length ? ` (${found.join(", ")})` : "";
  };
  return `${count(usage.input_tokens)} in${parts(OF_INPUT)}, ${count(usage.output_tokens)} out${parts(OF_OUTPUT)}`;
}

/** The same where there is little room. */
export const flow = (usage) =>
  usage.input_tokens === null && usage.output_tokens === null ? UNKNOWN : `${short(usage.input_tokens)} → ${short(usage.output_tokens)}`;

const short = (amount) =>
  amount >= 100000 ? amount.toLocaleString("en", { notation: "compact", maximumSignificantDigits: 3 }) : count(amount);

export function percent(share) {
  if (share === null || share === undefined) return UNKNOWN;
  const amount = share * 100;
  return `${amount > 0 && amount < 10 ? amount.toFixed(1) : Math.round(amount)} %`;
}

export const score = (value) => (value === null || value === undefined ? UNKNOWN : value.toFixed(2));

/** How long ago something was, or how long it takes from now on. */
export function span(seconds) {
  const length = Math.abs(seconds);
  const [size, unit] = AGES.find(([least]) => length >= least) ?? [1, "s"];
  return `${Math.round(length / size)} ${unit}`;
}

export const since = (iso) => (Date.now() - Date.parse(iso)) / 1000;

export function clock(iso) {
  const at = new Date(iso);
  return `${at.toLocaleTimeString("en-GB")}.${String(at.getMilliseconds()).padStart(3, "0")}`;
}

/** A model without its provider: what tells it from the others of a row. */
export const shortName = (model) => plain(model).replace(/^[^/]*\//, "");
