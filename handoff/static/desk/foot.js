import { html } from "/static/vendor/htm.js";
import { signal } from "/static/vendor/signals.js";
import { useEffect, useLayoutEffect, useRef, useState } from "/static/vendor/hooks.js";
import { act, claim } from "./acts.js";
import { ask } from "./ask.js";
import { Between } from "./between.js";
import { CannedMenu, canned, filledIn, gapsIn, loadCanned } from "./canned_menu.js";
import { draftOf, drafts, loadDrafts, sent, type } from "./drafts.js";
import { Icon } from "./icons.js";
import { loadList } from "./lists.js";
import { chat, lastSeq, mine, openId, readOn, refreshChat } from "./model.js";
import { preferences } from "./preferences.js";
import { attempt, problem, serves, supervises } from "./state.js";
import { t } from "./text.js";
import { ACCEPTED, addFiles, Uploads } from "./uploads.js";
import { stopTyping, typing } from "./viewers.js";

const tries = new Map(); // the id of what is being sent: a second try of the same words is not a second message
export const mode = signal("reply");
const beside = signal(false); // writing in a conversation that somebody else holds

export function focusComposer() {
  document.querySelector(".foot textarea")?.focus();
}

/** Where an agent writes, if the conversation is theirs. */
export function Foot() {
  useEffect(() => {
    mode.value = "reply";
    beside.value = false;
    loadDrafts(openId.value).catch(() => {});
  }, []);
  const { holder, agent } = chat.value;
  if (mine()) return html`<${Composer} modes=${["reply", "note"]} />`;
  const key = { bot: "readOnlyBot", ended: "readOnlyEnded", queued: "readOnlyQueued", human: "readOnlyOther" }[holder];
  // Colleagues may write down what they know; a supervisor may speak beside the one who serves.
  const modes = holder === "ended" ? [] : supervises() && holder === "human" ? ["note", "reply"] : ["note"];
  return html`<div class="foot readonly"><span>${t(key, { name: agent?.name ?? "" })}</span>
      ${holder === "queued" && serves() && html` <button class="primary" onClick=${claim}>${t("claimThis")}</button>`}
      ${modes.length > 0 && !beside.value && html` <button onClick=${() => { beside.value = true; mode.value = modes[0]; }}>${t(modes.length > 1 ? "speakBeside" : "note")}</button>`}</div>
    ${modes.length > 0 && beside.value && html`<${Composer} modes=${modes} />`}`;
}

