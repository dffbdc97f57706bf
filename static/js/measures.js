// A sheet of a measure: one item at a time or all, and digits that choose an answer and go on. Without this it is a form.

const sheet = document.querySelector("[data-sheet]");
const items = [...sheet.querySelectorAll("[data-item]")];
const tools = sheet.querySelector("[data-tools]");
const meter = tools.querySelector("progress");
const told = tools.querySelector("[data-told]");
const toggle = tools.querySelector("[data-switch]");
const steps = sheet.querySelector("[data-steps]");
const end = sheet.querySelector("[data-end]");
const [back, on] = [steps.querySelector("[data-back]"), steps.querySelector("[data-on]")];
let one = sheet.dataset.pace === "one";
let place = Math.max(0, items.findIndex((item) => item.getAttribute("aria-invalid")));
let isKept = true;

const answered = (item) => item.querySelector("input:checked");
const focusOn = (item) => (answered(item) ?? item.querySelector("input")).focus();

function count() {
  const done = items.filter(answered).length;
  meter.value = done;
  told.textContent = one && place < items.length ? `Item ${place + 1} of ${items.length}` : `${done} of ${items.length} answered`;
}

function show() {
  const atTheEnd = place >= items.length;
  items.forEach((item, index) => { item.hidden = one && index !== place; });
  steps.hidden = !one;
  back.disabled = place === 0;
  on.hidden = atTheEnd;
  end.hidden = one && !atTheEnd;
  toggle.setAttribute("aria-pressed", String(one));
  count();
}

function go(to) {
  place = Math.min(Math.max(0, to), items.length);
  show();
  if (place < items.length) focusOn(items[place]);
  else end.querySelector("input:checked, input, button").focus();
}

function choose(item, digit) {
  const wanted = item.querySelector(`input[value="${digit}"]`);
  if (!wanted) return;
  wanted.checked = true;
  isKept = false;
  go(items.indexOf(item) + 1);
}

sheet.addEventListener("keydown", (event) => {
  const item = event.target.closest("[data-item]");
  if (event.ctrlKey || event.metaKey || event.altKey || !item) return;
  if (/^[0-9]$/.test(event.key)) {
    event.preventDefault();
    choose(item, event.key);
  } else if (event.key === "Enter" && one) {
    event.preventDefault();
    go(items.indexOf(item) + 1);
  }
});
sheet.addEventListener("change", () => { isKept = false; count(); });
// A tap goes on as a digit does; arrow keys, which click as well, only choose.
sheet.addEventListener("click", (event) => {
  const item = event.target.closest("[data-item]");
  if (one && item && event.detail > 0 && event.target.closest("label, input")) setTimeout(() => go(items.indexOf(item) + 1), 150);
});
sheet.addEventListener("focusin", (event) => {
  const item = event.target.closest("[data-item]");
  if (item) place = items.indexOf(item);
});
back.addEventListener("click", () => go(place - 1));
on.addEventListener("click", () => go(place + 1));
toggle.addEventListener("click", () => {
  one = !one;
  const address = new URL(location.href);
  if (one) address.searchParams.set("pace", "one");
  else address.searchParams.delete("pace");
  history.replaceState(history.state, "", address);
  if (one && place >= items.length) place = 0;
  go(place);
});
// Answers are kept nowhere but on this page: leaving it unsent is asked about.
sheet.addEventListener("submit", () => { isKept = true; });
window.addEventListener("beforeunload", (event) => { if (!isKept) event.preventDefault(); });

tools.hidden = false;
show();
if (one) focusOn(items[Math.min(place, items.length - 1)]);
