// What a receipt says, in the few words that lists have room for.

import { plain } from "./format.js";

export const isGood = (ended) =>
  !ended.lost && ended.status >= 200 && ended.status < 300 && [null, undefined, "finished"].includes(ended.stream_end);

/** False of a request that was refused, or left, before anything was decided. */
export const isDecided = (receipt) => receipt.decided !== false;

/** Under way, answered, moved on to another model and answered, failed, decided and no more, or ended before that. */
export function state(receipt) {
  if (!isDecided(receipt)) return "undecided";
  if (receipt.decision_only) return "decided";
  if (receipt.status === null) return "open";
  if (!isGood(receipt) || receipt.attempts.some((each) => each.status < 300 && !each.lost && !isGood(each))) return "failed";
  return receipt.attempts.filter((each) => !each.lost).length > 1 ? "moved" : "answered";
}

export const STATES = {
  open: "under way",
  answered: "answered",
  moved: "moved on",
  failed: "failed",
  decided: "decision only",
  undecided: "undecided",
};

export const statusText = (status) => (status === 0 ? "gone" : String(status));

export function routeText(receipt) {
  if (!isDecided(receipt)) return plain([receipt.method, receipt.path].filter(Boolean).join(" ") || "what came");
  if (receipt.forwarded !== null) return plain(receipt.forwarded);
  return receipt.route === null ? "no route" : plain(receipt.route);
}

/** How an attempt ended. */
export function endText(attempt) {
  if (attempt.lost) return "given up: another was first";
  const parts = [statusText(attempt.status)];
  if (attempt.flags && attempt.flags !== "-") parts.push(plain(attempt.flags));
  if (attempt.details === "dragoman_reply{too_slow}") parts.push("too slow for the time that was left");
  if (attempt.stream_end && attempt.stream_end !== "finished") parts.push(`stream ${plain(attempt.stream_end)}`);
  if (attempt.retry_after_s !== null) parts.push(`retry after ${attempt.retry_after_s} s`);
  return parts.join(", ");
}

/** From the request's arrival to the first byte of its answer, in milliseconds. */
export function firstByte(receipt) {
  const answered = receipt.attempts.findLast(isGood);
  if (!answered || answered.first_byte_ms === null) return null;
  const arrived = receipt.received_at ?? answered.at;
  return Math.max(0, Date.parse(answered.at) - Date.parse(arrived)) + answered.first_byte_ms;
}
