// <gx-drop>: a file input one can drop on. Says the name and size of what was chosen, and what is too large, before anything is sent.

import { define, find } from "./dom.js";

class Drop extends HTMLElement {
  connectedCallback() {
    this.input = find("input[type=file]", this);
    this.zone = find(".drop", this);
    this.said = find("b", this.zone);
    this.error = find(".error", this);
    this.input.addEventListener("change", () => this.#show());
    for (const name of ["dragenter", "dragover"]) this.zone.addEventListener(name, (event) => { event.preventDefault(); this.zone.classList.add("over"); });
    this.zone.addEventListener("dragleave", () => this.zone.classList.remove("over"));
    this.zone.addEventListener("drop", (event) => {
      event.preventDefault();
      this.zone.classList.remove("over");
      if (!event.dataTransfer.files.length) return;
      this.input.files = event.dataTransfer.files;
      this.#show();
    });
    this.closest("form").addEventListener("submit", () => {
      const button = find("button", this);
      button.setAttribute("aria-disabled", "true");
      button.textContent = this.dataset.reading;
    });
  }

  #show() {
    const [file] = this.input.files;
    if (!file) return;
    const large = file.size > Number(this.dataset.most) * 2 ** 20;
    const size = new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit: "kilobyte", maximumFractionDigits: 0 });
    this.said.textContent = `${file.name} · ${size.format(Math.max(1, Math.round(file.size / 1000)))}`;
    this.input.setCustomValidity(large ? this.dataset.tooLarge : "");
    this.error.textContent = large ? this.dataset.tooLarge : "";
    this.error.hidden = !large;
    if (!large) find("button", this).focus();
  }
}

define("gx-drop", Drop);
