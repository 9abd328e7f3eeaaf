// The admin port's token, if it wants one: asked for once, and kept as long as the tab is open.

import { h } from "./dom.js";

const KEY = "dragoman-admin-token";
let asking = null;

/** The headers that a question to the admin port has. */
export function headers() {
  const token = sessionStorage.getItem(KEY);
  return token ? { authorization: `Bearer ${token}` } : {};
}

/** Asks the person for the token; resolves when one was given. Whoever asks meanwhile waits, too. */
export function askForToken() {
  asking ??= asked().finally(() => { asking = null; });
  return asking;
}

function asked() {
  const wrong = sessionStorage.getItem(KEY) !== null;
  sessionStorage.removeItem(KEY);
  return new Promise((resolve) => {
    const input = h("input", { id: "token", type: "password", autocomplete: "off", required: true });
    const dialog = h("dialog", { "aria-labelledby": "token-title", oncancel: (event) => event.preventDefault() },
      h("form", {
        method: "dialog",
        onsubmit: () => {
          sessionStorage.setItem(KEY, input.value.trim());
          dialog.remove();
          resolve();
        },
      },
      h("h2", { id: "token-title" }, "This port wants a token"),
      wrong ? h("p", { class: "bad", role: "alert" }, "That was not it.") : null,
      h("p", {}, "It is the value that ", h("code", {}, "dragoman.admin_token"),
        " of the configuration names. This tab keeps it until it is closed."),
      h("label", { for: "token" }, "Token"), input,
      h("button", { class: "primary" }, "Open")));
    document.body.append(dialog);
    dialog.showModal();
    input.focus();
  });
}
