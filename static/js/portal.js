// What every page does beyond HTML: focus and announcements after a swap, times that move on, theme, shortcuts.

import { announce, notify } from "./announcing.js";
import { refresh } from "./times.js";

document.documentElement.dataset.scripted = "";

// After a swap, focus goes where the answer says; where what had it is gone, to what came in its place.
let focused = null;
document.addEventListener("htmx:beforeSwap", () => (focused = document.activeElement));
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  const came = detail.elt?.isConnected ? detail.elt : detail.target;
  refresh(came);
  const told = came.matches("[data-announce]") ? came : came.querySelector("[data-announce], [role=status]");
  const words = told?.dataset.announce ?? told?.textContent.trim();
  if (words) announce(words);
  const wanted = came.querySelector("[autofocus], [data-focus]");
  if (wanted) return wanted.focus();
  if (!focused || focused === document.body || focused.isConnected) return;
  const heir = (focused.id && document.getElementById(focused.id)) || came;
  if (heir === came && !came.hasAttribute("tabindex")) came.tabIndex = -1;
  heir.focus({ preventScroll: true });
});
document.addEventListener("htmx:sendError", () => notify("No connection. Nothing was sent; what you typed is still here."));
document.addEventListener("htmx:responseError", ({ detail }) => {
  if (detail.xhr.status >= 500) notify("That went wrong on our side. Try again in a moment.");
});

// The choice shows at once, and the server remembers it.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-theme-form]")) return;
  event.preventDefault();
  const theme = event.submitter.value;
  const root = document.documentElement;
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
  document.querySelector("meta[name=color-scheme]").content = theme || "light dark";
  for (const each of event.target.elements) if (each.name === "theme") each.setAttribute("aria-pressed", String(each === event.submitter));
  fetch(event.target.action, { method: "POST", body: new FormData(event.target, event.submitter), headers: { "HX-Request": "true" } });
});

window.addEventListener("beforeprint", () => {
  const now = new Date().toLocaleString([], { dateStyle: "medium", timeStyle: "long" });
  for (const each of document.querySelectorAll("[data-printed]")) each.textContent = `, ${now}`;
});

// A passkey that was cancelled, timed out or is not known to this account.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const told = document.createElement("div");
  told.className = "notice";
  told.textContent = "The passkey was not used. Try again, or use a code from your app.";
  notices().append(told);
});
// A form that is sent twice by a double click is sent once.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method === "dialog" || event.target.hasAttribute("hx-post")) return;
  if (event.target.dataset.sent) return event.preventDefault();
  event.target.dataset.sent = "yes";
  setTimeout(() => delete event.target.dataset.sent, 4_000);
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// What scrolls inside its card says so, and can be scrolled by keys.
const widths = new ResizeObserver((entries) => entries.forEach(({ target }) => hint(target)));
function hint(card) {
  const scrolls = card.scrollWidth > card.clientWidth + 1;
  card.toggleAttribute("data-scrolls", scrolls);
  if (scrolls) card.tabIndex = 0;
}
const watch = () => document.querySelectorAll(".card.flush").forEach((card) => widths.observe(card));
watch();
document.addEventListener("htmx:afterSettle", watch);
