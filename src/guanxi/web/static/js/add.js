// <gx-add>: the row in which lines are added. The line comes with the page made anew; the cursor goes on to the next one.

import { define, find } from "./dom.js";

let adding = "";

class Add extends HTMLElement {
  connectedCallback() {
    this.addEventListener("htmx:afterRequest", (event) => { if (event.target.matches("form")) adding = event.detail.successful ? this.id : ""; });
    if (adding !== this.id) return;
    adding = "";
    setTimeout(() => find("gx-picker, input", this)?.focus(), 60); // a picker is made in the meantime
  }
}

define("gx-add", Add);
