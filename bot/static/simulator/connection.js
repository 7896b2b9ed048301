// The line to the simulator: one socket, opened again when it breaks. Every opening brings the whole history.
import { signal } from "/static/vendor/signals.js";

export const items = signal([]);
export const state = signal("connecting"); // connecting | open | lost
export const user = signal(rememberedUser());

const RETRY_MS = [500, 1000, 2000, 5000];
let socket = null;
let tries = 0;

function rememberedUser() {
  const known = sessionStorage.getItem("simulator.user");
  return /^[0-9A-Za-z_-]{28}$/.test(known ?? "") ? known : newUser();
}

function newUser() {
  const letters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
  const random = crypto.getRandomValues(new Uint8Array(27));
  const made = `o${[...random].map((n) => letters[n % letters.length]).join("")}`;
  sessionStorage.setItem("simulator.user", made);
  return made;
}

export function connect() {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const opened = new WebSocket(`${scheme}://${location.host}/simulator/socket?user=${user.value}`);
  socket = opened;
  opened.addEventListener("open", () => {
    tries = 0;
    state.value = "open";
  });
  opened.addEventListener("message", (event) => {
    if (opened === socket) receive(JSON.parse(event.data));
  });
  opened.addEventListener("close", () => {
    if (opened !== socket) return;
    state.value = "lost";
    setTimeout(() => opened === socket && connect(), RETRY_MS[Math.min(tries++, RETRY_MS.length - 1)]);
  });
}

function receive(frame) {
  if (frame.items) {
    items.value = frame.items;
    if (frame.items.length === 0) act({ kind: "follow" });
  } else if (frame.item && !items.value.some((item) => item.n === frame.item.n)) {
    items.value = [...items.value, frame.item];
  }
}

// Whether it could be sent.
export function act(frame) {
  if (socket?.readyState !== WebSocket.OPEN) return false;
  socket.send(JSON.stringify(frame));
  return true;
}

// Whether the picture was taken.
export async function sendImage(file) {
  try {
    const response = await fetch(`/simulator/images?user=${user.value}`, { method: "POST", body: file });
    return response.ok;
  } catch {
    return false;
  }
}

export function becomeSomebodyElse() {
  const old = socket;
  user.value = newUser();
  items.value = [];
  state.value = "connecting";
  connect();
  old?.close();
}
