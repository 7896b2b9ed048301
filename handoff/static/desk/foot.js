import { html } from "/static/vendor/htm.js";
import { useState } from "/static/vendor/hooks.js";
import { act } from "./chat.js";
import { chat, mine, openId } from "./model.js";
import { t } from "./text.js";

const MODES = ["reply", "note"];
const drafts = new Map(); // what was typed and not sent, by conversation and mode: a note never turns into a reply
const tries = new Map(); // the id of what is being sent: a second try of the same words is not a second message

/** Where an agent writes, if the conversation is theirs. */
export function Foot() {
  const id = openId.value;
  const [mode, setMode] = useState("reply");
  const [, redraw] = useState(0);
  const [sending, setSending] = useState(false);
  if (!mine()) {
    const { holder, agent } = chat.value;
    const key = { bot: "readOnlyBot", ended: "readOnlyEnded", queued: "readOnlyQueued", human: "readOnlyOther" }[holder];
    return html`<footer class="foot readonly">${t(key, { name: agent?.name ?? "" })}</footer>`;
  }
  const key = `${id}:${mode}`;
  const text = drafts.get(key) ?? "";
  const type = (of, value) => {
    if (value) drafts.set(of, value);
    else drafts.delete(of);
    redraw((n) => n + 1);
  };
  const send = async () => {
    if (!text.trim() || sending) return;
    if (tries.get(key)?.text !== text) tries.set(key, { text, id: crypto.randomUUID() });
    setSending(true);
    const went = await act(mode === "reply" ? "replies" : "notes", { text, client_id: tries.get(key).id });
    setSending(false);
    if (!went) return;
    tries.delete(key);
    if (drafts.get(key) === text) type(key, ""); // what was typed meanwhile stays
  };
  const press = (event) => {
    // While a Chinese word is being composed Enter chooses it; older browsers say so by key code alone.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    send();
  };
  return html`<footer class=${`foot ${mode}`}>
    <div class="modes" role="group" aria-label=${t("writeWhat")}>
      ${MODES.map((name) => html`<button aria-pressed=${mode === name} onClick=${() => setMode(name)}>${t(name)}${drafts.get(`${id}:${name}`) && name !== mode ? " •" : ""}</button>`)}
      ${mode === "note" && html`<span class="note-hint">${t("noteHint")}</span>`}
    </div>
    <textarea rows="3" key=${mode} aria-label=${t(mode)} placeholder=${t(mode === "reply" ? "replyHint" : "noteHint")} value=${text}
      onInput=${(event) => type(key, event.target.value)} onKeyDown=${press}></textarea>
    <button class="primary" disabled=${!text.trim() || sending} onClick=${send}>${t(sending ? "sending" : mode === "reply" ? "send" : "saveNote")}</button>
  </footer>`;
}
