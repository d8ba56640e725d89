// Small words every module uses: finding, making, naming. Knows nothing of the product.

export const find = (selector, root = document) => root.querySelector(selector);
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];
export const meta = (name) => find(`meta[name="${name}"]`)?.content ?? "";
export const small = () => matchMedia("(width <= 760px)").matches;

/** An element with properties (`class`, `text`, `on`, attributes) and children. */
export function make(tag, { text, on = {}, ...attributes } = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  for (const [event, listener] of Object.entries(on)) element.addEventListener(event, listener);
  if (text !== undefined) element.textContent = text;
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** The drawing of that name, as the template tag writes it. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "i");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${meta("icons")}#${name}`);
  svg.append(use);
  return svg;
}

/** A server's sentence with its {places} filled. */
export const fill = (sentence, values) => (sentence ?? "").replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);

/** Said by screen readers at once, seen by nobody. */
export function announce(text) {
  const live = find("#live");
  if (!live) return;
  live.textContent = "";
  requestAnimationFrame(() => { live.textContent = text; });
}

/** True while the person types text, or an input method composes it: then single keys are not ours. */
export function isTyping(event) {
  if (event.isComposing || event.keyCode === 229) return true;
  const at = event.composedPath?.()[0] ?? event.target;
  if (!(at instanceof Element)) return false;
  if (at.isContentEditable || at.matches("textarea, select")) return true;
  return at.matches("input") && !["checkbox", "radio", "button", "submit", "range", "file"].includes(at.type);
}

/** A modal dialog is open: the page behind hears no keys. */
export const modalOpen = () => find("dialog:modal") !== null;

/** Runs after the last call has been quiet for so long. `now` runs what waits, `stop` forgets it. */
export function quiet(milliseconds, run) {
  let timer = 0;
  let waiting = null;
  const later = (...values) => {
    clearTimeout(timer);
    waiting = () => { waiting = null; return run(...values); };
    timer = setTimeout(() => waiting?.(), milliseconds);
  };
  later.now = () => { clearTimeout(timer); return waiting?.(); };
  later.stop = () => { clearTimeout(timer); waiting = null; };
  return later;
}

/** This person's own words in this browser: another person on the same machine has others. */
const own = (key) => `gx.${meta("user")}.${key}`;
export const kept = {
  get(key) {
    try { return JSON.parse(localStorage.getItem(own(key))); } catch { return null; }
  },
  set(key, value) {
    try { localStorage.setItem(own(key), JSON.stringify(value)); } catch { /* full or forbidden: nothing is kept */ }
  },
  forget(key) {
    try { localStorage.removeItem(own(key)); } catch { /* as above */ }
  },
  forgetAll() {
    for (const key of Object.keys(localStorage)) if (key.startsWith(`gx.${meta("user")}.`)) localStorage.removeItem(key);
  },
};

export function define(name, element) {
  if (!customElements.get(name)) customElements.define(name, element);
}
