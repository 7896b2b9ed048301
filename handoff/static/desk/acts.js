import { html } from "/static/vendor/htm.js";
import { signal } from "/static/vendor/signals.js";
import { useState } from "/static/vendor/hooks.js";
import { ask } from "./ask.js";
import { Dialog } from "./dialog.js";
import { focusComposer } from "./foot.js";
import { loadList, look } from "./lists.js";
import { Menu } from "./menu.js";
import { chat, mine, openId, readOn, refreshChat, showsRecord } from "./model.js";
import { attempt, mayLookCloser, me, serves, supervises } from "./state.js";
import { t } from "./text.js";
import { Transfer } from "./transfer.js";

export const asking = signal(null); // which dialog about the open conversation is shown

/** Do something with the open conversation and read what came of it, also when it was refused. */
export async function act(path, body = {}) {
  const id = openId.value;
  return attempt(async () => {
    try {
      await ask(`/conversations/${id}/${path}`, "POST", body);
    } finally {
      // What is shown afterwards may fail to load without what was done being undone.
      if (openId.value === id) await Promise.all([refreshChat(), readOn()]).catch(() => {});
      loadList();
    }
  });
}

/** Take the open conversation, and be where one answers it. True when it was taken. */
export async function claim() {
  if (!(await act("claim"))) return false;
  beginToWrite();
  await look("mine");
  return true;
}

/** On a screen to touch the keyboard would cover what the customer said; and whoever writes elsewhere by now is not called away. */
function beginToWrite() {
  if (!mine() || matchMedia("(pointer: coarse)").matches) return;
  requestAnimationFrame(() => !document.activeElement?.matches("input, textarea, select") && focusComposer());
}

const EXPORTS = [["html", "exportHtml"], ["pdf", "exportPdf"], ["json", "exportJson"]];

/** Fetched before it is saved: a refusal is told in the page, not in a file. */
const exportAs = (format) =>
  attempt(async () => {
    const answer = await fetch(`/api/v1/desk/conversations/${openId.value}/export?format=${format}`);
    if (!answer.ok) throw Object.assign(new Error((await answer.json().catch(() => ({}))).detail || t("refused", { status: answer.status })), { status: answer.status });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await answer.blob());
    link.download = `${openId.value}.${format}`;
    link.click();
    URL.revokeObjectURL(link.href);
  });

/** What may be done with the open conversation, by whoever is looking at it. */
export function Acts() {
  const { holder, agent, reserved } = chat.value;
  const isMine = mine();
  const isOffered = holder === "queued" && reserved?.agent.id === me.value.id && reserved.offered_by;
  const mayIntervene = supervises() && !isMine && (holder === "human" || holder === "bot");
  const mayPass = isMine || (supervises() && holder === "human");
  return html`<div class="acts">
      <button class="show-record" aria-pressed=${showsRecord.value} onClick=${() => (showsRecord.value = !showsRecord.value)}>${t("record")}</button>
      ${holder === "queued" && serves() && html`<button class="primary" onClick=${claim} aria-keyshortcuts="Alt+L">${t("claim")}</button>`}
      ${isOffered && html`<button onClick=${() => (asking.value = "refuse")}>${t("refuse")}</button>`}
      ${mayIntervene && html`<button onClick=${() => (asking.value = "takeOver")}>${t("takeOver")}</button>`}
      ${isMine && html`<button class="wide-only" onClick=${() => (asking.value = "transfer")}>${t("transfer")}</button>`}
      ${isMine && html`<button onClick=${() => (asking.value = "end")} aria-keyshortcuts="Alt+E">${t("end")}</button>`}
      ${(mayPass || mayLookCloser(chat.value)) && html`<${Menu} label=${t("moreActs")} items=${[
        mayPass && { label: t("transfer"), act: () => (asking.value = "transfer") },
        mayPass && { label: t("requeue"), act: () => (asking.value = "requeue") },
        ...(mayLookCloser(chat.value) ? EXPORTS : []).map(([format, name]) => ({ label: t(name), act: () => exportAs(format) })),
      ]} />`}
    </div>
    <${Asked} agent=${agent} />`;
}

function Asked() {
  const close = () => (asking.value = null);
  if (asking.value === "transfer") return html`<${Transfer} onClose=${close} />`;
  if (asking.value === "end") return html`<${End} onClose=${close} />`;
  if (asking.value) return html`<${WithReason} key=${asking.value} what=${asking.value} onClose=${close} />`;
  return null;
}

const PATHS = { requeue: "requeue", refuse: "refuse", takeOver: "take-over" };

/** Something that a colleague will want to know the reason of. */
function WithReason({ what, onClose }) {
  const [reason, setReason] = useState("");
  const submit = async (event) => {
    event.preventDefault();
    if (!reason.trim()) return;
    onClose();
    await act(PATHS[what], { reason: reason.trim() });
    beginToWrite();
  };
  return html`<${Dialog} title=${t(what)} onClose=${onClose}><form class="ask" onSubmit=${submit}>
    <label>${t(`${what}Reason`)}<input autofocus maxlength="500" value=${reason} onInput=${(e) => setReason(e.target.value)} /></label>
    <footer><button type="button" onClick=${onClose}>${t("cancel")}</button> <button class="primary" disabled=${!reason.trim()}>${t("confirm")}</button></footer>
  </form></${Dialog}>`;
}

function End({ onClose }) {
  const hasDraft = Boolean(chat.value.draft);
  const submit = async (event) => {
    event.preventDefault();
    onClose();
    await act("end");
  };
  const toFiling = () => {
    onClose();
    showsRecord.value = true;
    requestAnimationFrame(() => document.querySelector(".filing button")?.focus());
  };
  return html`<${Dialog} title=${t("end")} onClose=${onClose}><form class="ask" onSubmit=${submit}>
    <p>${t(hasDraft ? "endWithDraft" : "endSure")}</p>
    ${!hasDraft && html`<p class="soft">${t("endRating")}</p>`}
    <footer><button type="button" onClick=${onClose}>${t("cancel")}</button>
      ${hasDraft ? html` <button type="button" class="primary" autofocus onClick=${toFiling}>${t("openDraft")}</button>` : html` <button class="primary" autofocus>${t("end")}</button>`}</footer>
  </form></${Dialog}>`;
}
