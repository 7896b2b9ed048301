import { signal } from "/static/vendor/signals.js";
import { ask } from "./ask.js";
import { t } from "./text.js";

export const me = signal(undefined); // undefined: not known yet; null: signed out
export const view = signal("waiting");
export const list = signal({ counts: {}, items: null, failed: false });
export const openId = signal(null);
export const chat = signal(null); // everything known of the open conversation, but its messages
export const messages = signal([]); // gap-free from the first one
export const openFailed = signal("");
export const problem = signal("");
export const showsRecord = signal(false); // on narrow screens the record lies over the conversation
export const now = signal(Date.now());

export const serves = () => me.value.role !== "administrator";
export const mine = () => chat.value?.holder === "human" && chat.value.agent?.id === me.value?.id;

/** Do something and show what went wrong, if anything; true when it went well. */
export async function attempt(work) {
  problem.value = "";
  try {
    await work();
    return true;
  } catch (error) {
    if (error.status === 401 && me.value) signedOut(t("sessionOver"));
    else problem.value = error.message;
    return false;
  }
}

export function signedOut(why = "") {
  me.value = null;
  openId.value = chat.value = null;
  messages.value = [];
  list.value = { counts: {}, items: null, failed: false };
  view.value = "waiting";
  waitedBefore = null;
  problem.value = why;
}

// --- the list ---------------------------------------------------------------------------------------------------------

let listTurn = 0;
let waitedBefore = null;

export async function loadList() {
  const turn = ++listTurn;
  try {
    const data = await ask(`/conversations?view=${view.value}`);
    if (turn !== listTurn || !me.value) return;
    if (waitedBefore !== null && data.counts.waiting > waitedBefore) window.dispatchEvent(new CustomEvent("desk-new-waiting"));
    waitedBefore = data.counts.waiting;
    list.value = { ...data, failed: false };
  } catch (error) {
    if (turn !== listTurn) return;
    if (error.status === 401 && me.value) signedOut(t("sessionOver"));
    else list.value = { ...list.value, failed: true };
  }
}

export function look(name) {
  view.value = name;
  list.value = { ...list.value, items: null, failed: false };
  return loadList();
}

// --- the open conversation --------------------------------------------------------------------------------------------

let opening = 0; // counts openings: what an earlier one still waits for is dropped
let pass = null; // the reading under way

export async function open(id) {
  opening += 1;
  openId.value = id;
  chat.value = null;
  messages.value = [];
  openFailed.value = problem.value = "";
  showsRecord.value = false;
  const turn = opening;
  try {
    await Promise.all([refreshChat(), readOn()]);
  } catch (error) {
    if (turn !== opening) return;
    if (error.status === 401) signedOut(t("sessionOver"));
    else openFailed.value = error.message;
  }
}

export function close() {
  opening += 1;
  openId.value = chat.value = null;
  messages.value = [];
}

export async function refreshChat() {
  const turn = opening;
  const data = await ask(`/conversations/${openId.value}`);
  if (turn === opening) chat.value = data;
}

const lastSeq = () => messages.value.at(-1)?.seq ?? 0;

/** Read everything after the last message that we have. Whoever asks while a reading is under way makes it look once more. */
export function readOn() {
  if (pass?.turn === opening) {
    pass.again = true;
    return pass.done;
  }
  const mine = { turn: opening, id: openId.value, again: true };
  pass = mine;
  mine.done = (async () => {
    try {
      while (mine.again && mine.turn === opening) {
        mine.again = false;
        await readPages(mine);
      }
    } finally {
      if (pass === mine) pass = null;
    }
    if (mine.turn === opening) markRead();
  })();
  return mine.done;
}

async function readPages({ turn, id }) {
  for (let more = true; more; ) {
    const after = lastSeq();
    const data = await ask(`/conversations/${id}/messages?after=${after}`);
    if (turn !== opening) return;
    const fresh = data.items.filter((item) => item.seq > lastSeq());
    if (fresh.length && fresh[0].prev !== lastSeq()) throw new Error(t("failed")); // never show a conversation with a hole
    if (fresh.length) messages.value = [...messages.value, ...fresh];
    more = data.more && fresh.length > 0;
  }
}

/** Look again at a message that is here already: it may have been delivered meanwhile, or its file may have come. */
async function reread(seq) {
  const turn = opening;
  const { items } = await ask(`/conversations/${openId.value}/messages?after=${seq - 1}&limit=1`);
  if (turn === opening && items[0]?.seq === seq) messages.value = messages.value.map((old) => (old.seq === seq ? items[0] : old));
}

export function markRead() {
  const seq = lastSeq();
  if (!seq || !mine() || document.hidden) return;
  const row = list.value.items?.find((item) => item.id === openId.value);
  if (row && row.unread === 0) return;
  ask(`/conversations/${openId.value}/read`, "POST", { seq }).then(soonList, () => {});
}

const isUnsettled = (item) => item.delivery === "pending" || item.delivery === "leased" || (item.pending_files > 0 && !item.media_failed);

/** What the bell says of deliveries and files may be lost like any ring: look again at what is still under way. */
setInterval(() => {
  if (me.value && openId.value && !document.hidden)
    for (const item of messages.value.filter(isUnsettled).slice(-5)) reread(item.seq).catch(() => {});
}, 5000);

// --- news ----------------------------------------------------------------------------------------------------------------

let listTimer = null;
let chatTimer = null;

/** Many rings at once ask once. */
export function soonList() {
  clearTimeout(listTimer);
  listTimer = setTimeout(() => me.value && loadList(), 120);
}

function soonChat() {
  clearTimeout(chatTimer);
  chatTimer = setTimeout(() => openId.value && refreshChat().catch(() => {}), 60);
}

export function hear(frame) {
  if (frame.type === "hello") {
    me.value = frame.agent;
    catchUp();
  } else if (frame.type === "queue" || frame.type === "news") soonList();
  if (frame.type !== "news" || frame.conversation !== openId.value) return;
  if (frame.seq && frame.seq <= lastSeq()) reread(frame.seq).catch(() => {});
  readOn().catch(() => {});
  soonChat();
}

/** After a line was cut, or woken up: everything is read on from where it was. */
export function catchUp() {
  soonList();
  if (!openId.value) return;
  soonChat();
  readOn().catch(() => {});
  for (const item of messages.value.filter(isUnsettled)) reread(item.seq).catch(() => {});
}

setInterval(() => (now.value = Date.now()), 1000);
document.addEventListener("visibilitychange", () => !document.hidden && me.value && markRead());
