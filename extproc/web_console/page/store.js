// The receipts that this page has been told of, the latest so many.

const KEPT = 1000;
const receipts = new Map();
const listeners = new Set();
let due = false;

/** Takes receipts in; those that are known already are replaced. */
export function take(told) {
  for (const receipt of told) receipts.set(receipt.request_id, receipt);
  if (receipts.size > KEPT) {
    for (const old of newestFirst().slice(KEPT)) receipts.delete(old.request_id);
  }
  if (due || !told.length) return;
  due = true;
  requestAnimationFrame(() => {
    due = false;
    for (const listener of listeners) listener();
  });
}

export const newestFirst = () =>
  [...receipts.values()].sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));

export const find = (requestId) => receipts.get(requestId) ?? null;

/** Has a function called, once a frame at most, when something has changed; returns how to stop. */
export function watch(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
