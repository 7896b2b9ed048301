// What the socket tells, and what is read because of it.
import { soonList } from "./lists.js";
import { isUnsettled, lastSeq, messages, openId, readOn, refreshChat, reread } from "./model.js";
import { me } from "./state.js";

let chatTimer = null;
const listeners = [];

/** Frames of a type that other parts of the page understand. */
export const onFrame = (type, take) => listeners.push([type, take]);

/** Many rings at once ask once, and ringing without end does not keep it from being asked. */
function soonChat() {
  chatTimer ??= setTimeout(() => {
    chatTimer = null;
    if (openId.value) refreshChat().catch(() => {});
  }, 80);
}

export function hear(frame) {
  if (frame.type === "hello") {
    me.value = frame.agent;
    catchUp();
  } else if (frame.type === "queue" || frame.type === "news") soonList();
  for (const [type, take] of listeners) if (type === frame.type) take(frame);
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
