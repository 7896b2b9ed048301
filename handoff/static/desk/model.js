import { signal } from "/static/vendor/signals.js";

const BASE = "/api/v1/desk";

export const me = signal(undefined); // undefined: not known yet; null: signed out
export const view = signal("waiting");
export const list = signal({ counts: {}, items: null, failed: false });
export const openId = signal(null);
export const chat = signal(null); // everything known of the open conversation
export const messages = signal([]);
export const connected = signal(true);
export const problem = signal("");
export const now = signal(Date.now());

/** Ask the service; throws an Error with the service's own sentence, and `status` and `code` beside it. */
export async function ask(path, method = "GET", body) {
  const answer = await fetch(BASE + path, {
    method,
    headers: body ? { "Content-Type": "application/json" } : {},
    body: body ? JSON.stringify(body) : undefined,
  });
  if (answer.status === 204) return null;
  const data = await answer.json().catch(() => ({}));
  if (answer.ok) return data;
  if (answer.status === 401 && path !== "/session") me.value = null;
  throw Object.assign(new Error(data.detail || data.title || answer.status), { status: answer.status, code: data.title });
}

/** Do something and show what went wrong, if anything; true when it went well. */
export async function attempt(work) {
  problem.value = "";
  try {
    await work();
    return true;
  } catch (error) {
    problem.value = error.message;
    return false;
  }
}

let loading = 0;

export async function loadList() {
  const turn = ++loading;
  try {
    const data = await ask(`/conversations?view=${view.value}`);
    if (turn !== loading) return;
    noticeNewWaiting(data.counts.waiting);
    list.value = { ...data, failed: false };
  } catch {
    if (turn === loading) list.value = { ...list.value, failed: true };
  }
}

let waitedBefore = null;

function noticeNewWaiting(count) {
  if (waitedBefore !== null && count > waitedBefore) window.dispatchEvent(new CustomEvent("desk-new-waiting"));
  waitedBefore = count;
}

export async function open(id) {
  openId.value = id;
  chat.value = null;
  messages.value = [];
  await attempt(async () => {
    await refreshChat(id);
    await loadMessages(id);
  });
}

export async function refreshChat(id) {
  const data = await ask(`/conversations/${id}`);
  if (openId.value === id) chat.value = data;
}

let fetching = null;

/** Read on from the last message that we have until there is no more; calls at once share one pass. */
export async function loadMessages(id) {
  if (fetching === id) return;
  fetching = id;
  try {
    for (let more = true; more && openId.value === id; ) {
      const after = messages.value.at(-1)?.seq ?? 0;
      const data = await ask(`/conversations/${id}/messages?after=${after}`);
      if (openId.value !== id) return;
      const fresh = data.items.filter((item) => item.seq > (messages.value.at(-1)?.seq ?? 0));
      if (fresh.length) messages.value = [...messages.value, ...fresh];
      more = data.more;
    }
  } finally {
    fetching = null;
  }
  const last = messages.value.at(-1)?.seq;
  if (last && chat.value?.agent?.id === me.value?.id) ask(`/conversations/${id}/read`, "POST", { seq: last }).catch(() => {});
}

let socket = null;
let delay = 500;
let pinging = null;

/** Keep a socket open while somebody is signed in; after every reconnect everything is read on from where it was. */
export function connect() {
  if (!me.value || socket) return;
  socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/desk/socket`);
  socket.onopen = () => {
    delay = 500;
    connected.value = true;
    pinging = setInterval(() => socket?.readyState === 1 && socket.send('{"type":"ping"}'), 10000);
    catchUp();
  };
  socket.onmessage = (event) => hear(JSON.parse(event.data));
  socket.onclose = () => {
    clearInterval(pinging);
    socket = null;
    if (!me.value) return;
    connected.value = false;
    setTimeout(connect, delay * (0.5 + Math.random()));
    delay = Math.min(delay * 2, 10000);
  };
}

export function disconnect() {
  const old = socket;
  me.value = null;
  openId.value = chat.value = null;
  old?.close();
}

function catchUp() {
  loadList();
  const id = openId.value;
  if (id) attempt(() => Promise.all([refreshChat(id), loadMessages(id)]));
}

let listTimer = null;

function hear(frame) {
  if (frame.type === "queue" || frame.type === "news") {
    clearTimeout(listTimer);
    listTimer = setTimeout(loadList, 120); // many rings at once ask once
  }
  if (frame.type === "news" && frame.conversation === openId.value) {
    const id = openId.value;
    loadMessages(id)
      .then(() => refreshChat(id))
      .catch(() => {});
  }
}

setInterval(() => (now.value = Date.now()), 1000);
