// <gx-picker>: choosing records and choices by typing. Tom Select does the work; words and options are the server's.

import TomSelect from "../vendor/tom-select.js";
import { define, fill, find, make } from "./dom.js";
import { send } from "./requests.js";
import { toast } from "./toasts.js";

class Picker extends HTMLElement {
  connectedCallback() {
    this.select = find("select, input", this);
    if (!this.select || this.select.tomselect) return;
    // htmx lends a new element the attributes of the one it replaces until it settles; a picker made of those would stay hidden.
    if (this.select.classList.contains("tomselected")) { setTimeout(() => { this.select.classList.remove("tomselected", "ts-hidden-accessible"); if (this.isConnected) this.connectedCallback(); }, 20); return; }
    const { url, create, createUrl, empty, depends } = this.dataset;
    this.picker = new TomSelect(this.select, {
      maxOptions: 200, maxItems: this.select.multiple ? null : 1, hideSelected: this.select.multiple, closeAfterSelect: !this.select.multiple,
      plugins: this.select.multiple ? { remove_button: { title: this.dataset.remove ?? "×" } } : {},
      placeholder: this.dataset.placeholder ?? this.select.getAttribute("placeholder") ?? "", allowEmptyOption: false, selectOnTab: true, loadThrottle: 150, openOnFocus: true, refreshThrottle: 0,
      valueField: "value", labelField: "label", searchField: url ? [] : ["label", "text", "sub"], sortField: [{ field: "$order" }, { field: "$score" }], preload: url ? "focus" : false,
      ...(url ? { load: (q, answer) => this.#load(q, answer), shouldLoad: () => true, score: () => () => 1 } : {}),
      create: createUrl ? (label, done) => { this.#create(label, done); } : this.dataset.free !== undefined, createOnBlur: this.dataset.free !== undefined && !createUrl, persist: false, addPrecedence: false,
      onDropdownOpen: (dropdown) => this.#fit(dropdown),
      onType: () => this.#stale(),
      onItemAdd: () => { if (!url || !this.select.multiple) return; this.picker.setTextboxValue(""); this.#stale(); this.picker.load(""); },
      render: {
        option: (option) => make("div", {}, ...this.#label(option), option.sub ? make("small", { text: option.sub }) : null),
        item: (option) => make("div", {}, ...this.#label(option)),
        option_create: ({ input }) => make("div", { class: "create", text: fill(create ?? "+ {q}", { q: input }) }),
        no_results: () => (empty ? make("div", { class: "no-results", text: empty }) : null),
        loading: () => make("div", { class: "spinner", role: "presentation" }),
      },
    });
    // Creating comes after what there is already.
    this.picker.hook("after", "refreshOptions", () => { const last = find(".create", this.picker.dropdown_content); if (last) this.picker.dropdown_content.append(last); });
    // Tom Select hears keys of input methods as its own.
    this.picker.control_input.addEventListener("keydown", (event) => { if (event.isComposing || event.keyCode === 229) event.stopImmediatePropagation(); }, true);
    if (this.select.getAttribute("aria-invalid") === "true") this.picker.wrapper.classList.add("invalid");
    for (const name of ["aria-label", "aria-describedby"]) if (this.select.hasAttribute(name)) this.picker.control_input.setAttribute(name, this.select.getAttribute(name));
    if (depends) {
      this.master = this.select.form?.elements[depends];
      this.under = this.master?.value;
      this.master?.addEventListener("change", this.#mastered);
    }
  }

  disconnectedCallback() {
    this.master?.removeEventListener("change", this.#mastered);
  }

  focus() {
    (this.picker ?? this.select).focus();
  }

  /** Options of an earlier question are no answer to this one; those chosen stay. */
  #stale() {
    if (this.dataset.url) this.picker.clearOptions((option) => this.picker.items.includes(option.value));
  }

  /** Chosen under one master, a record is no answer under another; chosen before there was one, it stays. */
  #mastered = () => {
    if (this.under) this.picker.clear();
    this.under = this.master.value;
    this.#stale();
    this.picker.load("");
  };

  #label({ label, text, tone, avatar }) {
    const words = make("span", { text: label ?? text ?? "" }); // an element: marking what was found splits its text
    if (avatar) return [make("span", { class: `av s av-${Number(avatar) % 12 || 0}`, "aria-hidden": "true", text: (label ?? "?").trim()[0] }), words];
    return tone !== undefined && tone !== null ? [make("span", { class: `tag ${tone}` }, make("i"), words)] : [words];
  }

  async #load(q, answer) {
    const url = new URL(this.dataset.url, location.href);
    url.searchParams.set("q", q);
    if (this.master?.value) url.searchParams.set("depend", this.master.value);
    try {
      const { options } = await (await send(url)).json();
      answer(options.map((option) => ({ ...option, value: String(option.value) })));
    } catch (error) {
      if (error.message) toast(error.message, "bad");
      answer([]);
    }
  }

  async #create(label, done) {
    try {
      const option = await (await send(this.dataset.createUrl, { method: "POST", body: new URLSearchParams({ label }) })).json();
      done({ ...option, value: String(option.value) });
    } catch (error) {
      if (error.message) toast(error.message, "bad");
      done();
    }
  }

  /** A list that would leave the window, or what scrolls around it, opens upwards. */
  #fit(dropdown) {
    requestAnimationFrame(() => {
      const box = this.picker.control.getBoundingClientRect();
      const room = this.closest("dialog > * .inside, .scroll, .col")?.getBoundingClientRect() ?? { top: 0, bottom: innerHeight };
      const up = box.bottom + dropdown.offsetHeight + 12 > Math.min(innerHeight, room.bottom) && box.top - Math.max(0, room.top) > dropdown.offsetHeight + 12;
      dropdown.classList.toggle("up", up);
    });
  }
}

define("gx-picker", Picker);
