// Times that say how long ago or how soon go on saying it, and clocks tick. `data-ago` and `data-clock` stand on
// <time> elements; the server's time is what they count from, whatever this machine's clock says.

const drift = Number(document.body.dataset.renderedAt) - (performance.timeOrigin + performance.now());
const now = () => performance.timeOrigin + performance.now() + drift;
const UNITS = [[31_536_000, "y"], [86_400, "d"], [3_600, "h"], [60, "min"]];

function span(seconds) {
  const [size, unit] = UNITS.find(([size]) => seconds >= size) ?? [1, "s"];
  return `${Math.floor(seconds / size)} ${unit}`;
}

function ago(element) {
  const seconds = Math.trunc((now() - Date.parse(element.dateTime)) / 1000);
  return seconds >= 0 ? `${span(seconds)} ago` : `in ${span(-seconds)}`;
}

function clock(element) {
  const left = Math.trunc((Date.parse(element.dateTime) - now()) / 1000);
  const [whole, part] = [Math.abs(left), (value) => String(value).padStart(2, "0")];
  const hours = Math.floor(whole / 3600);
  if (hours >= 48) return `${Math.floor(hours / 24)} d ${hours % 24} h`;
  const told = hours ? `${hours}:${part(Math.floor(whole / 60) % 60)}:${part(whole % 60)}` : `${Math.floor(whole / 60)}:${part(whole % 60)}`;
  return told;
}

export function refresh(within = document) {
  for (const each of within.querySelectorAll("time[data-ago]")) each.textContent = ago(each);
  for (const each of within.querySelectorAll("time[data-clock]")) {
    const late = Date.parse(each.dateTime) < now();
    const holder = each.closest(".clock");
    if (holder && late !== holder.hasAttribute("data-late")) holder.toggleAttribute("data-late", late);
    each.textContent = clock(each);
  }
}

let ticks = 0;
setInterval(() => {
  if (document.hidden) return;
  if (document.querySelector("time[data-clock]") || ticks % 30 === 0) refresh();
  ticks += 1;
}, 1_000);
document.addEventListener("visibilitychange", () => refresh());
