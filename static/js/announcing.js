// Says something to whoever does not see it. The region stands in the page from the start: one that comes with its text
// is not read out.

export function announce(text) {
  const region = document.getElementById("announcements");
  region.textContent = "";
  setTimeout(() => (region.textContent = text), 50);
}

export function notify(text, undo) {
  const told = document.createElement("div");
  told.className = "notice";
  told.append(text);
  if (undo) told.append(" ", undo);
  document.getElementById("notices").append(told);
  setTimeout(() => told.remove(), undo ? 15_000 : 6_000);
}
