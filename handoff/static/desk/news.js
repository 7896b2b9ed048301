// What the socket tells, and what is read because of it.
import { soonList } from "./lists.js";
import { isUnsettled, lastSeq, messages, openId, readOn, refreshChat, reread, take } from "./model.js";
import { me } from "./state.js";

const SOON_MS = 80;
const AT_MOST_EVERY_MS = 1000;

let chatTimer = null;
let chatAskedAt = 0;
const listeners = [];

/** Frames of a type that other parts of the page understand. */
export const onFrame = (type, take) => listeners.push([type, take]);

/** Many rings at once ask once, and ringing without end does not keep it from being asked. */
function soonChat() {
  chatTimer ??= setTimeout(() => {
    chatTimer = null;
    chatAskedAt = Date.now();
    if (openId.value) refreshChat().catch(() => {});
  }, Math.max(SOON_MS, chatAskedAt + AT_MOST_EVERY_MS - Date.now()));
}

export function hear(frame) {
  if (frame.type === "hello") {
    me.value = frame.agent;
    catchUp();
  } else if (frame.type === "queue" || frame.type === "news") soonList();
  for (const [type, heard] of listeners) if (type === frame.type) heard(frame);
  if (frame.type !== "news" || frame.conversation !== openId.value) return;
  if (!frame.messages || !take(frame.messages)) {
    if (frame.seq && frame.seq <= lastSeq()) reread(frame.seq).catch(() => {});
    readOn().catch(() => {});
  }
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
