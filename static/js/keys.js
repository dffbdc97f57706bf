// Keys: copying one while it is shown, taking it off the page when the page is left, and sending a form once.

for (const button of document.querySelectorAll("[data-copies]")) {
  const secret = document.getElementById(button.dataset.copies);
  const told = document.getElementById("copied");
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(secret.textContent);
      told.textContent = "Copied.";
    } catch {
      // Browsers offer the clipboard over https and on this machine alone.
      getSelection().selectAllChildren(secret);
      told.textContent = "Selected: press Ctrl+C, or Cmd+C, to copy.";
    }
  });
}

// A browser may keep a page that was left and bring it back as it stood: not the key with it.
addEventListener("pagehide", () => {
  for (const secret of document.querySelectorAll("[data-secret]")) secret.textContent = "Not shown again.";
});

// The answer to a second click would take the place of the one with the key.
for (const form of document.querySelectorAll("form[data-once]")) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  addEventListener("pageshow", () => (sent = false));
}
