// What every page does beyond HTML: focus and announcements after a swap, the lock, shortcuts.

const notices = () => document.getElementById("notices");

document.addEventListener("htmx:afterSwap", (event) => {
  const wanted = event.detail.target.querySelector("[autofocus], [data-focus]");
  if (wanted) wanted.focus();
});

// A page that was locked asks for the password over itself; what was typed stays where it is.
let lock;
document.addEventListener("locked", async () => {
  if (lock?.open) return;
  const answer = await fetch("/portal/unlock/", { headers: { "HX-Request": "true" } });
  lock = document.createElement("dialog");
  lock.setAttribute("aria-label", "Locked");
  lock.innerHTML = await answer.text();
  lock.addEventListener("cancel", (event) => event.preventDefault());
  document.body.append(lock);
  window.htmx.process(lock);
  lock.showModal();
});
document.addEventListener("unlocked", () => {
  lock?.close();
  lock?.remove();
  const told = document.createElement("div");
  told.className = "notice";
  told.textContent = "Unlocked. Repeat what you were about to do.";
  notices().append(told);
});

// `g` and then a section's letter goes there; not while typing.
let before = "";
document.addEventListener("keydown", (event) => {
  if (event.target.closest("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
  const keys = `${before} ${event.key}`.trim();
  before = event.key;
  document.querySelector(`[data-keys="${CSS.escape(keys).replaceAll("\\ ", " ")}"]`)?.click();
});

// A passkey that was cancelled, timed out or is not known to this account.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const told = document.createElement("div");
  told.className = "notice";
  told.textContent = "The passkey was not used. Try again, or use a code from your app.";
  notices().append(told);
});
