// The list of conversations: which of them, narrowed to what, and as far as somebody has scrolled.
import { computed, signal } from "/static/vendor/signals.js";
import { ask } from "./ask.js";
import { me, onSignOut, signedOut } from "./state.js";
import { t } from "./text.js";

const PAGE = 100;
const MOST = 1000;
const SOON_MS = 120;
const AT_MOST_EVERY_MS = 1000; // a list is not read anew for every word that somebody says somewhere
const EMPTY = { counts: {}, unread: {}, items: null, more: false, failed: false };

export const filters = signal({ view: "waiting" });
export const view = computed(() => filters.value.view);
export const list = signal(EMPTY);
export const savedViews = signal([]);
export const chosen = signal(null); // the conversations chosen for doing something with all of them; null: none are being chosen

let turn = 0;
let reach = PAGE;
let waitedBefore = null;
let toldUpTo = null; // conversation -> the last of its customer's words that this agent was told of
let timer = null;
let askedAt = 0;

onSignOut(() => {
  filters.value = { view: "waiting" };
  list.value = EMPTY;
  savedViews.value = [];
  chosen.value = null;
  waitedBefore = toldUpTo = null;
  reach = PAGE;
});

const queryOf = (wanted) => new URLSearchParams(Object.entries({ ...wanted, limit: reach }).filter(([, value]) => value)).toString();

export async function loadList() {
  clearTimeout(timer);
  timer = null;
  turn += 1;
  const mine = turn;
  askedAt = Date.now();
  try {
    const data = await ask(`/conversations?${queryOf(filters.value)}`);
    if (mine !== turn || !me.value) return;
    // Who is kept for a colleague calls for that colleague alone.
    if (waitedBefore !== null && data.counts.to_take > waitedBefore) window.dispatchEvent(new CustomEvent("desk-new-waiting"));
    waitedBefore = data.counts.to_take;
    const fresh = Object.keys(data.unread).filter((id) => data.unread[id] > (toldUpTo?.[id] ?? 0));
    if (toldUpTo !== null && fresh.length > 0) window.dispatchEvent(new CustomEvent("desk-new-words", { detail: fresh }));
    toldUpTo = { ...toldUpTo, ...data.unread };
    list.value = { more: Boolean(data.next), ...data, failed: false };
  } catch (error) {
    if (mine !== turn) return;
    if (error.status === 401 && me.value) signedOut(t("sessionOver"));
    else list.value = { ...list.value, failed: true };
  }
}

/** Many rings at once ask once: soon after the first, and while it rings on and on once a second. */
export function soonList() {
  if (timer !== null || !me.value) return;
  const wait = Math.max(SOON_MS, askedAt + AT_MOST_EVERY_MS - Date.now());
  timer = setTimeout(() => me.value && loadList(), wait);
}

export function narrow(change) {
  filters.value = Object.fromEntries(Object.entries({ ...filters.value, ...change }).filter(([, value]) => value));
  list.value = { ...list.value, items: null, failed: false };
  reach = PAGE;
  if (chosen.value) chosen.value = new Set();
  return loadList();
}

export function choose(id) {
  const next = new Set(chosen.value);
  if (!next.delete(id)) next.add(id);
  chosen.value = next;
}

/** Another view, without what the one before was narrowed to. */
export function look(name) {
  filters.value = {};
  return narrow({ view: name });
}

/** Somebody scrolled so far: read on before they come to the end; back at the beginning less is read again. */
export function reached(index) {
  const wanted = Math.min(MOST, PAGE * Math.ceil((index + PAGE / 2) / PAGE));
  const grows = wanted > reach && list.value.more;
  if (grows || wanted < reach) reach = wanted;
  if (grows) loadList();
}

export async function loadViews() {
  savedViews.value = (await ask("/views")).items;
}
