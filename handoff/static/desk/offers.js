// What a colleague asks of this agent: to take a conversation, before others may.
import { html } from "/static/vendor/htm.js";
import { signal } from "/static/vendor/signals.js";
import { asking, claim } from "./acts.js";
import { chat, open, openId } from "./model.js";
import { onFrame } from "./news.js";
import { go } from "./route.js";
import { inform, me, now, onSignOut } from "./state.js";
import { t } from "./text.js";

export const offers = signal([]); // those that may still be taken, the one that ends first first

const without = (id) => offers.value.filter((one) => one.conversation !== id);

onFrame("offered", (frame) => {
  offers.value = [...without(frame.conversation), frame].sort((a, b) => a.until.localeCompare(b.until));
});
onFrame("offer_over", ({ conversation, outcome, agent }) => {
  offers.value = without(conversation);
  // Whoever refused knows; whoever did not answer is told, and so is the colleague who asked.
  if (agent.id !== me.value?.id) inform(t(`offerOver.${outcome}`, { name: agent.name }), conversation);
  else if (outcome === "unanswered") inform(t("offerMissed"), conversation);
});
onFrame("assigned", ({ conversation, by }) => {
  offers.value = without(conversation);
  inform(by ? t("assignedBy", { name: by.name }) : t("assigned"), conversation);
});
onFrame("taken", ({ conversation, by, to }) => {
  const how = !to ? "queue" : to.id === by.id ? "self" : "colleague";
  inform(t(`takenFromMe.${how}`, { by: by.name, to: to?.name }), conversation);
});
onSignOut(() => (offers.value = []));

export async function show(id) {
  go("chats", { c: id });
  await open(id);
}

export async function accept({ conversation }) {
  await show(conversation);
  if (chat.value?.holder === "queued" && (await claim())) offers.value = without(conversation);
}

async function refuse({ conversation }) {
  await show(conversation);
  asking.value = "refuse";
}

const isOver = (one) => Date.parse(one.until) <= now.value || (openId.value === one.conversation && chat.value && !chat.value.reserved);

export const standing = () => offers.value.filter((one) => !isOver(one));

/** The offers, each with the seconds that are left. One that was taken, refused or ran out is gone. */
export function Offers() {
  return html`<div aria-live="assertive">${standing().map(
    (one) => html`<p key=${one.conversation} class="banner offer">
      <span>${t("offeredBy", { name: one.by.name })} <b>${t("secondsLeft", { n: Math.ceil((Date.parse(one.until) - now.value) / 1000) })}</b></span>
      <button class="primary" aria-keyshortcuts="Alt+O" onClick=${() => accept(one)}>${t("claimNow")}</button>
      <button onClick=${() => show(one.conversation)}>${t("look")}</button>
      <button onClick=${() => refuse(one)}>${t("refuse")}</button>
    </p>`,
  )}</div>`;
}
