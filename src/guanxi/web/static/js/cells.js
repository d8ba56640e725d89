// Editing in place: a value (`a.edit` of a fact, a cell of a list) is swapped for `form.cell` from the server.
// Enter saves, Esc restores, leaving saves what changed. The answer replaces the row or the fact; in what is made
// anew as a whole (`data-cells="whole"`) the page does that.

import { find } from "./dom.js";

const kept = new WeakMap(); // cell → its nodes before, and what the editor held when it opened
const typed = (form) => new URLSearchParams(new FormData(form)).toString();
const cellOf = (form) => form.closest("td, dd, [data-cell]");
const rowOf = (cell) => (cell.matches("td") ? cell.closest("tr") : cell);
const anew = (cell) => cell.closest("[data-cells=whole]");
export const isOpen = (cell) => kept.has(cell);

/** Fetch the editor into the cell and put the cursor in it. */
export async function open(cell, url) {
  if (kept.has(cell)) return;
  const nodes = [...cell.childNodes];
  if (cell.matches("td")) cell.style.minWidth = `${cell.offsetWidth}px`; // the column keeps its width under the editor
  await window.htmx.ajax("GET", url, { source: cell, target: cell, swap: "innerHTML" });
  const form = find("form.cell", cell);
  if (!form) return; // refused: a toast has said why
  kept.set(cell, { nodes, before: typed(form) });
  start(form);
}

async function start(form) {
  // A picker takes the place of what has the focus; it would be lost to that, and leaving is saving.
  if (find("gx-picker", form)) await customElements.whenDefined("gx-picker");
  const input = find("[autofocus], [aria-invalid=true], input:not([type=hidden]), select, textarea", form);
  (input?.tomselect ?? input)?.focus();
  if (input?.select && input.type !== "date") input.select();
}

export function restore(cell) {
  const { nodes } = kept.get(cell) ?? {};
  if (!nodes) return;
  kept.delete(cell);
  cell.style.minWidth = "";
  cell.replaceChildren(...nodes);
  (find("a.edit", cell) ?? cell.closest("tr"))?.focus({ preventScroll: true });
}

/** True when saved (or nothing to save); false when the server refused and the editor stays. */
export async function save(form) {
  const cell = cellOf(form);
  const { before, saving } = kept.get(cell) ?? {};
  if (saving) return saving;
  if (before === undefined || typed(form) === before) { restore(cell); return true; }
  if (!form.reportValidity()) return false;
  const sent = (async () => {
    const row = rowOf(cell);
    const swap = anew(cell) ? "none" : cell === row ? "innerHTML" : "outerHTML";
    let accepted = false;
    const heard = (event) => {
      if (event.detail.requestConfig?.elt !== form) return;
      accepted = event.detail.xhr.status < 300;
    };
    const refused = (event) => {
      const { xhr, requestConfig } = event.detail;
      if (requestConfig?.elt === form && [409, 412, 422].includes(xhr.status)) Object.assign(event.detail, { target: cell, swapOverride: "innerHTML", shouldSwap: true });
    };
    document.body.addEventListener("htmx:afterRequest", heard);
    document.body.addEventListener("htmx:beforeSwap", refused);
    form.classList.add("saving");
    try {
      await window.htmx.ajax("POST", form.getAttribute("action"), { source: form, target: row, swap });
    } finally {
      document.body.removeEventListener("htmx:afterRequest", heard);
      document.body.removeEventListener("htmx:beforeSwap", refused);
      form.classList.remove("saving");
    }
    return accepted;
  })();
  kept.set(cell, { ...kept.get(cell), saving: sent });
  const accepted = await sent;
  if (accepted && anew(cell)) restore(cell);
  else if (accepted) kept.delete(cell);
  else {
    const again = find("form.cell", cell);
    kept.set(cell, { ...kept.get(cell), saving: undefined, refused: again ? typed(again) : undefined });
    if (again) start(again);
  }
  return accepted;
}

/** Whether what is in the editor was refused already: only Enter sends it again. */
const wasRefused = (form) => typed(form) === kept.get(cellOf(form))?.refused;

document.addEventListener("click", (event) => {
  const link = event.target.closest("dd > a.edit, [data-cell] > a.edit");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  open(link.parentElement, link.href);
});

document.addEventListener("submit", async (event) => {
  if (!event.target.matches("form.cell") || !kept.has(cellOf(event.target))) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const cell = cellOf(event.target);
  if ((await save(event.target)) && cell.matches("dd")) find("a.edit", cell)?.focus({ preventScroll: true });
}, true);

document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("form.cell");
  if (!form || event.isComposing) return;
  if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); restore(cellOf(form)); }
  if (event.key === "Enter" && event.target.matches("textarea") && (event.ctrlKey || event.metaKey)) { event.preventDefault(); form.requestSubmit(); }
});

document.addEventListener("focusout", (event) => {
  const form = event.target.closest?.("form.cell");
  if (!form) return;
  setTimeout(() => {
    if (form.isConnected && document.hasFocus() && !form.contains(document.activeElement) && kept.has(cellOf(form)) && !wasRefused(form) && !document.querySelector("dialog:modal")) save(form);
  });
});

document.addEventListener("change", (event) => {
  // Choosing from a list is the whole edit: no Enter wanted. A mouse says so at once; keys may still be moving.
  if (event.target.matches("form.cell > select") && event.target.dataset.byMouse) save(event.target.form);
  // A picker changes only when something was chosen; one that was emptied waits for what comes instead.
  if (event.target.matches("form.cell gx-picker select:not([multiple])") && event.target.value && !wasRefused(event.target.form)) save(event.target.form);
});
document.addEventListener("pointerdown", (event) => { if (event.target.matches?.("form.cell > select")) event.target.dataset.byMouse = "1"; });
