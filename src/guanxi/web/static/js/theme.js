// <gx-theme>: light, dark, or as the system says. At once on this page, in a cookie for the next, and told to the server.

import { all, define } from "./dom.js";
import { send } from "./requests.js";

class Theme extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => { const choice = event.target.closest("[data-theme-value]"); if (choice) { event.stopPropagation(); this.choose(choice.dataset.themeValue); } });
    this.addEventListener("change", (event) => { if (event.target.name === "theme") this.choose(event.target.value); });
    this.#show(document.documentElement.dataset.theme);
  }

  choose(theme) {
    document.documentElement.dataset.theme = theme;
    document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax`;
    for (const other of all("gx-theme")) other.#show(theme);
    document.body.dispatchEvent(new CustomEvent("gx:theme", { detail: { theme } }));
    if (this.dataset.url) send(this.dataset.url, { method: "POST", body: new URLSearchParams({ theme }) }).catch(() => {});
  }

  #show(theme) {
    for (const button of all("[data-theme-value]", this)) button.setAttribute("aria-pressed", String(button.dataset.themeValue === theme));
    for (const radio of all("input[name=theme]", this)) radio.checked = radio.value === theme;
  }
}

define("gx-theme", Theme);
