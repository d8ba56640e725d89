// What a comparison says in words, and the inputs that ask for its value. Part of <gx-condition>.

import { make } from "./dom.js";

const NONE = new Set(["is empty", "is not empty"]);
const MANY = new Set(["in", "not in", "has any", "has all"]);
const language = document.documentElement.lang || "en";

/** How many values an operator takes: none, one, many, range, days, period. */
export function arity(op) {
  return op.value ?? (NONE.has(op.op) ? "none" : MANY.has(op.op) ? "many" : op.op === "between" ? "range" : "one");
}

const pattern = (format) => new RegExp(`^${format.split("{n}").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("(\\d+)")}$`);
const daysOf = (op, value) => (op.format && typeof value === "string" ? pattern(op.format).exec(value)?.[1] : undefined);

/** The catalogue's operator a leaf was made with. */
export function operatorOf(field, { op, value }) {
  const same = field.ops.filter((one) => one.op === op);
  return same.find((one) => daysOf(one, value) !== undefined) ?? same.find((one) => !one.format && (arity(one) === "many") === Array.isArray(value) && arity(one) !== "range") ?? same.find((one) => !one.format) ?? same[0];
}

/** [field, operator, value] as a person reads them. */
export function leafText(leaf, field, catalogue, words) {
  if (!field) return [leaf.label ?? leaf.path, leaf.op, show(leaf.value, null, leaf, catalogue, words)];
  const quick = quickOf(field, leaf);
  if (quick) return [field.label, quick.joint ?? "", quick.label];
  const op = operatorOf(field, leaf);
  const days = op && daysOf(op, leaf.value);
  if (days !== undefined) return [field.label, "", op.label.replace("{n}", days)];
  return [field.label, op?.label ?? leaf.op, op && arity(op) === "none" ? "" : show(leaf.value, field, leaf, catalogue, words)];
}

const quickOf = (field, leaf) => field.quick?.find((one) => one.op === leaf.op && JSON.stringify(one.value) === JSON.stringify(leaf.value));

function show(value, field, leaf, catalogue, words) {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) {
    const all = value.map((one) => show(one, field, leaf, catalogue, words));
    if (leaf.op === "between") return all.join(" – ");
    return all.length > 3 ? `${all.slice(0, 2).join(", ")} +${all.length - 2}` : all.join(", ");
  }
  const known = field?.choices?.find((choice) => String(choice.value) === String(value))?.label ?? catalogue.labels?.[leaf.path]?.[value] ?? field?.quick?.find((one) => one.value === value)?.label;
  if (known !== undefined) return known;
  if (typeof value === "boolean") return value ? words.yes : words.no;
  if (typeof value === "number") return new Intl.NumberFormat(language).format(value);
  const day = /^(\d{4})-(\d{2})-(\d{2})$/.exec(value);
  if (day) return new Intl.DateTimeFormat(language, { dateStyle: "medium" }).format(new Date(+day[1], day[2] - 1, +day[3]));
  return field?.kind === "text" || field?.kind === "long text" ? `“${value}”` : String(value);
}

/** Whether there is enough to compare with. */
export function isComplete(draft, op) {
  const wanted = arity(op);
  if (wanted === "none") { delete draft.value; return true; }
  if (wanted === "many") return Array.isArray(draft.value) && draft.value.length > 0;
  if (wanted === "range") return Array.isArray(draft.value) && draft.value.length === 2 && draft.value.every((one) => one !== "" && one !== undefined);
  return draft.value !== undefined && draft.value !== "";
}

/** The inputs for a field's value; they write into the draft as one types. */
export function editor(field, draft, op, catalogue, words, apply) {
  const wanted = arity(op);
  if (wanted === "none") return [];
  const shown = [];
  const quick = (field.quick ?? []).filter((one) => one.op === op.op);
  if (quick.length) shown.push(make("div", { class: "filters" }, ...quick.map((one) => make("button", { type: "button", class: "chip", "aria-pressed": String(JSON.stringify(draft.value) === JSON.stringify(one.value)), text: one.label, on: { click: () => { draft.value = one.value; apply(); } } }))));
  if (wanted === "period") return shown;
  if (wanted === "days") shown.push(days(draft, op, words));
  else if (wanted === "range") shown.push(range(field, draft, words));
  else if (field.choices) shown.push(wanted === "many" ? boxes(field, draft) : choice(field, draft, words));
  else if (field.kind === "yes/no") shown.push(choice({ choices: [{ value: true, label: words.yes }, { value: false, label: words.no }] }, draft, words));
  else if (field.url) shown.push(records(field, draft, wanted === "many", catalogue, words));
  else shown.push(wanted === "many" ? several(draft, words) : single(field, draft, words));
  return shown;
}

