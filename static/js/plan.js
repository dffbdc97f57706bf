// Forms made of lines: a line more or less without asking the server, and a word before unsaved text is left behind.
// Without this script the same buttons send the form and get it back with the line added or taken away.

const MOST_LINES = 100;

const say = (form, text) => {
  const said = form.querySelector("[data-said]");
  if (said) said.textContent = text;
};

const renumber = (group) => {
  group.querySelectorAll("li").forEach((line, index) => {
    for (const field of line.querySelectorAll("[aria-label]")) {
      field.setAttribute("aria-label", field.getAttribute("aria-label").replace(/\d+$/, String(index + 1)));
    }
    const button = line.querySelector('button[value^="remove:"]');
    button.value = button.value.replace(/\d+$/, String(index));
    const name = button.querySelector(".visually-hidden");
    name.textContent = name.textContent.replace(/line \d+/, `line ${index + 1}`);
  });
};

const emptied = (line) => {
  for (const field of line.querySelectorAll("textarea, input")) field.value = "";
  for (const choice of line.querySelectorAll("select")) choice.selectedIndex = 0;
  for (const field of line.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  return line;
};

const add = (group) => {
  const lines = group.querySelectorAll("li");
  if (lines.length >= MOST_LINES) return say(group.form, `At most ${MOST_LINES} lines can be kept.`);
  const line = emptied(lines[lines.length - 1].cloneNode(true));
  lines[lines.length - 1].after(line);
  renumber(group);
  line.querySelector("textarea").focus();
  say(group.form, "A line was added.");
};

const remove = (group, line) => {
  const lines = [...group.querySelectorAll("li")];
  const index = lines.indexOf(line);
  if (lines.length === 1) emptied(line);
  else line.remove();
  renumber(group);
  const left = group.querySelectorAll("textarea");
  left[Math.min(index, left.length - 1)].focus();
  say(group.form, "The line was removed. It is kept until you save.");
};

let unsaved = null;

document.addEventListener("click", (event) => {
  const button = event.target.closest("form[data-plan] button[name=do]");
  if (button) {
    event.preventDefault();
    const group = button.closest("[data-lines]");
    if (button.value.startsWith("add:")) add(group);
    else remove(group, button.closest("li"));
    unsaved = button.form;
  }
  if (event.target.closest("[data-print]")) window.print();
});

document.addEventListener("input", (event) => {
  unsaved = event.target.closest("form[data-plan]") ?? unsaved;
});
// A form that came back unsaved is on the page again and holds unsaved text from the start.
document.addEventListener("htmx:afterSettle", () => {
  unsaved = document.querySelector("form[data-plan]");
});
document.addEventListener("submit", (event) => {
  if (event.target === unsaved && !event.target.hasAttribute("hx-boost")) unsaved = null;
});
window.addEventListener("beforeunload", (event) => {
  if (unsaved?.isConnected) event.preventDefault();
});

for (const button of document.querySelectorAll("[data-print]")) button.hidden = false;
