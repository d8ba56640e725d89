// <gx-rows>: inputs that repeat (phones, deal lines). Added, removed and reordered by button or key. Names that hold
// an index (`lines-0-product`) are renumbered; names that simply repeat (`phones`, `phones-label`) are left alone.

import { all, announce, define, find } from "./dom.js";

class Rows extends HTMLElement {
  connectedCallback() {
    this.list = find("[data-rows]", this);
    this.template = find(":scope > template", this);
    this.addEventListener("click", this.#click);
    this.addEventListener("keydown", this.#key);
    this.#number();
  }

  get #rows() {
    return all(":scope > [data-row]", this.list);
  }

  add({ focus = true } = {}) {
    if (this.#rows.length >= Number(this.dataset.max ?? Infinity)) return null;
    this.list.append(this.template.content.cloneNode(true));
    const row = this.#rows.at(-1);
    this.#number();
    window.htmx?.process(row);
    this.#changed();
    if (focus) find("input:not([type=hidden]), select, textarea", row)?.focus();
    announce(this.dataset.added ?? "");
    return row;
  }

  remove(row) {
    const rows = this.#rows;
    if (rows.length <= Number(this.dataset.min ?? 0)) { for (const input of all("input, textarea", row)) input.value = ""; this.#changed(); return; }
    const next = rows[rows.indexOf(row) + 1] ?? rows[rows.indexOf(row) - 1];
    row.remove();
    this.#number();
    this.#changed();
    (next ? find("[data-remove]", next) ?? find("input, select", next) : find("[data-add]", this))?.focus();
    announce(this.dataset.removed ?? "");
  }

  /** Have as many rows as a kept draft had. */
  match(values) {
    const count = Math.max(0, ...Object.entries(values).map(([name, given]) => {
      const indexed = name.match(this.#pattern);
      if (indexed) return Number(indexed[1]) + 1;
      return name === this.dataset.prefix ? given.length : 0;
    }));
    while (count && this.#rows.length < count && this.add({ focus: false }));
  }

  get #pattern() {
    return new RegExp(`^${this.dataset.prefix}-(\\d+|__i__)-`);
  }

  #number() {
    this.#rows.forEach((row, index) => {
      for (const input of all("[name]", row)) input.name = input.name.replace(this.#pattern, `${this.dataset.prefix}-${index}-`);
      for (const one of all("[id], [for], [aria-describedby]", row)) for (const name of ["id", "for", "aria-describedby"]) if (one.getAttribute(name)?.includes("__i__")) one.setAttribute(name, one.getAttribute(name).replaceAll("__i__", `${index}-${Math.random().toString(36).slice(2, 6)}`));
    });
    const count = find(`input[name="${this.dataset.prefix}-count"]`, this);
    if (count) count.value = this.#rows.length;
  }

  #changed() {
    this.dispatchEvent(new Event("change", { bubbles: true }));
  }

  #move(row, by) {
    const rows = this.#rows;
    const to = rows[rows.indexOf(row) + by];
    if (!to) return;
    const focused = document.activeElement;
    if (by < 0) to.before(row); else to.after(row);
    this.#number();
    this.#changed();
    focused?.focus();
  }

  #click = (event) => {
    const row = event.target.closest("[data-row]");
    if (event.target.closest("[data-add]")) this.add();
    else if (row && event.target.closest("[data-remove]")) this.remove(row);
    else if (row && event.target.closest("[data-up]")) this.#move(row, -1);
    else if (row && event.target.closest("[data-down]")) this.#move(row, 1);
  };

  #key = (event) => {
    const row = event.target.closest("[data-row]");
    if (!row || event.isComposing) return;
    if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) { event.preventDefault(); this.#move(row, event.key === "ArrowUp" ? -1 : 1); }
    if (event.key === "Enter" && event.target.matches("input") && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      const next = this.#rows[this.#rows.indexOf(row) + 1];
      if (next) find("input:not([type=hidden])", next)?.focus();
      else if (event.target.value) this.add();
    }
  };
}

define("gx-rows", Rows);
