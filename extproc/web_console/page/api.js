// Questions to the admin port.

import { askForToken, headers } from "./token.js";

const UNAUTHORIZED = 401;

/** A question that was answered with an error; the message is the port's own. */
export class Refused extends Error {
  constructor(status, message, retryAfter) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** The answer to GET, whose body is not read yet. */
export async function ask(path, options = {}) {
  for (;;) {
    const answer = await fetch(path, { ...options, headers: headers(), cache: "no-store" });
    if (answer.status === UNAUTHORIZED) {
      await askForToken();
      continue;
    }
    if (!answer.ok) throw await refusal(answer);
    return answer;
  }
}

/** What a path answers, as JSON. */
export const get = async (path, options) => (await ask(path, options)).json();

async function refusal(answer) {
  const said = await answer.json().then((body) => body.error, () => null);
  const patience = Number(answer.headers.get("retry-after")) || null;
  return new Refused(answer.status, said ?? `the port answered ${answer.status}`, patience);
}
