// <gx-palette>: Ctrl-K. Any record, page or command in two keystrokes. What is found is the server's HTML.

import { all, define, fill, find, icon, isTyping, kept, make, modalOpen, quiet } from "./dom.js";
import { send } from "./requests.js";

const WAIT = 80;
const REMEMBERED = 8;

class Palette extends HTMLElement {
  #asked = null;
  #before = null;
  #answered = "";

  connectedCallback() {
    this.dialog = find("dialog", this);
    this.input = find("input", this);
    this.list = find("[role=listbox]", this);
    this.ask = quiet(WAIT, () => this.#fetch());
    document.addEventListener("keydown", this.#shortcut);
    document.addEventListener("click", this.#opener);
    this.input.addEventListener("input", (event) => { if (!event.isComposing) this.ask(); });
    this.input.addEventListener("compositionend", () => this.ask());
    this.input.addEventListener("keydown", (event) => this.#key(event));
    this.list.addEventListener("click", (event) => this.#chosen(event));
    this.list.addEventListener("pointermove", (event) => { const option = event.target.closest("[role=option]"); if (option) this.#select(option, false); });
    this.dialog.addEventListener("click", (event) => { if (event.target === this.dialog || event.target.closest("[data-close]")) this.dialog.close(); });
    this.dialog.addEventListener("close", () => { this.#asked?.abort(); this.ask.stop(); this.#before?.focus?.(); });
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.#shortcut);
    document.removeEventListener("click", this.#opener);
  }

  #shortcut = (event) => {
    if (event.key?.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      if (this.dialog.open) this.dialog.close();
      else if (!modalOpen()) this.open();
    } else if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event) && !modalOpen()) {
      event.preventDefault();
      const search = find("[data-search]");
      if (search?.checkVisibility()) { search.focus(); search.select?.(); } else this.open();
    }
  };

  #opener = (event) => {
    const opener = event.target.closest?.("[data-palette]");
    if (!opener || event.ctrlKey || event.metaKey || event.button) return;
    event.preventDefault();
    this.open(opener.dataset.palette);
  };

  open(text = "") {
    this.#before = document.activeElement;
    this.input.value = text;
    this.list.replaceChildren(...this.#recent());
    this.dialog.showModal();
    this.input.focus();
    this.#select(this.#options[0]);
    this.#answered = null;
    this.ask();
    this.ask.now();
  }

  get #options() {
    return all("[role=option]", this.list);
  }

  get #selected() {
    return find('[role=option][aria-selected="true"]', this.list);
  }

  async #fetch() {
    const q = this.input.value.trim();
    if (q === this.#answered || !this.dataset.url) return;
    this.#asked?.abort();
    this.#asked = new AbortController();
    let html;
    try {
      const url = new URL(this.dataset.url, location.href);
      url.searchParams.set("q", q);
      html = await (await send(url, { signal: this.#asked.signal })).text();
    } catch (error) {
      if (error.name !== "AbortError") this.#say(error.message || this.dataset.failed);
      return;
    }
    if (q !== this.input.value.trim()) return;
    this.#answered = q;
    this.list.innerHTML = html;
    if (!q) this.list.prepend(...this.#recent());
    window.htmx?.process(this.list);
    this.list.scrollTop = 0;
    if (this.#options.length) this.#select(this.#options[0]);
    else this.#say(fill(this.dataset.nothing, { q }));
  }

  #say(sentence) {
    this.list.replaceChildren(make("p", { class: "nothing", role: "status", text: sentence }));
    this.input.removeAttribute("aria-activedescendant");
  }

  #select(option, scroll = true) {
    if (!option) return;
    this.#options.forEach((one, index) => { one.id ||= `palette-${index}`; one.tabIndex = -1; one.setAttribute("aria-selected", String(one === option)); });
    this.input.setAttribute("aria-activedescendant", option.id);
    if (scroll) option.scrollIntoView({ block: "nearest" });
  }

  #key(event) {
    if (event.isComposing || event.keyCode === 229) return; // the input method's own keys
    const options = this.#options;
    const at = options.indexOf(this.#selected);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: Math.min(at + 6, options.length - 1), PageUp: Math.max(at - 6, 0) }[event.key];
    if (to !== undefined && options.length) {
      event.preventDefault();
      this.#select(options[(to + options.length) % options.length]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.#go(event.ctrlKey || event.metaKey);
    }
  }

  /** Enter right after the last key waits for what that key asks for. */
  async #go(newTab) {
    if (this.input.value.trim() !== this.#answered) await this.ask.now();
    const option = this.#selected;
    if (!option) return;
    if (newTab && option.href) { this.#remember(option); window.open(option.href, "_blank", "noopener"); } else option.click();
  }

  #chosen(event) {
    const option = event.target.closest("[role=option]");
    if (!option) return;
    this.#remember(option);
    if (!event.ctrlKey && !event.metaKey) this.dialog.close();
  }

  #remember(option) {
    const href = option.getAttribute("href");
    if (!href?.startsWith("/") || option.dataset.forget !== undefined) return;
    const entry = { href, title: find("b", option)?.textContent ?? option.textContent.trim(), sub: find("small", option)?.textContent ?? "", icon: find("use", option)?.getAttribute("href")?.split("#")[1] };
    kept.set("recent", [entry, ...(kept.get("recent") ?? []).filter((one) => one.href !== href)].slice(0, REMEMBERED));
  }

  #recent() {
    const entries = kept.get("recent") ?? [];
    if (!entries.length) return [];
    const option = ({ href, title, sub, icon: drawing }) => make("a", { role: "option", href }, icon(drawing || "history"), make("b", { text: title }), make("small", { text: sub }));
    return [make("div", { role: "group", "aria-label": this.dataset.recent }, ...entries.slice(0, 5).map(option))];
  }
}

define("gx-palette", Palette);
