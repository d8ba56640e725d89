// The start of every page: htmx's manners, dialogs, errors; and each custom element fetched when a page uses it.

import { all, fill, find, isTyping, kept, meta, modalOpen, small } from "./dom.js";
import { askToSignIn, ledToLogin, reason } from "./requests.js";
import { toast } from "./toasts.js";
import { refresh } from "./moments.js";
import "./menu.js";
import "./palette.js";
import "./cells.js";
import "./copy.js"; // at once: a link is copied as soon as it is there

// Elements `gx-…` by the modules of the same name; menus, palette and toasts are here at once.
const ELEMENTS = ["add", "arrange", "board", "chart", "condition", "drop", "events", "files", "form", "list", "mention", "picker", "region", "rows", "theme"];
const asked = new Set();

/** Fetch the modules of the elements found below `root`; a page as it was served names its own. */
function wake(root) {
  refresh(root);
  if (small()) for (const fold of all("details[data-fold-small]", root)) fold.open = false;
  for (const name of ELEMENTS) {
    const tag = `gx-${name}`;
    if (!asked.has(tag) && (root.matches?.(tag) || find(tag, root))) { asked.add(tag); import(`./${name}.js`); }
  }
}
wake(document);
document.addEventListener("htmx:load", (event) => wake(event.detail.elt));

// What a fold holds is written into at once.
document.addEventListener("toggle", ({ target }) => {
  if (target.matches?.("details.step[open]") && target.contains(document.activeElement)) find("input:not([type=hidden]), textarea", target)?.focus();
}, true);

// Requests
document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = meta("csrf-token");
});

let running = 0;
const busy = (step) => { running = Math.max(0, running + step); document.documentElement.classList.toggle("busy", running > 0); };
document.addEventListener("htmx:beforeRequest", () => busy(1));
document.addEventListener("htmx:afterRequest", () => busy(-1));

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, requestConfig } = event.detail;
  if (xhr.status === 401 || ledToLogin(xhr.responseURL, requestConfig.path)) {
    event.detail.shouldSwap = false;
    event.detail.isError = false;
    askToSignIn();
    return;
  }
  // A form with its errors, a conflict to resolve: an answer like any other.
  if ([409, 412, 422].includes(xhr.status) && xhr.getResponseHeader("content-type")?.startsWith("text/html")) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});
document.addEventListener("htmx:responseError", (event) => {
  const { xhr } = event.detail;
  if (xhr.getResponseHeader("HX-Trigger")?.includes('"toast"')) return; // it has spoken for itself
  toast(reason(xhr.status, xhr.getResponseHeader("content-type"), xhr.responseText), "bad");
});
document.addEventListener("htmx:sendError", () => toast(find("gx-toasts").dataset.offline, "bad"));
document.addEventListener("htmx:timeout", () => toast(find("gx-toasts").dataset.slow, "bad"));

// Dialogs
const dialog = find("#dialog");
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id !== "dialog-body" || !dialog) return;
  if (!event.detail.target.childElementCount) { dialog.close(); return; }
  const title = find("h2", dialog);
  if (title) dialog.setAttribute("aria-label", title.textContent.trim());
  if (!dialog.open) dialog.showModal();
  (find("[aria-invalid=true], [autofocus]", dialog) ?? find(".inside :is(input:not([type=hidden]), select, textarea)", dialog))?.focus();
});
document.body.addEventListener("close-dialog", () => dialog?.close());
dialog?.addEventListener("close", () => {
  if (!find(".htmx-request", dialog)) find("#dialog-body").replaceChildren(); // what was sent already is still answered
});
document.addEventListener("click", (event) => {
  const target = event.target;
  if (target.closest?.("[data-close]")) target.closest("dialog")?.close();
  if (target.closest?.("[data-keys]")) find("#keys")?.showModal();
  // Outside a dialog closes it, unless something was typed there.
  if (target.matches?.("dialog:modal") && !find("form:not([method=dialog])", target)) target.close();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "?" && !event.ctrlKey && !event.metaKey && !isTyping(event) && !modalOpen()) { event.preventDefault(); find("#keys")?.showModal(); }
});

// A page renews its parts when something changed, perhaps between a press and its release: then what took the pressed
// button's place is clicked.
const PRESSED = "button, a[href]";
const alike = (one, other) => one.textContent === other.textContent && ["hx-get", "hx-post", "href"].every((name) => one.getAttribute(name) === other.getAttribute(name));
let pressed = null;
document.addEventListener("pointerdown", (event) => { pressed = event.button === 0 ? event.target.closest?.(PRESSED) : null; });
document.addEventListener("pointerup", (event) => {
  const now = event.target.closest?.(PRESSED);
  if (pressed && !pressed.isConnected && now && alike(pressed, now)) now.click();
  pressed = null;
});

// "Are you sure?" in our own dress
document.addEventListener("htmx:confirm", (event) => {
  const { question, elt, issueRequest } = event.detail;
  const box = find("#confirm");
  if (!question || !box) return;
  event.preventDefault();
  find("[data-question]", box).textContent = fill(question, { n: document.querySelector("gx-list")?.size ?? "" });
  const yes = find("[data-yes]", box);
  yes.textContent = elt.dataset.confirmWord || elt.textContent.trim() || yes.textContent;
  yes.classList.toggle("danger", elt.classList.contains("danger"));
  box.returnValue = "";
  box.showModal();
  box.addEventListener("close", () => { if (box.returnValue === "yes") issueRequest(true); }, { once: true });
});

// Words kept in this browser end with the session
for (const form of all("form[data-sign-out]")) form.addEventListener("submit", () => kept.forgetAll());

// A page restored by the back button may be old: moments are refreshed, counts ask again
addEventListener("pageshow", (event) => { if (event.persisted) { refresh(); window.htmx?.trigger(document.body, "changed"); } });
