// <time data-ago>: "2 hours ago", kept true while the page stays open. The exact moment is its title.

import { all } from "./dom.js";

const STEPS = [["year", 31557600], ["month", 2629800], ["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60]];
const language = document.documentElement.lang || "en";
const ago = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: language.startsWith("zh") ? "long" : "short" });
const exact = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "short" });

export function relative(moment, now = Date.now()) {
  const seconds = (moment - now) / 1000;
  const [unit, size] = STEPS.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1];
  return unit === "second" ? ago.format(0, "second") : ago.format(Math.trunc(seconds / size), unit);
}

export function refresh(root = document) {
  for (const time of all("time[data-ago]", root)) {
    const moment = Date.parse(time.dateTime);
    if (Number.isNaN(moment)) continue;
    const text = relative(moment);
    if (time.textContent !== text) time.textContent = text;
    if (!time.title) time.title = exact.format(moment);
  }
}

setInterval(() => { if (!document.hidden) refresh(); }, 30000);
document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