function Composer({ modes }) {
  const id = openId.value;
  const [sending, setSending] = useState(null); // the words that are on their way
  const [next, setNext] = useState(false); // others were sent off meanwhile
  const [between, setBetween] = useState(null); // what came in while somebody wrote: the first seq they had not seen
  const [choosing, setChoosing] = useState(false);
  const [outcome, setOutcome] = useState(false);
  const field = useRef(null);
  const picker = useRef(null);
  const base = useRef(0); // the last message that was there when the writing began
  const now = modes.includes(mode.value) ? mode.value : modes[0];
  const text = draftOf(id, now);
  const isNote = now === "note";
  useEffect(() => {
    if (!canned.value) loadCanned().catch(() => {}); // at hand before somebody asks for them
  }, []);
  useLayoutEffect(() => {
    field.current.style.height = "auto";
    field.current.style.height = `${Math.min(field.current.scrollHeight + 2, 220)}px`;
  }, [text, now]);
  const write = (value) => {
    if (!text && value) base.current = lastSeq();
    type(id, now, value);
    setChoosing(!isNote && /^\/[^\s/]*$/.test(value));
    if (value && !isNote) typing();
    else stopTyping();
  };
  const insert = (words) => {
    setChoosing(false);
    type(id, "reply", filledIn(words));
    requestAnimationFrame(() => toGap(field.current));
  };
  const send = async (anyway = false) => {
    if (!text.trim()) return;
    if (sending) {
      if (sending.text !== text || sending.mode !== now) setNext(true); // of the same words Enter was pressed twice
      return;
    }
    const gaps = isNote ? [] : gapsIn(text);
    if (gaps.length > 0) {
      problem.value = t("gapsLeft", { gaps: gaps.join("") });
      toGap(field.current);
      return;
    }
    const key = `${id}:${now}`;
    if (tries.get(key)?.text !== text) tries.set(key, { text, id: crypto.randomUUID() });
    setSending({ text, mode: now });
    const went = await say(id, now, { text, client_id: tries.get(key).id, ...(outcome && { outcome }), seen: anyway ? lastSeq() : base.current || lastSeq() }, setBetween);
    setSending(null);
    stopTyping();
    if (!went) return setNext(false);
    tries.delete(key);
    setBetween(null);
    setOutcome(false);
    if (draftOf(id, now) === text) sent(id, now); // what was typed meanwhile stays
  };
  // What is said is shown before its sending is answered: who is quick has the next words ready by then.
  useEffect(() => {
    if (sending || !next) return;
    setNext(false);
    send();
  }, [sending, next]);
  const press = (event) => {
    // While a Chinese word is being composed Enter chooses it; older browsers say so by key code alone.
    if (event.isComposing || event.keyCode === 229 || choosing) return;
    const sends = event.key === "Enter" && !event.shiftKey && (preferences.value.enterSends || event.ctrlKey || event.metaKey);
    if (!sends) return;
    event.preventDefault();
    send();
  };
  const take = (files) => files.length > 0 && mine() && addFiles(id, [...files]);
  const paste = (event) => {
    if (event.clipboardData.files.length === 0) return;
    event.preventDefault();
    take(event.clipboardData.files);
  };
  const drop = (event) => {
    event.preventDefault();
    event.currentTarget.classList.remove("over");
    take(event.dataTransfer.files);
  };
  const hover = (event) => {
    event.preventDefault();
    event.currentTarget.classList.toggle("over", event.type === "dragover");
  };
  return html`<footer class=${`foot ${now}`} onDrop=${drop} onDragOver=${hover} onDragLeave=${hover}>
    ${between && html`<${Between} after=${between} onSend=${() => send(true)} onClose=${() => { setBetween(null); base.current = lastSeq(); focusComposer(); }} />`}
    <${Uploads} id=${id} />
    <div class="modes" role="group" aria-label=${t("writeWhat")}>
      ${modes.map((name) => html`<button aria-pressed=${now === name} onClick=${() => (mode.value = name)}>${t(name)}${drafts.value.get(`${id}:${name}`) && name !== now ? html` <i class="dot" role="img" aria-label=${t("hasDraft")}></i>` : ""}</button>`)}
      ${isNote && html`<span class="note-hint">${t("noteHint")}</span>`}
      <span class="tools">
        ${modes.includes("reply") && html`<button type="button" class="icon" aria-label=${t("cannedReplies")} title=${`${t("cannedReplies")}（/）`} onClick=${() => { mode.value = "reply"; setChoosing(!choosing); field.current.focus(); }}><${Icon} name="canned" /></button>`}
        ${mine() && html`<button type="button" class="icon" aria-label=${t("sendFile")} title=${t("sendFile")} onClick=${() => picker.current.click()}><${Icon} name="file" /></button>`}
        <input type="file" ref=${picker} hidden multiple accept=${ACCEPTED} aria-label=${t("sendFile")} onChange=${(event) => { take(event.target.files); event.target.value = ""; }} />
      </span>
    </div>
    ${!isNote && chat.value.window?.reserved > 0 && html`<label class="check outcome"><input type="checkbox" checked=${outcome} onChange=${(event) => setOutcome(event.target.checked)} />${t("outcome")}</label>`}
    ${choosing && html`<${CannedMenu} field=${field} query=${text.startsWith("/") ? text.slice(1) : ""} onChoose=${insert} onClose=${() => setChoosing(false)} />`}
    <textarea rows="2" key=${now} ref=${field} aria-label=${t(now)} placeholder=${t(isNote ? "notePlaceholder" : preferences.value.enterSends ? "replyHint" : "replyHintCtrl")} value=${text} maxlength="8000"
      onInput=${(event) => write(event.target.value)} onKeyDown=${press} onPaste=${paste}></textarea>
    <button class=${`primary send ${isNote ? "noting" : ""}`} disabled=${!text.trim() || sending} onClick=${() => send()}>${t(sending ? "sending" : isNote ? "saveNote" : "send")}</button>
  </footer>`;
}

/** True when it was said. When somebody said something meanwhile, it was not, and what they said is shown. */
async function say(id, what, body, setBetween) {
  if (what === "note") return act("notes", { text: body.text, client_id: body.client_id });
  return attempt(async () => {
    try {
      await ask(`/conversations/${id}/replies`, "POST", body);
    } catch (error) {
      if (error.code === "unseen") setBetween(Math.min(...error.body.seqs) - 1);
      else throw error;
      await readOn();
      throw Object.assign(new Error(""), { status: 409 });
    } finally {
      if (openId.value === id) await Promise.all([refreshChat(), readOn()]).catch(() => {});
      loadList();
    }
  });
}

/** Put the cursor on the first gap that the desk could not fill, or at the end. */
function toGap(field) {
  if (!field) return;
  field.focus();
  const gap = /\{[^{}\n]{1,12}\}/.exec(field.value);
  if (gap) field.setSelectionRange(gap.index, gap.index + gap[0].length);
  else field.setSelectionRange(field.value.length, field.value.length);
}
