// <gx-chart>: numbers of the page as a picture, in the page's own colours, with the same numbers as a table.

import { define, find, make } from "./dom.js";

const TONES = ["accent", "info", "warn", "violet", "rose", "good", "ink-3", "bad"];
const LYING = new Set(["rows", "funnel"]);

/** The colour a token has here and now. */
function colours(host, names) {
  const probe = host.appendChild(make("span", { hidden: true }));
  const found = Object.fromEntries(names.map((name) => { probe.style.color = `var(--${name})`; return [name, getComputedStyle(probe).color]; }));
  probe.remove();
  return found;
}

class Chart extends HTMLElement {
  async connectedCallback() {
    if (this.canvas) return;
    this.numbers = JSON.parse(find("script[type='application/json']", this)?.textContent || "{}");
    this.canvas = make("div", { class: "chart", "aria-hidden": "true" });
    this.prepend(this.canvas);
    this.setAttribute("role", "group");
    if (!find("table", this)) this.append(this.#table());
    const echarts = await import("../vendor/echarts.js");
    if (!this.isConnected) return;
    this.chart = echarts.init(this.canvas, null, { renderer: "canvas" });
    this.chart.on("click", (event) => this.#follow(event));
    this.chart.getZr().on("click", (event) => this.#followBand(event));
    this.#draw();
    this.watch = new ResizeObserver(() => this.chart.resize());
    this.watch.observe(this.canvas);
    document.body.addEventListener("gx:theme", this.#redraw);
    this.dark = matchMedia("(prefers-color-scheme: dark)");
    this.dark.addEventListener("change", this.#redraw);
  }

  disconnectedCallback() {
    this.watch?.disconnect();
    this.chart?.dispose();
    this.chart = this.canvas = null;
    document.body.removeEventListener("gx:theme", this.#redraw);
    this.dark?.removeEventListener("change", this.#redraw);
  }

  #redraw = () => this.#draw();

  get #format() {
    const { unit, currency } = this.numbers;
    const language = document.documentElement.lang || "en";
    if (unit === "money" && currency) return new Intl.NumberFormat(language, { style: "currency", currency, currencyDisplay: "narrowSymbol", maximumFractionDigits: 0 });
    if (unit === "percent") return new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
    return new Intl.NumberFormat(language, { maximumFractionDigits: 2 });
  }

  get #short() {
    const { unit, currency } = this.numbers;
    const language = document.documentElement.lang || "en";
    return new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 1, ...(unit === "money" && currency ? { style: "currency", currency, currencyDisplay: "narrowSymbol" } : unit === "percent" ? { style: "percent" } : {}) });
  }

  #link(series, index) {
    return this.numbers.series[series]?.links?.[index] ?? this.numbers.links?.[index];
  }

  #follow({ seriesIndex, dataIndex }) {
    const url = this.#link(this.numbers.shape === "pie" || this.numbers.shape === "funnel" ? 0 : seriesIndex, dataIndex);
    if (url) location.assign(url);
  }

  /** Beside a short bar is as good as on it, where one series leaves no doubt. */
  #followBand({ offsetX, offsetY, target }) {
    const { shape, series } = this.numbers;
    if (target || series.length > 1 || !["bar", "rows", "line", "area"].includes(shape) || !this.chart.containPixel("grid", [offsetX, offsetY])) return;
    const [x, y] = this.chart.convertFromPixel({ gridIndex: 0 }, [offsetX, offsetY]);
    this.#follow({ seriesIndex: 0, dataIndex: Math.round(shape === "rows" ? y : x) });
  }

