// <gx-events>: what happens on the server, as events on the body. One connection serves all tabs of this browser
// (browsers allow six a host): the tab that holds the lock listens and passes on what it hears.

import { define } from "./dom.js";

const LOCK = "gx-events";
const LONGEST = 60000;

class Events extends HTMLElement {
  #tries = 0;
  #source = null;
  #timer = 0;
  #letGo = null;

  connectedCallback() {
    this.names = (this.dataset.events ?? "changed toast").split(/\s+/);
    this.channel = "BroadcastChannel" in window ? new BroadcastChannel(LOCK) : null;
    if (this.channel) this.channel.onmessage = (event) => this.#fire(event.data);
    this.stopped = new AbortController();
    if (navigator.locks && this.channel) {
      navigator.locks.request(LOCK, { signal: this.stopped.signal }, () => new Promise((letGo) => { this.#letGo = letGo; this.#listen(); })).catch(() => {});
    } else {
      this.#listen();
    }
  }

  disconnectedCallback() {
    this.stopped.abort();
    this.#source?.close();
    clearTimeout(this.#timer);
    this.#letGo?.();
    this.channel?.close();
  }

  #listen() {
    this.#source = new EventSource(this.dataset.url);
    this.#source.onopen = () => {
      // What was missed meanwhile is unknown: everything that listens asks again.
      if (this.#tries > 1) this.#pass({ name: "changed", detail: { entity: null } });
      this.#tries = 0;
    };
    this.#source.onerror = () => {
      this.#source.close();
      const wait = Math.min(LONGEST, 1000 * 2 ** this.#tries++) * (0.7 + Math.random() * 0.6);
      this.#timer = setTimeout(() => this.#listen(), wait);
    };
    for (const name of this.names) {
      this.#source.addEventListener(name, (event) => {
        let detail = null;
        try { detail = JSON.parse(event.data); } catch { detail = { value: event.data }; }
        this.#pass({ name, detail });
      });
    }
  }

  #pass(message) {
    this.channel?.postMessage(message);
    this.#fire(message);
  }

  #fire({ name, detail }) {
    document.body.dispatchEvent(new CustomEvent(name, { bubbles: true, detail: { ...detail, live: true } }));
  }
}

define("gx-events", Events);
