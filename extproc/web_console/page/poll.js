// What is asked for again and again, as long as somebody sees it.

import { get } from "./api.js";

/**
 * Asks for a path now and every so many milliseconds after an answer; returns how to stop.
 * @param {() => string} path - said anew each time.
 * @param {(answer: object) => void} told
 * @param {(message: string) => void} failed
 */
export function poll(path, period, told, failed) {
  const controller = new AbortController();
  let timer = null;
  const ask = async () => {
    clearTimeout(timer);
    if (!document.hidden) {
      try {
        const answer = await get(path(), { signal: controller.signal });
        if (!controller.signal.aborted) told(answer);
      } catch (error) {
        if (controller.signal.aborted) return;
        failed(error.message);
      }
    }
    if (!controller.signal.aborted) timer = setTimeout(ask, period);
  };
  ask();
  return {
    again: ask,
    stop: () => {
      controller.abort();
      clearTimeout(timer);
    },
  };
}
