// The open conversation: everything known of it, and its messages without a hole.
import { effect, signal } from "/static/vendor/signals.js";
import { ask } from "./ask.js";
import { soonList } from "./lists.js";
import { note } from "./route.js";
import { me, onSignOut, problem, signedOut } from "./state.js";
import { t } from "./text.js";

export const openId = signal(null);
export const chat = signal(null); // everything known of the open conversation, but its messages
export const messages = signal([]); // gap-free from the first one
export const openFailed = signal("");
export const showsRecord = signal(false); // on narrow screens the record lies over the conversation
export const newFrom = signal(0); // the first message that was not read when the conversation was opened
export const goal = signal(0); // a message to be shown: a search found it

export const mine = () => chat.value?.holder === "human" && chat.value.agent?.id === me.value?.id;

/** What is said in it is seen as it comes: it is not news, though the service has yet to be told. */
export const isBeingRead = (id) => id === openId.value && mine() && !document.hidden;

let opening = 0; // counts openings: what an earlier one still waits for is dropped
let pass = null; // the reading under way

export async function open(id, seq = 0) {
  if (id === openId.value && chat.value && !openFailed.value) {
    goal.value = seq;
    return;
  }
  opening += 1;
  openId.value = id;
  chat.value = null;
  messages.value = [];
  openFailed.value = problem.value = "";
  showsRecord.value = false;
  newFrom.value = 0;
  goal.value = seq;
  note("chats", { c: id, m: seq });
  const turn = opening;
  try {
    await Promise.all([refreshChat(), readOn()]);
    if (turn === opening) newFrom.value = firstUnread();
  } catch (error) {
    if (turn !== opening) return;
    if (error.status === 401) signedOut(t("sessionOver"));
    else openFailed.value = error.message;
  }
}

/** What the customer said since the one who opens it last looked; nowhere if they have read all of it, or nothing yet. */
function firstUnread() {
  const read = chat.value?.read_seq ?? 0;
  return (read > 0 && messages.value.find((item) => item.seq > read && item.speaker === "customer")?.seq) || 0;
}

export function close() {
  opening += 1;
  openId.value = chat.value = null;
  messages.value = [];
  note("chats");
}

onSignOut(() => {
  opening += 1;
  openId.value = chat.value = null;
  messages.value = [];
});

let asked = 0;

/** Of two answers that overtake each other the one that was asked for later counts. What is known already is not asked for again. */
export async function refreshChat() {
  const [turn, mine] = [opening, (asked += 1)];
  const data = await ask(`/conversations/${openId.value}?after=${chat.value?.last_seq ?? 0}`);
  if (turn !== opening || mine !== asked) return;
  chat.value = data.after ? joined(chat.value, data) : data;
}

/** What was known, with what later messages brought. */
function joined(known, news) {
  const heard = [...known.brief.heard, ...news.brief.heard.filter((one) => !known.brief.heard.some((old) => old.rule === one.rule))];
  const files = [...known.files, ...news.files.filter((one) => !known.files.some((old) => old.url === one.url))];
  return { ...news, files, brief: { ...news.brief, heard, summary: known.brief.summary } };
}

export const lastSeq = () => messages.value.at(-1)?.seq ?? 0;

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

/** Messages that came with their news, of which some may be here already. False when one is missing before them. */
export function take(items) {
  const known = lastSeq();
  const fresh = items.filter((item) => item.seq > known);
  if (fresh.length && fresh[0].prev !== known) return false;
  for (const item of items) if (item.seq <= known) renew(item);
  if (fresh.length) messages.value = [...messages.value, ...fresh];
  return true;
}

/** Look again at a message that is here already: it may have been delivered meanwhile, or its file may have come. */
export async function reread(seq) {
  const turn = opening;
  const { items } = await ask(`/conversations/${openId.value}/messages?after=${seq - 1}&limit=1`);
  if (turn === opening && items[0]?.seq === seq) renew(items[0]);
}

function renew(item) {
  messages.value = messages.value.map((old) => (old.seq === item.seq ? item : old));
  const come = item.attachments.filter((one) => !chat.value?.files.some((old) => old.url === one.url));
  if (chat.value && come.length > 0) chat.value = { ...chat.value, files: [...chat.value.files, ...come.map((one) => ({ ...one, seq: item.seq, speaker: item.speaker }))] };
}

let marked = { id: null, seq: 0 };

/** What the customer said and the one who serves has before their eyes is read, whichever of both came last. */
function markRead() {
  const id = openId.value;
  if (!mine() || chat.value.id !== id || document.hidden) return;
  const seq = messages.value.findLast((item) => item.speaker === "customer")?.seq ?? 0;
  if (seq <= Math.max(chat.value.read_seq, marked.id === id ? marked.seq : 0)) return;
  marked = { id, seq };
  ask(`/conversations/${id}/read`, "POST", { seq }).then(soonList, () => (marked = { id: null, seq: 0 }));
}

effect(markRead);

export const isUnsettled = (item) => item.delivery === "pending" || item.delivery === "leased" || (item.pending_files > 0 && !item.media_failed);

/** What the bell says of deliveries and files may be lost like any ring: look again at what is still under way. */
setInterval(() => {
  if (me.value && openId.value && !document.hidden)
    for (const item of messages.value.filter(isUnsettled).slice(-5)) reread(item.seq).catch(() => {});
}, 5000);

document.addEventListener("visibilitychange", () => me.value && markRead());
