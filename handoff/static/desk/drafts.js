// What was typed and not sent, by conversation and mode: a note never turns into a reply. The service keeps it as well.
import { signal } from "/static/vendor/signals.js";
import { ask } from "./ask.js";
import { me, onSignOut } from "./state.js";

const KEEP_AFTER_MS = 400;

export const drafts = signal(new Map());
const touched = new Set(); // typed in here: what the service knows of these is older
const timers = new Map();

const keyOf = (id, mode) => `${id}:${mode}`;
export const draftOf = (id, mode) => drafts.value.get(keyOf(id, mode)) ?? "";

function put(id, mode, text) {
  const changed = new Map(drafts.value);
  if (text) changed.set(keyOf(id, mode), text);
  else changed.delete(keyOf(id, mode));
  drafts.value = changed;
}

export function type(id, mode, text) {
  touched.add(keyOf(id, mode));
  put(id, mode, text);
  clearTimeout(timers.get(keyOf(id, mode)));
  timers.set(keyOf(id, mode), setTimeout(() => keep(id, mode), KEEP_AFTER_MS));
}

function keep(id, mode, options = {}) {
  clearTimeout(timers.get(keyOf(id, mode)));
  timers.delete(keyOf(id, mode));
  return ask(`/conversations/${id}/draft`, "PUT", { mode, text: draftOf(id, mode) }, options).catch(() => {});
}

/** What was sent is no draft any more. */
export function sent(id, mode) {
  put(id, mode, "");
  keep(id, mode);
}

export async function loadDrafts(id) {
  const known = await ask(`/conversations/${id}/draft`);
  for (const [mode, text] of Object.entries(known)) if (!touched.has(keyOf(id, mode))) put(id, mode, text);
}

// Whatever is still to be kept when the page goes away is kept now; such a request outlives its page.
document.addEventListener("visibilitychange", () => {
  if (!document.hidden || !me.value) return;
  for (const key of [...timers.keys()]) keep(...key.split(":"), { keepalive: true });
});
onSignOut(() => {
  for (const timer of timers.values()) clearTimeout(timer);
  timers.clear();
  touched.clear();
  drafts.value = new Map();
});
