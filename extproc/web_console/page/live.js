// What is live: server-sent events, read with fetch, since EventSource can send no token.
//
// Only a tab that is seen follows them. Browsers open six connections to one host at most, which
// six tabs would use up, and a hidden tab has nobody to show anything to.

import { ask } from "./api.js";

const PATH = "/events?latest=200";
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 15000;

/**
 * Follows the events until the page is closed.
 * @param {(receipts: object[], skipped: number) => void} told - is given the receipts of each event.
 * @param {(state: "live" | "connecting" | "paused" | "lost", why: string) => void} changed
 */
export function follow(told, changed) {
  let running = null;
  const watch = () => {
    if (document.hidden) {
      running?.abort();
      running = null;
      changed("paused", "hidden");
    } else if (running === null) {
      running = new AbortController();
      keepOn(running.signal, told, changed);
    }
  };
  document.addEventListener("visibilitychange", watch);
  watch();
}

async function keepOn(signal, told, changed) {
  let wait = FIRST_WAIT;
  while (!signal.aborted) {
    changed("connecting", "connecting");
    let least = 0;
    try {
      const answer = await ask(PATH, { signal });
      changed("live", "live");
      wait = FIRST_WAIT;
      await read(answer.body, told);
    } catch (error) {
      if (signal.aborted) return;
      changed("lost", error.status ? error.message : "not reached");
      least = (error.retryAfter ?? 0) * 1000;
    }
    await new Promise((resolve) => setTimeout(resolve, Math.max(wait, least)));
    wait = Math.min(wait * 2, LONGEST_WAIT);
  }
}

/** Reads events to the end of the stream. */
async function read(body, told) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (rest + value).split("\n\n");
    rest = parts.pop();
    for (const part of parts) {
      const data = part.split("\n").find((line) => line.startsWith("data: "));
      if (data === undefined) continue;
      const { receipts, skipped } = JSON.parse(data.slice("data: ".length));
      told(receipts, skipped);
    }
  }
}