const number = (text) => (text === "" ? "" : String(Number(text)) === text && Math.abs(Number(text)) < Number.MAX_SAFE_INTEGER ? Number(text) : text);
const DATED = new Set(["date", "day", "moment", "datetime"]);
const COUNTED = new Set(["number", "money", "percent", "whole", "whole number", "duration", "year", "percentage"]);

/** An input for one value, and how its text becomes that value. */
function plain(field, value, words, label, took) {
  const percent = field.kind?.startsWith("percent");
  const dated = DATED.has(field.kind) && (value === undefined || /^\d{4}-\d{2}-\d{2}/.test(value));
  const type = dated ? "date" : COUNTED.has(field.kind) ? "number" : "text";
  const input = make("input", { type, "aria-label": label, step: type === "number" ? "any" : null, autocomplete: "off" });
  input.value = value === undefined ? "" : percent ? String(value).replace("%", "") : dated ? String(value).slice(0, 10) : value;
  input.addEventListener("input", () => took(type !== "number" ? input.value : percent ? (input.value === "" ? "" : `${input.value}%`) : number(input.value)));
  const unit = percent ? "%" : field.unit;
  return unit ? make("div", { class: "affix" }, input, make("span", { text: unit })) : input;
}

const single = (field, draft, words) => plain(field, draft.value, words, words.value, (value) => { draft.value = value; });

function range(field, draft, words) {
  const pair = Array.isArray(draft.value) ? [...draft.value] : ["", ""];
  const end = (index, label) => plain(field, pair[index] === "" ? undefined : pair[index], words, label, (value) => { pair[index] = value; draft.value = [...pair]; });
  return make("div", { class: "pair" }, end(0, words.from), "–", end(1, words.to));
}

function days(draft, op, words) {
  const input = make("input", { type: "number", min: 0, "aria-label": words.value, value: daysOf(op, draft.value) ?? "" });
  input.addEventListener("input", () => { draft.value = input.value === "" ? "" : op.format.replace("{n}", input.value); });
  return input;
}

function several(draft, words) {
  const input = make("input", { type: "text", "aria-label": words.value, autocomplete: "off" });
  input.value = (draft.value ?? []).join(", ");
  input.addEventListener("input", () => { draft.value = input.value.split(/[,，、;；]/).map((one) => one.trim()).filter(Boolean); });
  return input;
}

function choice(field, draft, words) {
  const select = make("select", { "aria-label": words.value }, make("option", { value: "", text: "" }), ...field.choices.map((one, index) => make("option", { value: String(index), selected: String(one.value) === String(draft.value), text: one.label })));
  select.addEventListener("change", () => { draft.value = field.choices[select.value]?.value; });
  return select;
}

function boxes(field, draft) {
  const chosen = new Set((Array.isArray(draft.value) ? draft.value : []).map(String));
  return make("div", { class: "values" }, ...field.choices.map((one) => {
    const box = make("input", { type: "checkbox", on: { change: () => { if (box.checked) chosen.add(String(one.value)); else chosen.delete(String(one.value)); draft.value = field.choices.filter((other) => chosen.has(String(other.value))).map((other) => other.value); } } });
    box.checked = chosen.has(String(one.value));
    return make("label", { class: "check" }, box, make("span", { text: one.label }));
  }));
}

/** Linked records: searched on the server, remembered with their names for the chip. */
function records(field, draft, many, catalogue, words) {
  import("./picker.js");
  const labels = ((catalogue.labels ??= {})[field.path] ??= {});
  const now = (Array.isArray(draft.value) ? draft.value : draft.value === undefined ? [] : [draft.value]).filter((value) => labels[value] !== undefined);
  const select = make("select", { multiple: many, "aria-label": words.value }, many ? null : make("option", { value: "" }), ...now.map((value) => make("option", { value, selected: true, text: labels[value] })));
  const key = (text) => (/^\d+$/.test(text) ? Number(text) : text);
  select.addEventListener("change", () => {
    for (const option of select.selectedOptions) if (option.value) labels[option.value] = select.tomselect?.options[option.value]?.label ?? option.text;
    draft.value = many ? [...select.selectedOptions].map((option) => key(option.value)) : select.value === "" ? undefined : key(select.value);
  });
  return make("gx-picker", { "data-url": field.url, "data-empty": words.nothing }, select);
}
