// <gx-files data-url>: files dropped anywhere on the page, pasted or chosen go to the record. Says how far they are; can be stopped.

import { announce, define, fill, find, meta, modalOpen } from "./dom.js";
import { askToSignIn, ledToLogin, reason } from "./requests.js";
import { toast } from "./toasts.js";

const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");

class Files extends HTMLElement {
  #waiting = [];
  #request = null;
  #listeners = new AbortController();

  connectedCallback() {
    this.input = find("input[type=file]", this);
    this.overlay = find(".dropping", this);
    this.card = find(".sending", this);
    const on = (target, name, listener) => target.addEventListener(name, listener, { signal: this.#listeners.signal });
    on(this.input, "change", () => { this.#take([...this.input.files]); this.input.value = ""; });
    on(document, "click", (event) => { if (event.target.closest?.("[data-add-files]")) this.input.click(); });
    on(find("[data-stop]", this), "click", () => this.#stop());
    // A file dropped beside a target would take the browser away from what is typed here.
    on(document, "dragover", (event) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = modalOpen() ? "none" : "copy";
      this.overlay.hidden = modalOpen();
    });
    on(document, "dragleave", (event) => { if (!event.relatedTarget) this.overlay.hidden = true; });
    on(document, "drop", (event) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      this.overlay.hidden = true;
      if (!modalOpen()) this.#take([...event.dataTransfer.files]);
    });
    on(document, "paste", (event) => {
      // A copied table is a picture too; whoever pastes it means the text.
      if (modalOpen() || !event.clipboardData?.files.length || event.clipboardData.types.includes("text/plain")) return;
      event.preventDefault();
      this.#take([...event.clipboardData.files].map((file) => this.#named(file)));
    });
    on(window, "beforeunload", (event) => { if (this.#request) event.preventDefault(); });
  }

  disconnectedCallback() {
    this.#listeners.abort();
  }

  /** A pasted picture is called by the moment, not “image.png” like every other. */
  #named(file) {
    if (!/^image\.\w+$/.test(file.name)) return file;
    const now = new Date();
    const two = (number) => String(number).padStart(2, "0");
    const at = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())} ${two(now.getHours())}.${two(now.getMinutes())}.${two(now.getSeconds())}`;
    return new File([file], `${this.dataset.screenshot} ${at}.${file.name.split(".").pop()}`, { type: file.type });
  }

  #take(files) {
    const most = Number(this.dataset.most) * 2 ** 20;
    const large = files.filter((file) => file.size > most);
    for (const file of large) toast(fill(this.dataset.tooLarge, { name: file.name }), "bad");
    const fitting = files.filter((file) => file.size <= most);
    if (fitting.length) this.#waiting.push(fitting);
    if (!this.#request) this.#next();
  }

  #next() {
    const files = this.#waiting.shift();
    this.card.hidden = !files;
    if (!files) return;
    const body = new FormData();
    for (const file of files) body.append("file", file);
    find("[data-said]", this.card).textContent = files.length > 1 ? fill(this.dataset.sendingMany, { n: files.length }) : fill(this.dataset.sending, { name: files[0].name });
    const bar = find("progress", this.card);
    bar.removeAttribute("value");
    const request = this.#request = new XMLHttpRequest();
    request.open("POST", this.dataset.url);
    request.setRequestHeader("HX-Request", "true");
    request.setRequestHeader("X-CSRFToken", meta("csrf-token"));
    // When all is sent the server still writes: then it is under way, not done.
    request.upload.addEventListener("progress", (event) => { if (event.loaded < event.total) bar.value = 100 * event.loaded / event.total; else bar.removeAttribute("value"); });
    request.addEventListener("load", () => this.#answered(request));
    request.addEventListener("error", () => toast(reason(0), "bad"));
    request.addEventListener("abort", () => { this.#waiting = []; toast(this.dataset.stopped, "info"); });
    request.addEventListener("loadend", () => { this.#request = null; this.#next(); });
    request.send(body);
  }

  #stop() {
    this.#request?.abort();
  }

  #answered(request) {
    if (request.status === 401 || ledToLogin(request.responseURL, this.dataset.url)) { askToSignIn(); return; }
    const said = JSON.parse(request.getResponseHeader("HX-Trigger") ?? "{}");
    for (const [name, detail] of Object.entries(said)) window.htmx.trigger(document.body, name, detail === Object(detail) ? detail : { value: detail });
    if (said.toast) announce(said.toast.message);
    else if (request.status >= 400) toast(reason(request.status, request.getResponseHeader("content-type"), request.responseText), "bad");
  }
}

define("gx-files", Files);
