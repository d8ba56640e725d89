// Before the other scripts are there: what a person presses is remembered, and done once they are. The one script
// that a page waits for, so it stays small.
(() => {
  const SENDS = ":is([hx-get], [hx-post], [hx-put], [hx-patch], [hx-delete])";
  const SCRIPTED = `button[type=button]:not([popovertarget]), :is(button, [role=button])${SENDS}, gx-list:not(:defined) td`;
  const PATIENCE = 5000; // milliseconds a missing element holds presses back
  let act = null; // of several presses the last

  function remember(event, what) {
    event.preventDefault();
    event.stopImmediatePropagation();
    document.documentElement.classList.add("busy");
    act = what;
  }
  function onClick(event) {
    const element = event.target.closest?.(SCRIPTED);
    if (element && !event.ctrlKey && !event.metaKey && !event.shiftKey) remember(event, () => event.target.click());
  }
  function onSubmit(event) {
    const { target: form, submitter } = event;
    if (form.matches(SENDS)) remember(event, () => form.requestSubmit(submitter));
  }
  addEventListener("click", onClick, true);
  addEventListener("submit", onSubmit, true);

  document.addEventListener("htmx:load", async () => {
    const awaited = [...document.querySelectorAll(":not(:defined)")].map((element) => customElements.whenDefined(element.localName));
    await Promise.race([Promise.all(awaited), new Promise((done) => { setTimeout(done, PATIENCE); })]);
    removeEventListener("click", onClick, true);
    removeEventListener("submit", onSubmit, true);
    if (!act) return;
    document.documentElement.classList.remove("busy");
    act();
  }, { once: true });
})();
