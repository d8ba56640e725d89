// <gx-region>: province, city, district. Choosing one asks the server for those below it.

import { all, define } from "./dom.js";
import { send } from "./requests.js";

const known = new Map();

class Region extends HTMLElement {
  connectedCallback() {
    this.addEventListener("change", (event) => {
      const index = this.#selects.indexOf(event.target);
      if (index >= 0) this.#below(index);
    });
  }

  get #selects() {
    return all("select", this);
  }

  async #below(index) {
    const [parent, child] = [this.#selects[index], this.#selects[index + 1]];
    for (const later of this.#selects.slice(index + 1)) { this.#offer(later, []); later.disabled = true; }
    if (!child || !parent.value) return;
    const code = parent.selectedOptions[0]?.dataset.code ?? parent.value;
    const options = known.get(code) ?? (await this.#fetch(code));
    known.set(code, options);
    if (!parent.isConnected) return;
    this.#offer(child, options);
    child.disabled = options.length === 0;
    if (options.length === 1) { child.selectedIndex = child.options.length - 1; this.#below(index + 1); }
  }

  async #fetch(code) {
    const url = new URL(this.dataset.url, location.href);
    url.searchParams.set("parent", code);
    try { return await (await send(url)).json(); } catch { return []; }
  }

  #offer(select, options) {
    const blank = [...select.options].find((option) => option.value === "");
    select.replaceChildren(...(blank ? [blank] : []), ...options.map(({ value, label, code }) => {
      const option = new Option(label, value);
      if (code) option.dataset.code = code;
      return option;
    }));
    select.value = "";
  }
}

define("gx-region", Region);
