// Keys of what is on the page: whatever carries `data-keys` is pressed by them, and the `?` sheet lists just these.
// Not while someone types, not behind a dialog, and not at all for whoever turned them off.

const PATIENCE = 1_500;
const OFF = "throughline-no-single-keys";
const sheet = document.getElementById("shortcuts");
let before = "";
let timer = 0;

const carriers = () => [...document.querySelectorAll("[data-keys]")].filter((each) => !each.disabled);
const isOff = () => localStorage.getItem(OFF) === "yes";

function words(carrier) {
  return carrier.dataset.keysLabel ?? carrier.getAttribute("aria-label") ?? carrier.textContent.trim();
}

function line(keys, text) {
  const row = document.createElement("div");
  const [term, told] = [document.createElement("dt"), document.createElement("dd")];
  keys.split(" ").forEach((key, at) => {
    const cap = document.createElement("kbd");
    cap.textContent = key;
    term.append(at ? " " : "", cap);
  });
  told.textContent = text;
  row.append(term, told);
  return row;
}

function show() {
  const seen = new Map([["Ctrl K", "Find a member, a page or an action"]]);
  for (const each of carriers()) if (!seen.has(each.dataset.keys)) seen.set(each.dataset.keys, words(each));
  seen.set("Esc", "Close what is open");
  sheet.querySelector("[data-shortcuts]").replaceChildren(...[...seen].map(([keys, text]) => line(keys, text)));
  sheet.querySelector("[data-shortcuts-on]").checked = !isOff();
  sheet.showModal();
}

function isTyping(target) {
  return target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isOff() || isTyping(event.target)) return;
  if (document.querySelector("dialog[open]") || ["Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
  const keys = [`${before} ${event.key}`, event.key].find((keys) => carriers().some((each) => each.dataset.keys === keys));
  clearTimeout(timer);
  before = keys ? "" : event.key;
  timer = setTimeout(() => (before = ""), PATIENCE);
  if (!keys) return;
  event.preventDefault();
  carriers().find((each) => each.dataset.keys === keys).click();
});

document.addEventListener("click", async (event) => {
  const opener = event.target.closest("[data-opens]");
  if (!opener || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  document.getElementById("menu")?.matches(":popover-open") && document.getElementById("menu").hidePopover();
  if (opener.dataset.opens === "palette") (await import("./palette.js")).open();
  else show();
});

sheet?.querySelector("[data-shortcuts-on]").addEventListener("change", (event) => {
  if (event.target.checked) localStorage.removeItem(OFF);
  else localStorage.setItem(OFF, "yes");
});
