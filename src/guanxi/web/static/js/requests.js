// Talking to the server: the CSRF token, what a refusal says, and what to do when the session has ended.
// Most requests are htmx's; `send` is for the few that want JSON or text.

import { find, meta } from "./dom.js";

/** Why a request failed, in words for a person. */
export class Refused extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

const words = () => find("gx-toasts")?.dataset ?? {};

/** GET or POST; answers the Response, or throws Refused with the server's words. */
export async function send(url, { method = "GET", body, signal } = {}) {
  const headers = { "HX-Request": "true", "X-CSRFToken": meta("csrf-token") };
  let answer;
  try {
    answer = await fetch(url, { method, body, signal, headers, credentials: "same-origin" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(words().offline ?? error.message, 0);
  }
  if (answer.status === 401 || ledToLogin(answer.url, url)) {
    askToSignIn();
    throw new Refused("", 401);
  }
  if (!answer.ok) throw new Refused(reason(answer.status, answer.headers.get("content-type"), await answer.text()), answer.status);
  return answer;
}

/** The sentence in a refusal: problem+json, short plain text, or a general one for the status. */
export function reason(status, type, text) {
  type = type ?? "";
  if (type.includes("json")) {
    try {
      const problem = JSON.parse(text);
      const said = problem.detail ?? problem.message ?? problem.title;
      if (typeof said === "string" && said) return said;
    } catch { /* not JSON after all */ }
  }
  if (type.startsWith("text/plain") && text && text.length < 400) return text;
  const general = words();
  if (status === 0) return general.offline;
  if (status === 403) return general.forbidden;
  if (status === 404 || status === 410) return general.missing;
  return status >= 500 ? general.broken : general.refused;
}

/** A request for something else ended on the login page. */
export function ledToLogin(reached, asked) {
  const login = meta("login-url");
  if (!login || !reached) return false;
  const path = (url) => new URL(url, location.href).pathname;
  return path(reached) === path(login) && path(asked) !== path(login);
}

export function askToSignIn() {
  const dialog = find("#session");
  if (!dialog || dialog.open) return;
  dialog.showModal();
  find("[data-again]", dialog).onclick = async () => {
    // Signing in gives a new CSRF token; any page of ours carries it.
    const page = await fetch(location.href, { credentials: "same-origin" });
    if (ledToLogin(page.url, location.href)) return;
    const token = new DOMParser().parseFromString(await page.text(), "text/html").querySelector('meta[name="csrf-token"]');
    if (token) find('meta[name="csrf-token"]').content = token.content;
    for (const input of document.querySelectorAll('input[name="csrfmiddlewaretoken"]')) input.value = token?.content ?? input.value;
    dialog.close();
  };
}
