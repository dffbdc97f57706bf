// The palette: a combobox over what the server finds. Arrows choose, Enter goes there.

const dialog = document.getElementById("palette");
const input = dialog?.querySelector("input");
const options = () => [...dialog.querySelectorAll('[role="option"]')];

export function open() {
  if (dialog.open) return input.select();
  dialog.showModal();
  input.select();
  window.htmx.trigger(input, "ask");
}

function choose(option) {
  for (const each of options()) each.setAttribute("aria-selected", String(each === option));
  if (option) input.setAttribute("aria-activedescendant", option.id);
  else input.removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}

function chosen() {
  return dialog.querySelector('[aria-selected="true"]');
}

function step(event) {
  // A search field would only be emptied by it.
  if (event.key === "Escape") return dialog.close();
  const found = options();
  const at = found.indexOf(chosen());
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: found.length - 1 }[event.key];
  if (to === undefined || !found.length || (["Home", "End"].includes(event.key) && at < 0)) return;
  event.preventDefault();
  choose(found[(to + found.length) % found.length]);
}

if (dialog) {
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k" || "locked" in document.documentElement.dataset) return;
    event.preventDefault();
    open();
  });
  input.addEventListener("keydown", step);
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("mousemove", (event) => {
    const option = event.target.closest('[role="option"]');
    if (option && option !== chosen()) choose(option);
  });
  dialog.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    chosen()?.click();
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "found" || !dialog.contains(event.target)) return;
    const [first] = options();
    input.setAttribute("aria-expanded", String(Boolean(first)));
    choose(input.value.trim() ? first : undefined);
  });
}
