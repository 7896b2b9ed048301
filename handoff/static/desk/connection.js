import { signal } from "/static/vendor/signals.js";
import { ask } from "./ask.js";
import { hear } from "./news.js";
import { me, reachedAgain, signedOut } from "./state.js";
import { t } from "./text.js";

const PING_MS = 10_000;
const LONGEST_DELAY_MS = 10_000;

export const connected = signal(true);

let socket = null;
let delay = 500;
let retry = null;
let pinging = null;
let isAwaited = false; // a ping went out and nothing has come since

/** Keep a socket open while somebody is signed in. */
export function connect() {
  if (!me.value || socket) return;
  clearTimeout(retry);
  const line = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/desk/socket`);
  socket = line;
  line.onmessage = (event) => {
    isAwaited = false;
    if (!connected.value) reachedAgain();
    connected.value = true;
    delay = 500;
    hear(JSON.parse(event.data));
  };
  line.onopen = () => {
    isAwaited = false;
    pinging = setInterval(() => {
      // A line can be dead without anybody having said so: a ping that nothing follows tells.
      if (isAwaited) return lost(line);
      isAwaited = true;
      line.send('{"type":"ping"}');
    }, PING_MS);
  };
  line.onclose = () => lost(line);
}

/** Tell the service something that may be lost: that somebody types, or what they look at. */
export function tell(frame) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
}

export function disconnect() {
  const line = socket;
  drop();
  line?.close();
  connected.value = true;
}

function drop() {
  clearInterval(pinging);
  clearTimeout(retry);
  socket = null;
}

function lost(line) {
  if (line !== socket) return;
  drop();
  line.close();
  if (!me.value) return;
  connected.value = false;
  retry = setTimeout(again, delay * (0.5 + Math.random() / 2));
  delay = Math.min(delay * 2, LONGEST_DELAY_MS);
}

/** A refused socket does not say why: ask whether we are still signed in. */
async function again() {
  try {
    await ask("/me");
  } catch (error) {
    if (error.status === 401) {
      connected.value = true;
      return signedOut(t("sessionOver"));
    }
  }
  connect();
}

window.addEventListener("online", () => {
  delay = 500;
  if (!socket) again();
});
