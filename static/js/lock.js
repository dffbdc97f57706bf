// The lock of a page that nobody touches: a countdown, then a cover, in all tabs of the browser together. Behind the lock
// the server answers with 423 whatever is done here; this hides what is already on the screen and keeps what was typed.

import { announce } from "./announcing.js";

const WARNING = 120;
const RENEW_EVERY = 30_000;
const root = document.documentElement;
const idle = document.getElementById("idle");
const channel = new BroadcastChannel("throughline-lock");
const csrf = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
let locksAt = Infinity;
let touchedAt = 0;
let renewedAt = Date.now();
let cover = null;
let title = "";
let before = null;
let refused = new Set();

function renew(seconds) {
  if (!Number.isFinite(seconds)) return;
  locksAt = Date.now() + seconds * 1000;
  renewedAt = Date.now();
  // A sign of life in one tab is one for all of them.
  channel.postMessage({ locksAt });
}

function post(url) {
  return fetch(url, { method: "POST", headers: { "X-CSRFToken": csrf(), "HX-Request": "true" } });
}

async function stay() {
  renewedAt = Date.now();
  const answer = await post("/portal/alive/").catch(() => null);
  if (answer?.status === 423) return lock();
  if (answer?.status === 204) {
    renew(Number(answer.headers.get("X-Locks-In")));
    if (idle.open) idle.close();
  } else if (answer) {
    location.reload();
  }
}

function tick() {
  if (cover) return;
  const left = Math.ceil((locksAt - Date.now()) / 1000);
  const warning = Math.min(WARNING, Number(document.body.dataset.locksIn) / 2);
  if (left <= 0) return lock();
  if (touchedAt > renewedAt && Date.now() - renewedAt > RENEW_EVERY && left > warning) stay();
  if (left > warning) {
    if (idle.open) idle.close();
    return;
  }
  idle.querySelector("[data-left]").textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  if (!idle.open) idle.showModal();
}

async function lock() {
  if (cover) return;
  before = document.activeElement;
  cover = document.createElement("dialog");
  cover.className = "cover";
  cover.setAttribute("aria-label", "Locked");
  cover.addEventListener("cancel", (event) => event.preventDefault());
  cover.addEventListener("close", () => cover?.isConnected && cover.showModal());
  for (const open of document.querySelectorAll("dialog[open]")) open.close();
  for (const each of document.body.children) each.inert = true;
  document.body.append(cover);
  root.dataset.locked = "";
  title = document.title;
  document.title = "Locked · Throughline";
  cover.showModal();
  await ask();
}

async function ask() {
  const answer = await fetch("/portal/unlock/", { headers: { "HX-Request": "true" } }).catch(() => null);
  if (answer?.redirected) return location.reload();
  if (!answer?.ok) {
    cover.textContent = "This page is locked, and the connection is gone. It asks again in a moment.";
    setTimeout(() => cover && ask(), 3_000);
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  cover.replaceChildren(...page.body.childNodes);
  const out = document.querySelector("[data-leaves]")?.cloneNode(true);
  if (out) cover.append(out);
  window.htmx.process(cover);
  cover.querySelector("[autofocus]")?.focus();
}

function reveal() {
  if (!cover) return;
  const gone = cover;
  cover = null;
  gone.remove();
  for (const each of document.body.children) each.inert = false;
  delete root.dataset.locked;
  document.title = title;
  if (before?.isConnected) before.focus();
  announce("Unlocked. What you typed is still here.");
  for (const [element, event] of refused) if (element.isConnected) window.htmx.trigger(element, event);
  refused = new Set();
}

if (idle) {
  renew(Number(document.body.dataset.locksIn));
  setInterval(tick, 1_000);
  document.addEventListener("visibilitychange", tick);
  for (const sign of ["keydown", "pointerdown", "wheel", "touchstart", "input"]) {
    document.addEventListener(sign, () => (touchedAt = Date.now()), { passive: true, capture: true });
  }
  idle.addEventListener("cancel", (event) => event.preventDefault());
  idle.querySelector("[data-stay]").addEventListener("click", stay);
  idle.querySelector("[data-lock-now]").addEventListener("click", () => post("/portal/lock/").then(lockAll, lockAll));
}

function lockAll() {
  lock();
  channel.postMessage({ locked: true });
}

document.addEventListener("click", async (event) => {
  if (!event.target.closest("[data-lock]") || !idle) return;
  event.preventDefault();
  await post("/portal/lock/").catch(() => null);
  lockAll();
});

// A refused autosave is sent again once the page is open; what a person pressed is left to them.
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  renew(Number(detail.xhr.getResponseHeader("X-Locks-In") ?? NaN));
  if (detail.xhr.status !== 423) return;
  const cause = detail.requestConfig.triggeringEvent?.type ?? "";
  if (cause && !["click", "submit"].includes(cause)) refused.add([detail.elt, cause]);
});
document.addEventListener("locked", lock);
document.addEventListener("unlocked", () => {
  channel.postMessage({ locksAt, unlocked: true });
  reveal();
});
document.addEventListener("submit", (event) => event.target.matches("[data-leaves]") && channel.postMessage({ left: true }));
channel.onmessage = ({ data }) => {
  if (data.locksAt) {
    locksAt = Math.max(locksAt === Infinity ? 0 : locksAt, data.locksAt);
    renewedAt = Date.now();
  }
  if (data.unlocked) reveal();
  if (data.locked) lock();
  // Signed out: nothing of the page stays, and the server says where to sign in again.
  if (data.left) setTimeout(() => location.reload(), 500);
};

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-passkey]");
  if (!button) return;
  const options = JSON.parse(document.getElementById(button.dataset.passkey).textContent);
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const shown = await navigator.credentials.get({ publicKey }).catch(() => null);
  if (!shown) return announce("No passkey was shown.");
  button.form.elements.credential.value = JSON.stringify(shown.toJSON());
  button.form.requestSubmit();
});
