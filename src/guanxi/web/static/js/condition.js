// <gx-condition>: a condition as chips that read like a sentence. Works on the JSON tree the server understands and on
// a catalogue of fields from the page; what the catalogue does not know is kept as it is and edited as text.

import { announce, define, fill, find, icon, make, meta } from "./dom.js";
import { place } from "./menu.js";
import { send } from "./requests.js";
import { editor, isComplete, leafText, operatorOf } from "./condition-values.js";

const isGroup = (node) => Boolean(node?.and || node?.or);
const kindOf = (group) => (group.or ? "or" : "and");

class Condition extends HTMLElement {
  connectedCallback() {
    if (this.ready) return;
    this.ready = true;
    this.input = find("input[type=hidden]", this);
    this.catalogue = JSON.parse(find("script[type='application/json']", this)?.textContent || "{}");
    this.fields = new Map((this.catalogue.fields ?? []).map((field) => [field.path, field]));
    this.root = this.#rooted(this.input.value ? JSON.parse(this.input.value) : null);
    this.view = make("span", { class: "chips" });
    this.pop = make("div", { class: "menu panel", popover: "auto" });
    this.append(this.view, this.pop);
    this.#draw();
  }

  /** Everything that can be compared: a page may bring only what its own condition is about. */
  async #whole() {
    if (!this.dataset.catalogueUrl || this.all) return;
    const answer = await send(this.dataset.catalogueUrl);
    for (const field of (await answer.json()).fields) if (!this.fields.has(field.path)) this.fields.set(field.path, field);
    this.all = true;
  }

  /** The tree, or null when it says nothing. */
  get tree() {
    return tidy(this.root);
  }

  set tree(tree) {
    this.root = this.#rooted(tree);
    this.#said();
  }

  #rooted(tree) {
    return isGroup(tree) ? structuredClone(tree) : { and: tree ? [structuredClone(tree)] : [] };
  }

  #said() {
    const tree = this.tree;
    const text = tree ? JSON.stringify(tree) : "";
    this.#draw();
    if (this.input.value === text) return;
    this.input.value = text;
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  // Drawing

  #draw() {
    const words = this.dataset;
    const parts = this.#parts(this.root, true);
    const add = make("button", { type: "button", class: "chip add", on: { click: (event) => this.#choose(event.currentTarget, this.root) } }, icon("filter"), words.add ?? "+");
    this.adder = add;
    this.view.replaceChildren(...parts, add);
  }

  #parts(group, top) {
    const kind = kindOf(group);
    return group[kind].flatMap((node, index) => {
      const between = index === 0 || (top && kind === "and") ? [] : [make("button", { type: "button", class: "word", text: this.dataset[kind], on: { click: () => this.#flip(group) } })];
      return [...between, this.#node(node, group)];
    });
  }

  #node(node, parent) {
    if (isGroup(node)) {
      const more = make("button", { type: "button", class: "chip add", "aria-label": this.dataset.add, on: { click: (event) => this.#choose(event.currentTarget, node) } }, icon("plus"));
      return make("span", { class: "group", role: "group", "aria-label": kindOf(node) === "or" ? this.dataset.anyOf : this.dataset.allOf }, ...this.#parts(node, false), more, this.#remover(this.dataset.ungroup, node, parent));
    }
    if (node.not) return make("span", { class: "group" }, make("span", { class: "word", text: this.dataset.not }), this.#leaf(node.not, parent, node));
    return this.#leaf(node, parent);
  }

  #leaf(leaf, parent, whole = leaf) {
    if (isGroup(leaf) || leaf.not) return make("button", { type: "button", class: "chip", text: leaf.text ?? this.dataset.asText, on: { click: () => this.#asText() } });
    const said = leafText(leaf, this.fields.get(leaf.path), this.catalogue, this.dataset);
    const text = make("button", { type: "button", "aria-label": fill(this.dataset.edit, { what: said.join(" ") }), on: { click: (event) => this.#edit(event.currentTarget, leaf) } }, `${said[0]} ${said[1]} `, said[2] ? make("b", { text: said[2] }) : null);
    return make("span", { class: "chip" }, text, this.#remover(fill(this.dataset.remove, { what: said.join(" ") }), whole, parent));
  }

  #remover(label, node, parent) {
    return make("button", { type: "button", class: "x", "aria-label": label, title: label, on: { click: () => this.#remove(node, parent) } }, icon("x"));
  }

  // Changing

  #flip(group) {
    const kind = kindOf(group);
    group[kind === "and" ? "or" : "and"] = group[kind];
    delete group[kind];
    this.#said();
  }

  #remove(node, parent) {
    const parts = parent[kindOf(parent)];
    parts.splice(parts.indexOf(node), 1);
    this.#said();
    this.adder.focus();
  }

  #open(anchor, ...content) {
    if (this.pop.matches(":popover-open")) this.pop.hidePopover();
    this.pop.replaceChildren(...content);
    this.pop.showPopover();
    place(this.pop, anchor);
  }

  /** Ask for a field, then for the rest. */
  async #choose(anchor, group) {
    await this.#whole();
    const search = make("input", { type: "search", "aria-label": this.dataset.find, placeholder: this.dataset.find, autocomplete: "off" });
    const list = make("div", { class: "fields-list" });
    const show = () => {
      const wanted = search.value.trim().toLowerCase();
      const found = [...this.fields.values()].filter((field) => `${field.label} ${field.path} ${field.also ?? ""}`.toLowerCase().includes(wanted));
      list.replaceChildren(...found.slice(0, 60).map((field) => make("button", { type: "button", on: { click: () => this.#edit(anchor, { path: field.path, op: field.ops[0].op }, group) } }, icon(field.icon ?? "abc"), field.label)));
      if (!found.length) list.append(make("p", { class: "dim", text: this.dataset.nothing }));
    };
    search.addEventListener("input", (event) => { if (!event.isComposing) show(); });
    search.addEventListener("compositionend", show);
    const keys = (event) => {
      if (event.isComposing) return;
      const buttons = [...list.querySelectorAll("button")];
      const at = buttons.indexOf(document.activeElement);
      const to = { ArrowDown: buttons[at + 1], ArrowUp: at > 0 ? buttons[at - 1] : search }[event.key];
      if (to) { event.preventDefault(); to.focus(); }
      if (event.key === "Enter" && document.activeElement === search && buttons[0]) { event.preventDefault(); buttons[0].click(); }
    };
    const ends = make("div", { class: "ends" });
    if (group === this.root) ends.append(make("button", { type: "button", class: "btn quiet small", text: this.dataset.group, on: { click: () => { const inner = { or: [] }; this.root[kindOf(this.root)].push(inner); this.#draw(); this.#choose(this.adder, inner); } } }));
    if (this.dataset.checkUrl && group === this.root) ends.append(make("button", { type: "button", class: "btn quiet small", text: this.dataset.asText, on: { click: () => { this.pop.hidePopover(); this.#asText(); } } }));
    if (group === this.root && this.tree) ends.append(make("button", { type: "button", class: "btn quiet small", text: this.dataset.clear, on: { click: () => { this.pop.hidePopover(); this.tree = null; } } }));
    const box = make("div", { class: "ask", on: { keydown: keys } }, search, list, ends);
    show();
    this.#open(anchor, box);
    search.focus();
  }

  /** Ask how a field compares, with what. Of a new leaf with the group it goes to. */
  async #edit(anchor, leaf, group) {
    if (!this.fields.has(leaf.path)) await this.#whole();
    const field = this.fields.get(leaf.path);
    if (!field) { this.#asText(); return; }
    const draft = structuredClone(leaf);
    let current = operatorOf(field, draft) ?? field.ops[0];
    const how = make("select", { "aria-label": this.dataset.how }, ...field.ops.map((op, index) => make("option", { value: index, selected: op === current, text: op.label.replace(/\s*\{n\}\s*/, " … ").trim() })));
    const value = make("div", { class: "value" });
    const apply = () => {
      if (!isComplete(draft, current)) { find("input, select", value)?.focus(); return; }
      for (const key of Object.keys(leaf)) delete leaf[key];
      Object.assign(leaf, draft);
      if (group) group[kindOf(group)].push(leaf);
      this.pop.hidePopover();
      this.#said();
      announce(leafText(leaf, field, this.catalogue, this.dataset).join(" "));
      this.adder.focus();
    };
    const show = () => {
      draft.op = current.op;
      value.replaceChildren(...editor(field, draft, current, this.catalogue, this.dataset, apply));
    };
    how.addEventListener("change", () => { current = field.ops[how.value]; delete draft.value; show(); find("input:not([type=hidden]), select", value)?.focus(); });
    show();
    const box = make("form", { class: "ask", novalidate: true, on: { submit: (event) => { event.preventDefault(); event.stopPropagation(); apply(); } } },
      make("h3", { text: field.label }), how, value,
      make("div", { class: "ends" }, make("button", { type: "button", class: "btn small", text: this.dataset.cancel, on: { click: () => this.pop.hidePopover() } }), make("button", { class: "btn small primary", text: this.dataset.apply })));
    this.#open(anchor, box);
    (find("input:not([type=hidden]), select", value) ?? how).focus();
  }

  // As text

  async #ask(values) {
    const answer = await fetch(this.dataset.checkUrl, { method: "POST", credentials: "same-origin", headers: { "X-CSRFToken": meta("csrf-token"), Accept: "application/json" }, body: new URLSearchParams(values) });
    return answer.json();
  }

  async #asText() {
    if (!this.dataset.checkUrl || find(".as-text", this)) return;
    const text = make("textarea", { "aria-label": this.dataset.asText, spellcheck: "false", rows: 2 });
    const wrong = make("p", { class: "error", role: "alert", hidden: true });
    const close = () => { box.remove(); this.view.hidden = false; this.adder.focus(); };
    const apply = async () => {
      const { tree, error, ...rest } = await this.#ask({ text: text.value });
      if (!error) { close(); this.tree = tree ?? null; return; }
      this.#explain(typeof error === "string" ? { message: error, ...rest } : error, text, wrong);
    };
    const box = make("div", { class: "as-text" }, text, wrong, make("div", { class: "ends" }, make("button", { type: "button", class: "btn small", text: this.dataset.asChips, on: { click: close } }), make("button", { type: "button", class: "btn small primary", text: this.dataset.apply, on: { click: apply } })));
    text.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); apply(); }
      if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); close(); }
    });
    const tree = this.tree;
    if (tree) { const said = await this.#ask({ tree: JSON.stringify(tree) }); text.value = said.text ?? ""; }
    this.view.hidden = true;
    this.append(box);
    text.focus();
  }

  /** Say what is wrong and put the cursor there; a suggestion is one press away. */
  #explain({ message, offset, position, suggestions = [], suggestion, place: wrongWord = "" }, text, wrong) {
    const at = offset ?? position;
    wrong.hidden = false;
    wrong.replaceChildren(icon("alert-circle"), make("span", { text: message }));
    for (const better of suggestion ? [suggestion] : suggestions.slice(0, 3)) {
      wrong.append(make("button", { type: "button", class: "link", text: fill(this.dataset.meant, { what: better }), on: { click: () => { if (at !== undefined && at !== null) { const end = at + (/^[\w\u4e00-\u9fff]+/.exec(text.value.slice(at))?.[0].length ?? wrongWord.length); text.setRangeText(better, at, end, "end"); } text.focus(); } } }));
    }
    text.setAttribute("aria-invalid", "true");
    text.focus();
    if (at !== undefined && at !== null) text.setSelectionRange(at, at + (/^[^\s()[\],]+/.exec(text.value.slice(at))?.[0].length ?? 0));
  }
}

/** Without empty groups; a group of one is that one. Null when nothing is left. */
function tidy(node) {
  if (!node) return null;
  if (isGroup(node)) {
    const kind = kindOf(node);
    const parts = node[kind].map(tidy).filter(Boolean);
    if (parts.length === 0) return null;
    return parts.length === 1 ? parts[0] : { [kind]: parts };
  }
  if (node.not) { const inner = tidy(node.not); return inner && { not: inner }; }
  return node;
}

define("gx-condition", Condition);
