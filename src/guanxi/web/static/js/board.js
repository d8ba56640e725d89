// <gx-board>: cards between lanes, by drag or by keys. The card moves at once; a refusal puts it back and says why.

import Sortable from "../vendor/sortable.js";
import { all, announce, define, fill, find, make } from "./dom.js";

class Board extends HTMLElement {
  #lifted = null; // { card, home, next }: what is held by keys, and where it came from
  #sorted = new WeakSet();

  connectedCallback() {
    const hint = make("span", { class: "sr", id: `hint-${this.id || "board"}`, text: this.dataset.hint });
    this.append(hint);
    this.hint = hint.id;
    this.addEventListener("keydown", this.#key);
    this.addEventListener("focusin", (event) => { const card = event.target.closest(".card"); if (card) this.#rove(card); });
    this.addEventListener("focusout", () => setTimeout(() => { if (this.#lifted && !this.contains(document.activeElement)) this.#cancel(); }));
    this.addEventListener("htmx:load", () => this.#dress());
    document.addEventListener("htmx:oobAfterSwap", this.#dressed);
    this.#dress();
  }

  disconnectedCallback() {
    document.removeEventListener("htmx:oobAfterSwap", this.#dressed);
  }

  #dressed = () => this.#dress();

  get #lanes() {
    return all(".lane .cards", this);
  }

  #cards(lane) {
    return all(":scope > .card", lane);
  }

  #link(card) {
    return find(":scope > a", card);
  }

  /** One Tab stop for the whole board; each lane of cards can be dragged from and to. */
  #dress() {
    for (const lane of this.#lanes) {
      if (this.#sorted.has(lane)) continue;
      this.#sorted.add(lane);
      Sortable.create(lane, {
        group: "cards", draggable: ".card", filter: "[data-fixed]", preventOnFilter: false, animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 120, ghostClass: "dragging",
        delay: 180, delayOnTouchOnly: true, touchStartThreshold: 6, scroll: true, scrollSensitivity: 60, emptyInsertThreshold: 40,
        onStart: (event) => { this.from = { home: event.from, next: event.item.nextElementSibling }; },
        onEnd: (event) => this.#post(event.item, this.from),
      });
    }
    const cards = all(".card", this);
    for (const card of cards) this.#link(card)?.setAttribute("aria-describedby", this.hint);
    this.toggleAttribute("tabindex", false);
    if (!cards.length) this.tabIndex = 0; // nothing else in it could be reached to scroll it
    for (const lane of this.#lanes) {
      const there = this.#cards(lane);
      this.#rove(there.find((card) => this.#link(card)?.getAttribute("tabindex") === "0") ?? there[0]);
    }
  }

  /** Tab goes from lane to lane, each of which scrolls by itself; arrows go on from this card. */
  #rove(card) {
    for (const other of card ? all(".card > a", card.parentElement) : []) other.tabIndex = -1;
    if (card) this.#link(card).tabIndex = 0;
  }

  #words(card) {
    const lane = card.parentElement;
    const cards = this.#cards(lane);
    return { card: card.dataset.name ?? this.#link(card).textContent.trim(), lane: find("h2", lane.closest(".lane")).textContent.replace(/[\s\d+,]*$/, "").trim(), position: cards.indexOf(card) + 1, count: cards.length };
  }

  #key = (event) => {
    const card = event.target.closest(".card");
    if (!card || event.target !== this.#link(card) || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const by = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key];
    if (by) { event.preventDefault(); if (this.#lifted) this.#carry(card, ...by); else this.#walk(card, ...by); return; }
    if (event.key === " ") { event.preventDefault(); if (this.#lifted) this.#drop(); else this.#lift(card); }
    if (event.key === "Enter" && this.#lifted) { event.preventDefault(); this.#drop(); }
    if (event.key === "Escape" && this.#lifted) { event.preventDefault(); this.#cancel(); }
  };

  #walk(card, across, down) {
    const lanes = this.#lanes;
    const at = lanes.indexOf(card.parentElement);
    const index = this.#cards(card.parentElement).indexOf(card);
    let lane = lanes[at];
    if (across) for (let to = at + across; lanes[to]; to += across) if (this.#cards(lanes[to]).length) { lane = lanes[to]; break; }
    const cards = this.#cards(lane);
    const to = across ? Math.min(index, cards.length - 1) : Math.max(0, Math.min(cards.length - 1, index + down));
    this.#link(cards[to])?.focus();
    cards[to]?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  #lift(card) {
    if (card.dataset.fixed !== undefined) return;
    this.#lifted = { card, home: card.parentElement, next: card.nextElementSibling };
    card.classList.add("held");
    announce(fill(this.dataset.lifted, this.#words(card)));
  }

  #carry(card, across, down) {
    const lanes = this.#lanes;
    const lane = lanes[lanes.indexOf(card.parentElement) + across];
    if (!lane) return;
    const cards = this.#cards(lane);
    const index = this.#cards(card.parentElement).indexOf(card);
    if (across) this.#put(card, lane, cards[index] ?? null);
    else if (cards[index + down]) this.#put(card, lane, down > 0 ? cards[index + 1].nextElementSibling : cards[index - 1]);
    announce(fill(this.dataset.moved, this.#words(card)));
  }

  /** Moving a node takes the focus away; that is not the person leaving. */
  #put(card, lane, next) {
    const lifted = this.#lifted;
    this.#lifted = null;
    lane.insertBefore(card, next);
    this.#lifted = lifted;
    this.#link(card).focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  #drop() {
    const { card, home, next } = this.#lifted;
    this.#lifted = null;
    card.classList.remove("held");
    announce(fill(this.dataset.dropped, this.#words(card)));
    this.#post(card, { home, next });
  }

  #cancel() {
    const { card, home, next } = this.#lifted;
    card.classList.remove("held");
    this.#put(card, home, next);
    this.#lifted = null;
    announce(fill(this.dataset.cancelled, this.#words(card)));
  }

  async #post(card, { home, next }) {
    if (card.parentElement === home && card.nextElementSibling === next) return;
    const { id, version = "" } = card.dataset;
    const lane = card.closest(".lane").dataset.lane;
    const below = card.nextElementSibling;
    const before = below?.matches(".card") ? below.dataset.id : "";
    const focused = card.contains(document.activeElement);
    let accepted = false;
    const heard = (event) => { if (event.detail.requestConfig?.elt === card) accepted = event.detail.xhr.status < 300; };
    // A question (why lost?) goes to the dialog; the card waits where it was.
    const asks = (event) => {
      const { xhr, requestConfig } = event.detail;
      if (requestConfig?.elt === card && xhr.status === 422 && xhr.getResponseHeader("content-type")?.startsWith("text/html")) Object.assign(event.detail, { target: find("#dialog-body"), swapOverride: "innerHTML", shouldSwap: true });
    };
    document.addEventListener("htmx:afterRequest", heard);
    document.addEventListener("htmx:beforeSwap", asks);
    card.setAttribute("aria-busy", "true");
    try {
      await window.htmx.ajax("POST", this.dataset.moveUrl.replace("{id}", id), { source: card, target: this, swap: "none", values: { id, lane, version, before } });
    } catch { /* the page has said so */ } finally {
      document.removeEventListener("htmx:afterRequest", heard);
      document.removeEventListener("htmx:beforeSwap", asks);
      card.removeAttribute("aria-busy");
    }
    const now = find(`.card[data-id="${CSS.escape(id)}"]`, this) ?? card;
    if (!accepted) {
      home.insertBefore(now, next?.parentElement === home ? next : null);
      now.classList.add("refused");
      now.addEventListener("animationend", () => now.classList.remove("refused"), { once: true });
      announce(fill(this.dataset.refused, this.#words(now)));
    }
    this.#dress();
    if (focused && !document.querySelector("dialog:modal")) this.#link(now)?.focus({ preventScroll: true });
  }
}

define("gx-board", Board);
