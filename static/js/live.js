// One event stream for the whole browser: over HTTP/1.1 a browser opens six connections to a site, and a stream holds
// one. The tab that has the lock listens and passes on what it hears; when it goes, another takes over from where it was.

const KINDS = ["assessment", "care_context", "crisis", "handoff", "member", "note", "risk", "session"];
const LONGEST_WAIT = 60_000;
// An event may be older than the page that was rendered before it could be read; the server allows for as much.
const OVERLAP = 5_000;
const url = document.body.dataset.live;
const sources = new Set();
const heard = new Map();
const channel = new BroadcastChannel("throughline-live");
let since = Number(document.body.dataset.renderedAt);
let wait = 1_000;
let leading = null;

function ring(kind, token) {
  heard.set(kind, token);
  since = Math.max(since, token);
  for (const source of sources) source.dispatchEvent(new MessageEvent(kind, { data: String(token) }));
}

function say(isUp) {
  document.documentElement.dataset.following = isUp ? "yes" : "no";
}

function open() {
  leading = new EventSource(`${url}?since=${since}`);
  leading.onopen = () => {
    wait = 1_000;
    tell({ isUp: true });
  };
  leading.onerror = () => {
    tell({ isUp: false });
    if (leading.readyState !== EventSource.CLOSED) return;
    setTimeout(open, wait);
    wait = Math.min(wait * 2, LONGEST_WAIT);
  };
  for (const kind of KINDS) {
    leading.addEventListener(kind, (event) => {
      ring(kind, Number(event.data));
      channel.postMessage({ kind, token: Number(event.data) });
    });
  }
}

function tell(state) {
  say(state.isUp);
  channel.postMessage(state);
}

channel.onmessage = ({ data }) => {
  if (data.kind) ring(data.kind, data.token);
  if (data.isUp !== undefined) say(data.isUp);
  if (data.since && leading) {
    channel.postMessage({ isUp: leading.readyState === EventSource.OPEN });
    for (const [kind, token] of heard) if (token > data.since - OVERLAP) channel.postMessage({ kind, token });
  }
};

// What htmx's extension takes for an EventSource.
class Shared extends EventTarget {
  readyState = EventSource.OPEN;

  constructor() {
    super();
    sources.add(this);
    begin();
    queueMicrotask(() => this.onopen?.());
  }

  close() {
    this.readyState = EventSource.CLOSED;
    sources.delete(this);
  }
}

let begun = false;
function begin() {
  if (begun) return;
  begun = true;
  if (!navigator.locks) return open();
  channel.postMessage({ since });
  navigator.locks.request("throughline-live", () => {
    open();
    return new Promise(() => {});
  });
}

document.addEventListener("unlocked", () => {
  if (leading?.readyState === EventSource.CLOSED) wait = 0;
});
window.htmx.createEventSource = () => new Shared();
