// The crisis desk: the number of open flags in the title, a sound for new ones on request, forms that close in place.

const KEY = "throughline-desk-sound";
const button = document.querySelector("[data-sound]");
const title = document.title;
let audio = null;

const isOn = () => localStorage.getItem(KEY) === "yes";

function badge() {
  const open = Number(document.getElementById("flags")?.dataset.open ?? 0);
  if ("locked" in document.documentElement.dataset) return;
  document.title = isOn() && open ? `(${open}) ${title}` : title;
}

// Two short tones, the second higher for what is critical. No file: the browser makes them.
function sound(isCritical) {
  if (!audio || audio.state !== "running") return;
  [0, 0.22].forEach((delay, at) => {
    const [tone, volume] = [audio.createOscillator(), audio.createGain()];
    const start = audio.currentTime + delay;
    tone.frequency.value = at && isCritical ? 988 : 659;
    volume.gain.setValueAtTime(0.0001, start);
    volume.gain.exponentialRampToValueAtTime(0.25, start + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.2);
    tone.connect(volume).connect(audio.destination);
    tone.start(start);
    tone.stop(start + 0.2);
  });
}

function show() {
  button.setAttribute("aria-pressed", String(isOn()));
  button.textContent = isOn() ? "Sound and badge are on" : "Sound and badge for new flags";
  badge();
}

// A browser lets a page sound only after someone has touched it.
async function wake() {
  audio ??= new AudioContext();
  await audio.resume();
}

button.hidden = false;
button.addEventListener("click", async () => {
  if (isOn()) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, "yes");
  show();
  if (!isOn()) return;
  await wake();
  sound(false);
});
document.addEventListener("pointerdown", () => isOn() && wake(), { once: true });
document.addEventListener("keydown", () => isOn() && wake(), { once: true });
document.addEventListener("htmx:oobAfterSwap", ({ detail }) => {
  if (detail.target.id !== "news" || !isOn()) return;
  sound(Boolean(detail.target.querySelector("[data-severity=critical]")));
});
document.addEventListener("htmx:afterSettle", () => {
  badge();
  for (const told of [...document.querySelectorAll("#resolving > .notice")].slice(1)) told.remove();
});
document.addEventListener("click", (event) => {
  const closing = event.target.closest("#resolving [data-closes]");
  if (!closing) return;
  event.preventDefault();
  const [form, flag] = [closing.closest("form"), closing.closest("form").id.slice(-36)];
  form.remove();
  document.querySelector(`#flag-${flag} a.button`)?.focus();
});
show();
