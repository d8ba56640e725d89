// <gx-arrange>: lists whose order is made by hand. A handle is dragged, or moved by the arrow keys; the order is sent at once.

import Sortable from "../vendor/sortable.js";
import { all, announce, define, fill, find, quiet } from "./dom.js";

class Arrange extends HTMLElement {
  connectedCallback() {
    for (const list of all("[data-order]", this)) {
      const send = quiet(400, () => this.#send(list));
      Sortable.create(list, {
        draggable: "[data-id]", handle: ".grip", ghostClass: "dragging", delay: 120, delayOnTouchOnly: true,
        animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 120, onEnd: () => send(),
      });
      list.addEventListener("keydown", (event) => this.#key(event, list, send));
    }
  }

  #items(list) {
    return all(":scope > [data-id]", list);
  }

  #key(event, list, send) {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const item = event.target.matches(".grip") ? event.target.closest("[data-id]") : null;
    if (!by || item?.parentElement !== list) return;
    event.preventDefault();
    const items = this.#items(list);
    const to = items.indexOf(item) + by;
    if (!items[to]) return;
    if (by < 0) items[to].before(item); else items[to].after(item);
    find(".grip", item).focus();
    announce(fill(this.dataset.moved, { n: to + 1 }));
    send();
  }

  #send(list) {
    this.standing = document.activeElement?.closest(".grip")?.getAttribute("aria-label");
    window.htmx.ajax("POST", list.dataset.order, { source: list, swap: "none", values: { ids: this.#items(list).map((item) => item.dataset.id).join(",") } });
  }
}

define("gx-arrange", Arrange);
