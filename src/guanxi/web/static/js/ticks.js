// Ticked lines of a public page: the total follows at once. The server adds up; without scripts a button asks it.

const button = document.querySelector(".ticks button");
let latest = 0;

async function follow() {
  const asked = ++latest;
  const told = new URLSearchParams(new FormData(button.form));
  for (const name of ["answer", "version", "answered_by"]) told.delete(name); // what was typed stays where it is
  told.set("ticked", "1");
  const answer = await fetch(`${location.pathname}?${told}`, { headers: { Accept: "text/html" } });
  if (!answer.ok || asked !== latest) return;
  const totals = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".paper-totals");
  if (totals) document.querySelector(".paper-totals").replaceChildren(...totals.childNodes);
}

if (button) {
  button.hidden = true;
  for (const box of document.querySelectorAll("input[name=line]")) box.addEventListener("change", () => follow().catch(() => { button.hidden = false; }));
}
