// The editor of a note: says whether what is typed is kept, tries again while it is not, and warns before it is lost.
// What is typed goes to the server alone; the browser stores nothing of it.

const FIRST_WAIT = 2_000;
const LONGEST_WAIT = 60_000;
// What a page may still send while it goes away.
const LONGEST_FAREWELL = 60_000;

const NOT_SAVED = {
  offline: "Not saved: offline, retrying in",
  silent: "Not saved: no answer, retrying in",
  locked: "Not saved: this page is locked. Unlock it and it is saved",
  out: "Not saved: you are signed out. Leave this page open and sign in again in another tab; retrying in",
  refused: "Not saved",
};

class Keeper {
  constructor(form) {
    this.form = form;
    this.told = form.querySelector("#kept");
    this.typed = 0;
    this.kept = 0;
    this.wait = FIRST_WAIT;
    this.leaving = false;
    this.submitter = null;
    form.addEventListener("input", () => (this.typed += 1));
    form.addEventListener("htmx:beforeRequest", (event) => this.on(event, () => (this.sent = this.typed)));
    form.addEventListener("htmx:beforeOnLoad", (event) => this.on(event, () => this.stay(event)));
    form.addEventListener("htmx:beforeSwap", (event) => this.on(event, () => this.answered(event.detail)));
    form.addEventListener("htmx:afterRequest", (event) => this.on(event, () => this.done(event.detail.xhr)));
    for (const silence of ["htmx:sendError", "htmx:timeout"]) {
      form.addEventListener(silence, (event) => this.on(event, () => this.unanswered()));
    }
    form.addEventListener("submit", (event) => this.submitted(event));
    form.addEventListener("paste", (event) => this.pasted(event));
    addEventListener("online", () => this.again());
    addEventListener("beforeunload", (event) => this.isOwing && !this.leaving && event.preventDefault());
    addEventListener("pagehide", () => this.farewell());
    addEventListener("pageshow", () => (this.leaving = false));
    document.addEventListener("unlocked", () => this.again());
  }

  get isOwing() {
    return this.typed > this.kept;
  }

  on(event, then) {
    if (event.detail.elt === this.form) then();
  }

  // A sign-in page must not take the place of a page with text on it.
  stay(event) {
    if (!event.detail.xhr.getResponseHeader("HX-Redirect")) return;
    event.preventDefault();
    this.isOut = true;
  }

  // Only what speaks of the text takes the place of "Saved".
  answered(detail) {
    const speaksOfText = [200, 413, 422].includes(detail.xhr.status);
    if (!speaksOfText && !detail.xhr.getResponseHeader("HX-Retarget")) detail.shouldSwap = false;
  }

  done(xhr) {
    const out = this.isOut;
    this.isOut = false;
    if (xhr.status === 0) return;
    if (out) return this.failed("out");
    if (xhr.status === 200 || xhr.status === 204) return this.succeeded();
    if (xhr.status === 423) return this.failed("locked", false);
    if (xhr.status === 403 && !xhr.getResponseHeader("HX-Retarget")) return this.renewToken();
    if (xhr.status >= 500) return this.failed("silent");
    if (![413, 422].includes(xhr.status)) this.say(NOT_SAVED.refused);
    this.goOn();
  }

  unanswered() {
    this.failed(navigator.onLine ? "silent" : "offline");
  }

  succeeded() {
    this.kept = this.sent;
    this.wait = FIRST_WAIT;
    clearTimeout(this.timer);
    this.goOn();
  }

  failed(why, repeats = true) {
    this.submitter = null;
    clearTimeout(this.timer);
    if (!repeats) return this.say(NOT_SAVED[why]);
    this.say(`${NOT_SAVED[why]} ${Math.round(this.wait / 1000)} s`);
    this.timer = setTimeout(() => this.again(), this.wait);
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
  }

  again() {
    if (this.isOwing) window.htmx.trigger(this.form, "keep");
  }

  say(words) {
    this.told.textContent = words;
  }

  // Who signed in again has another token; the one of this page is no longer good.
  async renewToken() {
    if (this.hasRenewed) return this.failed("out");
    this.hasRenewed = true;
    setTimeout(() => (this.hasRenewed = false), LONGEST_WAIT);
    try {
      const answer = await fetch(location.href);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const token = page.querySelector("form[data-keeps] [name=csrfmiddlewaretoken]");
      if (!token) return this.failed("out");
      this.form.querySelector("[name=csrfmiddlewaretoken]").value = token.value;
      document.body.setAttribute("hx-headers", page.body.getAttribute("hx-headers"));
      this.again();
    } catch {
      this.unanswered();
    }
  }

  // What is not kept yet is kept first, so that a lost network loses nothing; then the form goes its way.
  submitted(event) {
    if (event.submitter?.value === "discard") {
      this.leaving = true;
    } else if (this.isOwing && this.submitter !== event.submitter) {
      event.preventDefault();
      this.submitter = event.submitter;
      this.again();
    } else {
      this.leaving = true;
      this.submitter = null;
    }
  }

  goOn() {
    if (this.submitter) this.form.requestSubmit(this.submitter);
  }

  // A browser would cut off what does not fit without a word.
  pasted(event) {
    const field = event.target;
    const pasted = event.clipboardData?.getData("text").replaceAll("\r\n", "\n") ?? "";
    if (!(field.maxLength > 0)) return;
    const room = field.maxLength - field.value.length + (field.selectionEnd - field.selectionStart);
    if (pasted.length <= room) return;
    event.preventDefault();
    const [longest, left, many] = [field.maxLength, room, pasted.length].map((number) => number.toLocaleString());
    this.say(`Not pasted: the text has ${many} characters, and of ${longest} there is room for ${left}. Paste a part of it`);
  }

  farewell() {
    const text = new FormData(this.form);
    const size = [...text.values()].reduce((sum, value) => sum + new Blob([value]).size, 0);
    if (this.isOwing && !this.leaving && size < LONGEST_FAREWELL) {
      navigator.sendBeacon(this.form.getAttribute("hx-post"), text);
    }
  }
}

for (const form of document.querySelectorAll("form[data-keeps]")) new Keeper(form);

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
