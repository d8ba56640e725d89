// <gx-list>: a table one can work by keyboard. Rows and cells have a place (j k ← →), a selection that may reach
// beyond what is loaded, an editor in the cell, and a preview beside. Rows come and go by htmx; ids stay.

import { all, define, fill, find, isTyping, modalOpen, small } from "./dom.js";
import * as cells from "./cells.js";

const ROW = "tr[data-id]";
const WRITTEN = ["recorded", "rewritten"]; // this person wrote something, here or in the preview
const LIVE = "a, button, input, label, select, textarea, summary, form, [role=button]";

class List extends HTMLElement {
  #ids = new Set();
  #everything = false;
  #wholly = false; // all that was loaded was chosen at once, and nothing taken out since
  #current = null; // id of the row one is at
  #anchor = null; // id where a range begins
  #column = null; // index of the cell one is at
  #peeking = null;
  #clicked = 0;

  connectedCallback() {
    this.bar = find(":scope > .bulk", this);
    this.addEventListener("click", this.#click);
    this.addEventListener("dblclick", this.#doubleClick);
    this.addEventListener("pointerover", this.#tell);
    this.addEventListener("focusin", (event) => { const row = event.target.closest(ROW); if (row && row.dataset.id !== this.#current) this.#stand(row, { focus: false }); });
    this.addEventListener("htmx:load", () => this.#show());
    document.addEventListener("keydown", this.#key);
    document.body.addEventListener("close-peek", this.#closePeek);
    for (const name of WRITTEN) document.body.addEventListener(name, this.#renew);
    find("#peek")?.addEventListener("click", this.#inPeek);
    this.#show();
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.#key);
    document.body.removeEventListener("close-peek", this.#closePeek);
    for (const name of WRITTEN) document.body.removeEventListener(name, this.#renew);
    find("#peek")?.removeEventListener("click", this.#inPeek);
  }

  get rows() {
    return all(`tbody ${ROW}`, this);
  }

  /** How many records a bulk action would touch. */
  get size() {
    return this.#everything ? (this.dataset.total ?? "") : this.#ids.size;
  }

  get selection() {
    return { ids: this.#everything ? [] : [...this.#ids], all: this.#everything };
  }

  #row(id) {
    return id === null ? null : find(`tbody tr[data-id="${CSS.escape(id)}"]`, this);
  }

  // Where one is

  #stand(row, { focus = true, column = this.#column } = {}) {
    if (!row) return;
    this.#current = row.dataset.id;
    this.#column = column;
    for (const other of all("tr.at, td.at", this)) other.classList.remove("at");
    for (const other of all("tr[tabindex]", this)) other.removeAttribute("tabindex");
    row.classList.add("at");
    row.tabIndex = 0;
    if (column !== null) row.cells[column]?.classList.add("at");
    if (!focus) return;
    row.focus({ preventScroll: true });
    (row.cells[column] ?? row).scrollIntoView({ block: "nearest", inline: column === null ? undefined : "nearest" });
  }

  #step(by, extend) {
    const rows = this.rows;
    const at = rows.findIndex((row) => row.dataset.id === this.#current);
    const to = rows[Math.max(0, Math.min(rows.length - 1, at + by))];
    if (!to) return;
    if (extend) {
      this.#anchor ??= this.#current;
      if (at >= 0) this.#ids.add(this.#current);
      this.#ids.add(to.dataset.id);
      this.#show();
    }
    this.#stand(to);
    if (this.#peeking !== null && !extend) this.#peek(to);
  }

  #sidle(by) {
    const row = this.#row(this.#current) ?? this.rows[0];
    if (!row) return;
    const open = [...row.cells].filter((cell) => !cell.classList.contains("check") && cell.checkVisibility()).map((cell) => cell.cellIndex);
    const at = open.indexOf(this.#column);
    this.#stand(row, { column: open[Math.max(0, Math.min(open.length - 1, at + by))] });
  }

  // Selection

  #toggle(id, to = !this.#ids.has(id)) {
    if (this.#everything) { this.#everything = false; this.#ids = new Set(this.rows.map((row) => row.dataset.id)); }
    if (to) this.#ids.add(id); else { this.#ids.delete(id); this.#wholly = false; }
    this.#anchor = id;
    this.#show();
  }

  #range(to) {
    const ids = this.rows.map((row) => row.dataset.id);
    const [from, until] = [ids.indexOf(this.#anchor ?? this.#current ?? to), ids.indexOf(to)].sort((a, b) => a - b);
    for (const id of ids.slice(Math.max(0, from), until + 1)) this.#ids.add(id);
    this.#show();
  }

  #selectLoaded(to) {
    this.#everything = false;
    this.#wholly = to;
    this.#ids = to ? new Set(this.rows.map((row) => row.dataset.id)) : new Set();
    this.#show();
  }

  /** Bring rows, header box and bulk bar in line with what is selected. */
  #show() {
    const rows = this.rows;
    for (const row of rows) {
      const chosen = this.#everything || this.#ids.has(row.dataset.id);
      row.classList.toggle("selected", chosen);
      const box = find(".check input", row);
      if (box) box.checked = chosen;
    }
    if (!find("tbody tr[tabindex]", this) && rows[0]) (this.#row(this.#current) ?? rows[0]).tabIndex = 0;
    const current = this.#row(this.#current);
    if (current && !current.classList.contains("at")) this.#stand(current, { focus: document.activeElement === document.body });
    const chosen = rows.filter((row) => row.classList.contains("selected")).length;
    const head = find("th.check input", this);
    if (head) { head.checked = chosen > 0 && chosen === rows.length; head.indeterminate = chosen > 0 && chosen < rows.length; }
    if (this.bar) this.#showBar(rows.length, chosen);
    const selection = this.selection;
    const key = JSON.stringify(selection);
    if (key === this.said || (this.said === undefined && !this.#ids.size)) return;
    this.said = key;
    this.dispatchEvent(new CustomEvent("gx:selection", { bubbles: true, detail: selection }));
  }

  #showBar(loaded, chosen) {
    const some = this.#everything || this.#ids.size > 0;
    this.bar.hidden = !some;
    if (!some) return;
    const total = this.dataset.total ?? "";
    find("[data-count]", this.bar).textContent = fill(this.#everything ? this.dataset.allSelected : this.dataset.selected, { n: this.#everything ? total : this.#ids.size });
    const more = find("[data-all]", this.bar);
    // Rows that scrolling brings later are not chosen; the offer to choose all of them stays.
    if (more) more.hidden = this.#everything || (chosen < loaded && !this.#wholly) || (chosen === loaded && String(loaded) === total);
    for (const act of all("[data-least]", this.bar)) act.hidden = this.#everything || this.#ids.size < act.dataset.least || this.#ids.size > act.dataset.most;
    // What no row that is here allows is not offered, unless others are chosen too.
    const beyond = this.#everything ? find("tbody tr.more", this) : this.#ids.size > chosen;
    for (const act of all("[data-verb]", this.bar)) act.hidden = !beyond && all("tbody tr.selected", this).every((row) => row.dataset.cannot?.split(" ").includes(act.dataset.verb));
    this.#carry("ids", this.#everything ? "" : [...this.#ids].join(","));
    this.#carry("all", this.#everything ? "1" : "");
  }

  #carry(name, value) {
    let input = find(`input[type=hidden][name="${name}"]`, this.bar);
    if (!input) { input = document.createElement("input"); Object.assign(input, { type: "hidden", name }); this.bar.append(input); }
    input.value = value;
  }

  clear() {
    this.#ids.clear();
    this.#everything = false;
    this.#wholly = false;
    this.#anchor = null;
    this.#show();
  }

  // Mouse

  #click = (event) => {
    const target = event.target;
    if (target.closest("[data-all]")) { this.#everything = true; this.#show(); return; }
    if (target.closest("[data-none]")) { this.clear(); return; }
    if (target.closest("[data-select]")) { find("table", this).classList.toggle("selecting"); return; }
    if (target.matches("th.check input")) { this.#selectLoaded(target.checked); return; }
    const row = target.closest(ROW);
    if (!row) return;
    const cell = target.closest("td");
    if (cell?.classList.contains("check")) {
      if (event.shiftKey) this.#range(row.dataset.id);
      else if (target.matches("input")) this.#toggle(row.dataset.id, target.checked);
      else if (!target.closest("label")) this.#toggle(row.dataset.id);
      this.#stand(row, { focus: false });
      return;
    }
    if (target.closest(LIVE) || getSelection()?.toString()) return;
    if (event.shiftKey) { event.preventDefault(); this.#range(row.dataset.id); this.#stand(row); return; }
    if (event.ctrlKey || event.metaKey) { this.#toggle(row.dataset.id); this.#stand(row); return; }
    this.#stand(row, { column: small() ? null : cell.cellIndex });
    clearTimeout(this.#clicked);
    // A preview moves the columns; a double click must find its cell where it was.
    this.#clicked = setTimeout(() => this.#open(row), this.#editable(cell) && this.#peeking === null && !small() ? 240 : 0);
  };

  #doubleClick = (event) => {
    const cell = event.target.closest("td");
    if (!cell || !this.#editable(cell) || event.target.closest(LIVE)) return;
    clearTimeout(this.#clicked);
    getSelection()?.removeAllRanges();
    this.edit(cell);
  };

  /** What a cell has no room for is told where the pointer stands on it. */
  #tell = (event) => {
    const cell = event.target.closest("tbody td");
    if (cell && cell.scrollWidth > cell.clientWidth && !cell.title) cell.title = cell.innerText.trim();
  };

  // Keys

  #mine(event) {
    const at = event.target instanceof Element ? event.target : document.body;
    const owner = at.closest("gx-list") ?? (at.closest("#peek, .side, [popover], dialog") ? null : find("main gx-list"));
    return owner === this;
  }

  #key = (event) => {
    if (event.defaultPrevented || modalOpen() || !this.#mine(event)) return;
    const editor = event.target.closest?.("form.cell");
    if (editor) { if (event.key === "Tab" && !event.isComposing) this.#nextEditor(event, editor); return; }
    if (isTyping(event) || event.altKey) return;
    const inside = event.target.closest?.(LIVE) && !event.target.matches("input[type=checkbox]");
    if (event.ctrlKey || event.metaKey) {
      if (event.key.toLowerCase() === "a" && !inside) { event.preventDefault(); this.#selectLoaded(true); }
      return;
    }
    const row = this.#row(this.#current);
    const keys = {
      j: () => this.#step(1), k: () => this.#step(-1), ArrowDown: () => this.#step(1), ArrowUp: () => this.#step(-1),
      J: () => this.#step(1, true), K: () => this.#step(-1, true),
      ArrowRight: () => this.#sidle(1), ArrowLeft: () => this.#sidle(-1), l: () => this.#sidle(1), h: () => this.#sidle(-1),
      Home: () => this.#step(-1e6), End: () => this.#step(1e6),
      x: () => row && this.#toggle(row.dataset.id),
      e: () => row && this.edit(), F2: () => row && this.edit(),
      o: () => row && this.#visit(row),
      Enter: () => !inside && row && this.#open(row, true),
      Escape: () => this.#escape(),
    };
    const arrows = event.key.startsWith("Arrow") || event.key === "Home" || event.key === "End";
    if (arrows && (event.shiftKey ? !/Up|Down/.test(event.key) : !this.contains(event.target) && this.#current === null)) return;
    const act = event.shiftKey && event.key === "ArrowDown" ? keys.J : event.shiftKey && event.key === "ArrowUp" ? keys.K : keys[event.key] ?? this.#actOf(event.key);
    if (!act || (event.key === "Enter" && (inside || !row)) || (event.key === "Escape" && !this.#anythingOpen)) return;
    event.preventDefault();
    act();
  };

  /** What a button of the bulk bar does, by its key. */
  #actOf(key) {
    const button = this.bar && !this.bar.hidden && /^[a-z]$/.test(key) ? find(`[data-key="${key}"]:not([hidden])`, this.bar) : null;
    return button ? () => button.click() : undefined;
  }

  get #anythingOpen() {
    return this.#peeking !== null || this.#ids.size > 0 || this.#everything;
  }

  #escape() {
    if (this.#peeking !== null) this.#closePeek();
    else this.clear();
  }

  // Editing in the cell

  #field(cell) {
    return find("thead tr", this)?.cells[cell.cellIndex];
  }

  #editable(cell) {
    const head = cell && this.#field(cell);
    return Boolean(this.dataset.editUrl && head?.dataset.edit !== undefined && cell.parentElement.dataset.readonly === undefined && cell.dataset.readonly === undefined);
  }

  /** Open the editor of a cell; without one, of the cell one is at or the row's first that has one. */
  async edit(cell) {
    const row = cell?.parentElement ?? this.#row(this.#current);
    cell ??= this.#editable(row.cells[this.#column]) ? row.cells[this.#column] : [...row.cells].find((one) => this.#editable(one));
    if (!cell || !this.#editable(cell)) return;
    this.#stand(row, { column: cell.cellIndex, focus: false });
    await cells.open(cell, this.dataset.editUrl.replace("{id}", row.dataset.id).replace("{field}", this.#field(cell).dataset.field));
  }

  async #nextEditor(event, editor) {
    const cell = editor.closest("td");
    const inner = all("input:not([type=hidden]), select, textarea, button", editor);
    if (!cell || document.activeElement !== inner.at(event.shiftKey ? 0 : -1)) return;
    event.preventDefault();
    const [id, index, by] = [cell.closest(ROW).dataset.id, cell.cellIndex, event.shiftKey ? -1 : 1];
    if (!(await cells.save(editor))) return;
    const row = this.#row(id);
    for (let next = index + by; row?.cells[next]; next += by) if (this.#editable(row.cells[next])) { this.edit(row.cells[next]); return; }
    if (row) this.#stand(row);
  }

  /** A row whose record was written elsewhere on the page, as it now is. */
  #renew = (event) => {
    const { entity, id } = event.detail ?? {};
    const row = id && entity === this.dataset.entity && this.dataset.rowUrl ? this.#row(String(id)) : null;
    if (row && !find("form.cell", row)) window.htmx.ajax("GET", this.dataset.rowUrl.replace("{id}", id), { source: row, target: row, swap: "outerHTML" });
  };

  // Looking closer

  #address(row) {
    return find("[data-main] a[href]", row)?.href ?? row.dataset.href;
  }

  #visit(row) {
    const address = this.#address(row);
    if (address) location.assign(address);
  }

  #open(row, byKey = false) {
    if (this.dataset.peek === undefined || small() || !find("#peek")) { this.#visit(row); return; }
    if (byKey && this.#peeking === row.dataset.id) { find("#peek").focus(); return; }
    this.#peek(row);
  }

  async #peek(row) {
    const panel = find("#peek");
    const address = this.#address(row);
    if (!address) return;
    this.#peeking = row.dataset.id;
    const url = new URL(address, location.href);
    url.searchParams.set("peek", "1");
    if (panel.hidden) { panel.replaceChildren(find("#skeleton")?.content.cloneNode(true) ?? ""); panel.hidden = false; }
    row.scrollIntoView({ block: "nearest" });
    await window.htmx.ajax("GET", url.pathname + url.search, { source: panel, target: panel, swap: "innerHTML show:none" });
    if (this.#peeking !== row.dataset.id) return;
    panel.scrollTop = 0;
  }

  #closePeek = () => {
    const panel = find("#peek");
    if (this.#peeking === null || !panel) return;
    this.#peeking = null;
    panel.hidden = true;
    panel.replaceChildren();
    this.#row(this.#current)?.focus({ preventScroll: true });
  };

  #inPeek = (event) => {
    if (event.target.closest("[data-close-peek]")) this.#closePeek();
  };
}

define("gx-list", List);

// The preview hears Escape also while the cursor is in it.
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented && !modalOpen() && event.target.closest?.("#peek")) document.body.dispatchEvent(new CustomEvent("close-peek"));
});