  #table() {
    const { labels = [], series = [] } = this.numbers;
    const format = this.#format;
    const cell = (text, url) => (url ? make("a", { class: "link", href: url, text }) : document.createTextNode(text));
    const head = make("tr", {}, make("th", { scope: "col" }, make("span", { class: "sr", text: this.getAttribute("aria-label") ?? "" })), ...series.map((one) => make("th", { scope: "col", class: "num", text: one.label })));
    const rows = labels.map((label, index) => make("tr", {}, make("th", { scope: "row", text: label }), ...series.map((one, which) => make("td", { class: "num" }, cell(one.values[index] === null || one.values[index] === undefined ? "–" : format.format(one.values[index]), this.#link(which, index))))));
    return make("details", { class: "fold" }, make("summary", { text: this.dataset.table ?? "" }), make("table", { class: "plain" }, make("thead", {}, head), make("tbody", {}, ...rows)));
  }

  #draw() {
    if (!this.chart) return;
    const c = colours(this, [...TONES, "ink", "ink-2", "line", "panel", "raised", "accent-soft"]);
    const { shape, option = {} } = this.numbers;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const font = getComputedStyle(this).fontFamily;
    const text = { color: c["ink-2"], fontFamily: font, fontSize: 12 };
    const shared = {
      animation: !still, animationDuration: 150, animationDurationUpdate: 150, textStyle: { fontFamily: font },
      tooltip: this.#tooltip(c, text),
      legend: this.numbers.series.length > 1 || shape === "pie" ? { bottom: 0, icon: "circle", itemWidth: 8, itemHeight: 8, itemGap: 16, textStyle: text } : { show: false },
    };
    this.chart.setOption({ ...shared, ...(["pie", "funnel"].includes(shape) ? this.#whole(c, text) : shape === "heat" ? this.#heat(c, text) : this.#axes(c, text)), ...option }, true);
  }

  #tone(one, index, c) {
    return c[one.tone === "acc" ? "accent" : one.tone] ?? c[TONES[index % TONES.length]];
  }

  #axes(c, text) {
    const { shape, labels, series } = this.numbers;
    const points = shape === "scatter";
    const names = points ? { type: "value" } : { type: "category", data: labels, boundaryGap: !["line", "area"].includes(shape) };
    const category = { ...names, axisLine: { lineStyle: { color: c.line } }, axisTick: { show: false }, axisLabel: { ...text, hideOverlap: true, ...(LYING.has(shape) ? { width: 120, overflow: "truncate" } : {}) }, splitLine: { show: false }, inverse: shape === "rows" };
    const value = { type: "value", axisLabel: { ...text, formatter: (number) => this.#short.format(number) }, splitLine: { lineStyle: { color: c.line } }, splitNumber: 4 };
    return {
      grid: { left: 4, right: 12, top: 12, bottom: series.length > 1 ? 30 : 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
      xAxis: shape === "rows" ? value : category, yAxis: shape === "rows" ? category : value,
      tooltip: { ...this.#tooltip(c, text), trigger: points ? "item" : "axis", axisPointer: { type: ["line", "area"].includes(shape) ? "line" : "shadow", lineStyle: { color: c["ink-3"] }, shadowStyle: { color: c.line, opacity: 0.4 } } },
      series: series.map((one, index) => ({
        name: one.label, data: one.values, type: ["line", "area"].includes(shape) ? "line" : points ? "scatter" : "bar", stack: shape === "stack" ? "all" : undefined, color: this.#tone(one, index, c), barMaxWidth: 34, barCategoryGap: "34%", cursor: this.#link(index, 0) ? "pointer" : "default",
        smooth: 0.2, showSymbol: labels?.length < 2, symbolSize: 6, lineStyle: { width: 2 }, areaStyle: shape === "area" ? { opacity: 0.12 } : undefined, itemStyle: { borderRadius: shape === "stack" || points ? 0 : shape === "rows" ? [0, 3, 3, 0] : [3, 3, 0, 0] },
      })),
    };
  }

  #tooltip(c, text) {
    // Rich text is drawn on the canvas: an HTML tooltip would carry inline styles, which the page forbids.
    return { renderMode: "richText", confine: true, backgroundColor: c.raised, borderColor: c.line, padding: [7, 10], textStyle: { ...text, color: c.ink }, valueFormatter: (value) => (typeof value === "number" ? this.#format.format(value) : value) };
  }

  #whole(c, text) {
    const { shape, labels, series } = this.numbers;
    const [one] = series;
    const data = labels.map((name, index) => ({ name, value: one.values[index], itemStyle: { color: c[TONES[index % TONES.length]], borderColor: c.panel, borderWidth: 2 } }));
    if (shape === "pie") return { series: [{ type: "pie", name: one.label, radius: ["56%", "82%"], center: ["50%", "44%"], data, label: { show: false }, emphasis: { scale: false } }] };
    return { series: [{ type: "funnel", name: one.label, left: 8, right: 8, top: 8, bottom: 8, minSize: "14%", gap: 2, sort: "none", data, label: { ...text, position: "inside", color: c.panel, formatter: "{b}" } }] };
  }

  #heat(c, text) {
    const { labels, series } = this.numbers;
    const data = series.flatMap((one, y) => one.values.map((value, x) => [x, y, value]));
    const axis = (names) => ({ type: "category", data: names, axisLine: { show: false }, axisTick: { show: false }, axisLabel: text, splitLine: { show: false } });
    return {
      grid: { left: 4, right: 4, top: 4, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" }, xAxis: axis(labels), yAxis: { ...axis(series.map((one) => one.label)), inverse: true }, legend: { show: false },
      visualMap: { show: false, min: 0, max: Math.max(1, ...data.map(([, , value]) => value ?? 0)), inRange: { color: [c["accent-soft"], c.accent] } },
      series: [{ type: "heatmap", data, itemStyle: { borderColor: c.panel, borderWidth: 2, borderRadius: 3 } }],
    };
  }
}

define("gx-chart", Chart);
