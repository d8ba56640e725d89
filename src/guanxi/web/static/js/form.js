// <gx-form>: what is typed is never lost. Kept in this browser until saved, offered back after a crash, asked about
// before leaving; Ctrl+Enter saves; the first error has the cursor; duplicates are looked for while typing.

import { all, define, find, kept, make, quiet } from "./dom.js";
import { refresh } from "./moments.js";

const SENT = "sent-form";
const FORGETTABLE = "input[type=password], input[type=hidden], input[type=file], [data-private], .ts-control input";

const ticked = (input) => ["checkbox", "radio"].includes(input.type);

/** The values of an input as they stand. */
function asTyped(input) {
  if (ticked(input)) return input.checked ? [input.value] : [];
  return input.matches("select") ? [...input.selectedOptions].map((option) => option.value) : [input.value];
}

/** The values of an input as the server sent them, before anybody typed. */
function asServed(input) {
  if (ticked(input)) return input.defaultChecked ? [input.value] : [];
  if (!input.matches("select")) return [input.defaultValue];
  const chosen = [...input.options].filter((option) => option.defaultSelected);
  if (!chosen.length && !input.multiple && input.options.length) return [input.options[0].value];
  return chosen.map((option) => option.value);
}

class Form extends HTMLElement {
  #sending = false;

  connectedCallback() {
    this.form = find("form", this);
    if (!this.form || this.ready) return;
    this.ready = true;
    this.key = this.dataset.key && `draft.${this.dataset.key}`;
    this.blank = this.#typed(asServed); // this module may come later than the first keys
    this.keep = quiet(300, () => this.#keep());
    for (const event of ["input", "change"]) this.form.addEventListener(event, () => this.keep());
    this.form.addEventListener("input", (event) => { if (event.target.matches("[data-identity]")) this.look?.(); });
    this.form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) { event.preventDefault(); this.form.requestSubmit(); }
    });
    this.form.addEventListener("submit", () => { this.#sending = true; this.keep.now(); if (this.key && !this.#byHtmx) sessionStorage.setItem(SENT, this.key); });
    this.addEventListener("htmx:afterRequest", (event) => {
      if (event.detail.requestConfig?.verb === "get") return;
      const saved = event.detail.successful && event.detail.xhr.status < 300;
      this.#sending = saved;
      if (saved) this.forget();
    });
    if (this.changed) this.keep();
    this.form.addEventListener("reset", () => this.forget());
    this.#leave = (event) => { if (!this.#sending && this.dataset.leave !== undefined && this.changed) event.preventDefault(); };
    addEventListener("beforeunload", this.#leave);
    this.#saved = (event) => { if (event.detail?.key === this.dataset.key) this.forget(); };
    document.body.addEventListener("draft-saved", this.#saved);
    if (this.dataset.duplicatesUrl) {
      this.look = quiet(400, () => this.#duplicates());
      if (all("[data-identity]", this.form).some((input) => input.value)) this.look();
    }
    const wrong = find("[aria-invalid=true]", this);
    if (wrong) (wrong.tomselect ?? wrong).focus();
    else this.#offer();
  }

  #leave;
  #saved;

  disconnectedCallback() {
    removeEventListener("beforeunload", this.#leave);
    document.body.removeEventListener("draft-saved", this.#saved);
  }

  get #byHtmx() {
    return this.form.matches("[hx-post], [hx-put], [hx-patch]");
  }

  get changed() {
    return JSON.stringify(this.#typed()) !== JSON.stringify(this.blank);
  }

  #inputs() {
    return all("input, select, textarea", this.form).filter((input) => input.name && !input.matches(FORGETTABLE));
  }

  /** Name → values, in order: what a person could type again. */
  #typed(read = asTyped) {
    const values = {};
    for (const input of this.#inputs()) (values[input.name] ??= []).push(...read(input));
    return values;
  }

  #keep() {
    if (!this.key || (this.#sending && !this.changed)) return;
    if (this.changed) kept.set(this.key, { at: Date.now(), values: this.#typed() });
    else kept.forget(this.key);
  }

  forget() {
    this.keep.stop();
    this.blank = this.#typed();
    if (this.key) kept.forget(this.key);
  }

  #offer() {
    const draft = this.key && kept.get(this.key);
    const template = find("template[data-restore]", this);
    if (!draft || !template || JSON.stringify(draft.values) === JSON.stringify(this.blank)) return;
    const offer = make("div", { role: "status" });
    offer.append(template.content.cloneNode(true));
    find("time", offer)?.setAttribute("datetime", new Date(draft.at).toISOString());
    find("[data-yes]", offer).addEventListener("click", () => { offer.remove(); this.#fill(draft.values); });
    find("[data-no]", offer).addEventListener("click", () => { offer.remove(); kept.forget(this.key); });
    refresh(offer);
    this.form.prepend(offer);
    window.htmx?.process(offer);
  }

  #fill(values) {
    // Repeating rows first: there must be as many inputs as there were.
    for (const rows of all("gx-rows", this.form)) rows.match?.(values);
    const used = {};
    for (const input of this.#inputs()) {
      const given = values[input.name];
      if (!given) continue;
      if (["checkbox", "radio"].includes(input.type)) input.checked = given.includes(input.value);
      else if (input.tomselect) for (const value of [given].flat()) input.tomselect.createItem ? input.tomselect.addItem(value) : (input.value = value);
      else if (input.matches("select[multiple]")) for (const option of input.options) option.selected = given.includes(option.value);
      else { used[input.name] = (used[input.name] ?? -1) + 1; input.value = given[used[input.name]] ?? ""; }
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }
    find("input:not([type=hidden]), textarea, select", this.form)?.focus();
  }

  async #duplicates() {
    const target = find(this.dataset.duplicates);
    if (!target) return;
    const values = {};
    for (const [name, value] of new FormData(this.form)) if (typeof value === "string" && value && name !== "csrfmiddlewaretoken") (values[name] ??= []).push(value);
    await window.htmx.ajax("GET", this.dataset.duplicatesUrl, { source: this, target, swap: "innerHTML", values });
  }
}

// A form sent the plain way was saved if the next page is another page or shows it without its errors.
const sent = sessionStorage.getItem(SENT);
if (sent) {
  sessionStorage.removeItem(SENT);
  const same = all("gx-form").some((form) => `draft.${form.dataset.key}` === sent && find("[aria-invalid=true], [role=alert]", form));
  if (!same) kept.forget(sent);
}

define("gx-form", Form);
