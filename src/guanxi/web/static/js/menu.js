// <gx-menu>: a button and its native popover. Adds what the popover API lacks: a place beside the button, arrow keys.

import { all, define, find, small } from "./dom.js";

const ITEMS = "a[href], button:not(:disabled), input:not([type=hidden]), select, textarea, [tabindex='0']";

/** Put a popover beside what opened it, inside the window. */
export function place(popover, anchor) {
  const at = anchor.getBoundingClientRect();
  const size = popover.getBoundingClientRect();
  const room = 8;
  if (small() && popover.classList.contains("sheet")) return;
  let left = at.left + size.width > innerWidth - room ? at.right - size.width : at.left;
  let top = at.bottom + 4;
  if (top + size.height > innerHeight - room && at.top - size.height - 4 > room) top = at.top - size.height - 4;
  left = Math.max(room, Math.min(left, innerWidth - size.width - room));
  popover.style.left = `${Math.round(left)}px`;
  popover.style.top = `${Math.round(Math.max(room, Math.min(top, innerHeight - size.height - room)))}px`;
}

class Menu extends HTMLElement {
  connectedCallback() {
    this.button = find("[popovertarget]", this);
    this.menu = this.button && document.getElementById(this.button.getAttribute("popovertarget"));
    if (!this.menu || this.menu.ready) return;
    this.menu.ready = true;
    this.button.setAttribute("aria-expanded", "false");
    this.button.setAttribute("aria-haspopup", "true");
    this.button.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); this.menu.showPopover(); this.#focus(event.key === "ArrowUp" ? -1 : 0); }
    });
    // Told before it shows: `toggle` comes a moment later, when a key may have been pressed already.
    this.menu.addEventListener("beforetoggle", (event) => this.button.setAttribute("aria-expanded", String(event.newState === "open")));
    this.menu.addEventListener("toggle", (event) => {
      if (event.newState !== "open") return;
      place(this.menu, this.button);
      if (this.button.matches(":focus-visible") && !this.menu.contains(document.activeElement)) this.#focus(0);
    });
    this.menu.addEventListener("keydown", (event) => this.#key(event));
    this.menu.addEventListener("click", (event) => {
      const chosen = event.target.closest("a, button");
      if (chosen && !this.menu.classList.contains("panel") && !chosen.closest("[data-keep]")) this.menu.hidePopover();
    });
    addEventListener("resize", () => { if (this.menu.matches(":popover-open")) place(this.menu, this.button); });
  }

  get #items() {
    return all(ITEMS, this.menu).filter((item) => item.checkVisibility());
  }

  #focus(index) {
    this.#items.at(index)?.focus();
  }

  #key(event) {
    if (event.isComposing || event.target.matches("input:not([type=checkbox], [type=radio]), textarea, select")) return;
    const items = this.#items;
    const at = items.indexOf(document.activeElement);
    const to = { ArrowDown: (at + 1) % items.length, ArrowUp: at <= 0 ? items.length - 1 : at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (to !== undefined) { event.preventDefault(); items[to]?.focus(); return; }
    if (event.key === "Tab" && !this.menu.classList.contains("panel")) { this.menu.hidePopover(); return; }
    if (event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const named = [...items.slice(at + 1), ...items.slice(0, at + 1)].find((item) => item.textContent.trim().toLowerCase().startsWith(event.key.toLowerCase()));
      if (named) { event.preventDefault(); event.stopPropagation(); named.focus(); }
    }
  }
}

define("gx-menu", Menu);
