// Who else looks at the open conversation, who is writing in it, and whether the customer is.
import { html } from "/static/vendor/htm.js";
import { effect, signal } from "/static/vendor/signals.js";
import { tell } from "./connection.js";
import { openId } from "./model.js";
import { onFrame } from "./news.js";
import { me, now, onSignOut } from "./state.js";
import { t } from "./text.js";

const SHOWN_MS = 6000;
const TELL_EVERY_MS = 3000;

const watching = signal({ conversation: null, viewers: [] });
const customer = signal({ conversation: null, at: 0 });

onFrame("viewers", (frame) => (watching.value = { conversation: frame.conversation, viewers: frame.agents }));
onFrame("typing", (frame) => (customer.value = { conversation: frame.conversation, at: frame.on ? Date.now() : 0 }));
// What was being written has come.
onFrame("news", ({ conversation, messages }) => {
  if (conversation === customer.value.conversation && messages?.some(({ speaker }) => speaker === "customer")) customer.value = { conversation, at: 0 };
});
onSignOut(() => (watching.value = { conversation: null, viewers: [] }));

// A new line knows nothing of what the page shows.
onFrame("hello", () => tell({ type: "view", conversation: openId.value }));
effect(() => tell({ type: "view", conversation: openId.value }));

let toldAt = 0;

/** Tell colleagues and the customer that somebody writes a reply here; a note is nobody's business. */
export function typing() {
  if (Date.now() - toldAt < TELL_EVERY_MS) return;
  toldAt = Date.now();
  tell({ type: "typing", on: true });
}

export function stopTyping() {
  if (toldAt) tell({ type: "typing", on: false });
  toldAt = 0;
}

export function Viewers() {
  const { conversation, viewers } = watching.value;
  const others = conversation === openId.value ? viewers.filter((one) => one.id !== me.value?.id) : [];
  if (others.length === 0) return null;
  const writes = others.filter((one) => one.replying);
  const text = writes.length ? t("colleagueTypes", { name: writes.map((one) => one.name).join("、") }) : t("alsoHere", { name: others.map((one) => one.name).join("、") });
  return html`<span class=${`tag ${writes.length ? "warn" : "plain"}`} role="status">${text}</span>`;
}

export function CustomerTypes() {
  const { conversation, at } = customer.value;
  if (conversation !== openId.value || now.value - at > SHOWN_MS) return null;
  return html`<p class="customer-types" role="status"><i></i><i></i><i></i> ${t("customerTypes")}</p>`;
}
