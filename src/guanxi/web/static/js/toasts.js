// <gx-toasts>: says what was done, with Undo. Hears the event `toast` {message, level, undo, link} on the body.

import { define, find, icon, isTyping, make, modalOpen } from "./dom.js";

const ICONS = { good: "circle-check", info: "info-circle", warn: "alert-triangle", bad: "alert-circle" };
const LEVELS = { success: "good", error: "bad", warning: "warn", debug: "info" };
const MOST = 4;

class Toasts extends HTMLElement {
  #heard = (event) => this.show(event.detail?.value && !event.detail.message ? { message: event.detail.value } : event.detail);
  #undoKey = (event) => {
    if (event.key !== "z" || !(event.ctrlKey || event.metaKey) || event.shiftKey || isTyping(event) || modalOpen()) return;
    const last = [...this.children].reverse().find((toast) => toast.undo);
    if (last) { event.preventDefault(); last.undo(); }
  };

  connectedCallback() {
    document.body.addEventListener("toast", this.#heard);
    document.addEventListener("keydown", this.#undoKey);
    for (const toast of this.querySelectorAll(".toast:not(:has(> .x))")) this.#dress(toast, { level: toast.dataset.level, undo: toast.dataset.undoUrl });
    if (this.children.length) this.#rise();
  }

  disconnectedCallback() {
    document.body.removeEventListener("toast", this.#heard);
    document.removeEventListener("keydown", this.#undoKey);
  }

  show({ message, level = "good", undo, link }) {
    if (!message) return;
    const toast = make("div", { class: `toast ${LEVELS[level] ?? level}` }, make("p", { text: message }));
    this.#rise();
    this.append(toast);
    this.#dress(toast, { level, undo, link });
    while (this.children.length > MOST) this.firstElementChild.remove();
  }

  #dress(toast, { level, undo, link }) {
    level = LEVELS[level] ?? level ?? "good";
    toast.classList.add(level);
    toast.prepend(icon(ICONS[level] ?? ICONS.info));
    if (link) toast.append(make("a", { href: link.url, text: link.label }));
    if (undo) {
      toast.undo = () => { toast.remove(); window.htmx.ajax("POST", undo, { source: document.body, target: document.body, swap: "none" }); };
      toast.append(make("button", { type: "button", text: this.dataset.undo, on: { click: toast.undo } }));
    }
    toast.append(make("button", { type: "button", class: "x", "aria-label": this.dataset.close, on: { click: () => toast.remove() } }, icon("x")));
    this.#leaveLater(toast, level === "bad" ? 14000 : undo || link ? 10000 : 5000);
  }

  /** Goes by itself, but not while someone reads or is about to press Undo. */
  #leaveLater(toast, wait) {
    let timer = setTimeout(() => toast.remove(), wait);
    const stay = () => clearTimeout(timer);
    const go = () => { stay(); timer = setTimeout(() => toast.remove(), 2500); };
    for (const event of ["pointerenter", "focusin"]) toast.addEventListener(event, stay);
    for (const event of ["pointerleave", "focusout"]) toast.addEventListener(event, go);
  }

  /** Above everything: what lies outside an open modal dialog is inert, so then inside it. */
  #rise() {
    const modal = [...document.querySelectorAll("dialog:modal")].at(-1);
    const home = modal ?? document.body;
    if (this.parentElement !== home) {
      home.append(this);
      modal?.addEventListener("close", () => { document.body.append(this); this.#top(); }, { once: true });
    }
    this.#top();
  }

  #top() {
    if (!this.popover) return;
    if (this.matches(":popover-open")) this.hidePopover();
    this.showPopover();
  }
}

define("gx-toasts", Toasts);

export const toast = (message, level = "good", more = {}) => find("gx-toasts")?.show({ message, level, ...more });
