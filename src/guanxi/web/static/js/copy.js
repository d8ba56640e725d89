// <gx-copy data-done="Copied">: its button copies what its input or textarea holds.

import { define, find } from "./dom.js";
import { toast } from "./toasts.js";

class Copy extends HTMLElement {
  connectedCallback() {
    const field = find("input, textarea", this);
    field.addEventListener("focus", () => field.select());
    find("button", this).addEventListener("click", async () => {
      field.select();
      try { await navigator.clipboard.writeText(field.value); } catch { document.execCommand("copy"); } // without https there is no clipboard
      toast(this.dataset.done, "good");
    });
  }
}

define("gx-copy", Copy);
