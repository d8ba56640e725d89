// <gx-mention>: `@` in a text offers people; those chosen are sent along as `mentions`.

import { all, define, find, make, quiet } from "./dom.js";
import { send } from "./requests.js";

let number = 0;

class Mention extends HTMLElement {
  connectedCallback() {
    this.text = find("textarea", this);
    if (!this.text || this.list) return;
    // Whoever goes on writing goes on at the end.
    if (this.text.autofocus) this.text.setSelectionRange(this.text.value.length, this.text.value.length);
    this.list = make("div", { class: "menu people", popover: "manual", role: "listbox", id: `people-${++number}`, "aria-label": this.dataset.label ?? "@" });
    this.append(this.list);
    this.text.setAttribute("aria-controls", this.list.id);
    this.text.setAttribute("aria-autocomplete", "list");
    this.ask = quiet(120, () => this.#fetch());
    this.text.addEventListener("input", (event) => { if (!event.isComposing) this.#look(); });
    this.text.addEventListener("compositionend", () => this.#look());
    this.text.addEventListener("keydown", (event) => this.#key(event), true);
    this.text.addEventListener("blur", () => setTimeout(() => this.#close(), 150));
    this.text.form?.addEventListener("submit", () => this.#prune(), true);
    this.list.addEventListener("pointerdown", (event) => { event.preventDefault(); const option = event.target.closest("[role=option]"); if (option) this.#choose(option); });
  }

  /** The word after the @ before the cursor, or null. */
  get #asked() {
    return /(?:^|[\s(（,，。;；:：、])@([^\s@]{0,30})$/.exec(this.text.value.slice(0, this.text.selectionStart))?.[1] ?? null;
  }

  #look() {
    if (this.#asked === null) this.#close(); else this.ask();
  }

  async #fetch() {
    const q = this.#asked;
    if (q === null) return;
    const url = new URL(this.dataset.url, location.href);
    url.searchParams.set("q", q);
    let people = [];
    try { people = (await (await send(url)).json()).options; } catch { /* no people then: the text stays a text */ }
    if (q !== this.#asked) return;
    if (!people.length) { this.#close(); return; }
    this.list.replaceChildren(...people.slice(0, 8).map(({ value, label, sub }, index) => make("button", { type: "button", role: "option", tabindex: "-1", id: `${this.list.id}-${index}`, "aria-selected": String(index === 0), "data-value": value, "data-name": label },
      make("span", { class: `av av-${Number(value) % 12 || 0}`, "aria-hidden": "true", text: initials(label) }), make("b", { text: label }), sub ? make("small", { class: "dim", text: sub }) : null)));
    this.list.showPopover();
    this.#place();
    this.text.setAttribute("aria-activedescendant", `${this.list.id}-0`);
  }

  #place() {
    const box = this.text.getBoundingClientRect();
    const height = this.list.getBoundingClientRect().height;
    const below = box.bottom + 4 + height < innerHeight;
    Object.assign(this.list.style, { left: `${box.left + 8}px`, top: `${below ? box.bottom + 4 : Math.max(8, box.top - height - 4)}px` });
  }

  get #open() {
    return this.list.matches(":popover-open");
  }

  #close() {
    if (this.#open) this.list.hidePopover();
    this.text.removeAttribute("aria-activedescendant");
  }

  #key(event) {
    if (!this.#open || event.isComposing || event.keyCode === 229) return;
    const options = all("[role=option]", this.list);
    const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
    if (to !== undefined) {
      const chosen = (to + options.length) % options.length;
      options.forEach((option, index) => option.setAttribute("aria-selected", String(index === chosen)));
      this.text.setAttribute("aria-activedescendant", options[chosen].id);
    } else if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || event.key === "Tab") this.#choose(options[at]);
    else if (event.key === "Escape") this.#close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #choose(option) {
    const { value, name } = option.dataset;
    const start = this.text.selectionStart - this.#asked.length - 1;
    this.text.setRangeText(`@${name} `, start, this.text.selectionStart, "end");
    if (!find(`input[name=mentions][value="${CSS.escape(value)}"]`, this)) this.append(make("input", { type: "hidden", name: "mentions", value, "data-name": name }));
    this.text.dispatchEvent(new Event("input", { bubbles: true }));
    this.#close();
  }

  /** Who was taken out of the text again is not told. */
  #prune() {
    for (const input of all("input[name=mentions]", this)) if (!this.text.value.includes(`@${input.dataset.name}`)) input.remove();
  }
}

const initials = (name) => (name[0] >= "\u2e80" ? name[0] : name.split(/\s+/).map((word) => word[0]).filter((_, index, letters) => index === 0 || index === letters.length - 1).join("").toUpperCase());

define("gx-mention", Mention);
