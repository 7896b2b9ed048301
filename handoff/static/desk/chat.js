import { html } from "/static/vendor/htm.js";
import { useLayoutEffect, useRef, useState } from "/static/vendor/hooks.js";
import { ask } from "./ask.js";
import { Foot } from "./foot.js";
import { Message } from "./message.js";
import { attempt, chat, loadList, look, messages, mine, open, openFailed, openId, readOn, refreshChat, serves, showsRecord } from "./model.js";
import { onDay, t } from "./text.js";

const NEAR_PX = 80;

export function Chat() {
  if (!openId.value) return html`<main class="chat empty"><p class="hint">${t("choose")}</p></main>`;
  if (openFailed.value)
    return html`<main class="chat empty"><div class="hint"><p class="bad" role="alert">${openFailed.value}</p>
      <p><button onClick=${() => open(openId.value)}>${t("retry")}</button></p></div></main>`;
  if (!chat.value) return html`<main class="chat empty"><p class="hint" role="status">${t("loading")}</p></main>`;
  return html`<main class="chat"><${Head} key=${`head-${openId.value}`} /><${Log} key=${openId.value} /><${Foot} key=${`foot-${openId.value}`} /></main>`;
}

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

function Head() {
  const [asking, setAsking] = useState(null); // requeue or end
  const [reason, setReason] = useState("");
  const { customer, channel, holder } = chat.value;
  const isMine = mine();
  const done = async (event, path, body) => {
    event.preventDefault();
    if (await act(path, body)) setAsking(null);
  };
  return html`<header class="chat-head">
    <div class="who-is">
      <h2>${customer.name || t("visitor")}</h2>
      <span class="tag">${t(`channels.${channel}`)}</span>
      ${chat.value.urgent && html`<span class="tag bad">${t("urgent")}</span>`}
      ${customer.phone_masked && html`<span class="soft">${customer.phone_masked}</span>`}
    </div>
    <div class="acts">
      <button class="show-record" aria-pressed=${showsRecord.value} onClick=${() => (showsRecord.value = !showsRecord.value)}>${t("record")}</button>
      ${holder === "queued" && serves() && html`<button class="primary" onClick=${async () => (await act("claim")) && look("mine")}>${t("claim")}</button>`}
      ${isMine && html`<button aria-expanded=${asking === "requeue"} onClick=${() => setAsking(asking === "requeue" ? null : "requeue")}>${t("requeue")}</button>
        <button aria-expanded=${asking === "end"} onClick=${() => setAsking(asking === "end" ? null : "end")}>${t("end")}</button>`}
    </div>
    ${isMine && asking === "requeue" && html`<form class="ask" onSubmit=${(event) => (reason.trim() ? done(event, "requeue", { reason }) : event.preventDefault())}>
      <input aria-label=${t("requeueReason")} placeholder=${t("requeueReason")} maxlength="500" autofocus value=${reason} onInput=${(e) => setReason(e.target.value)} />
      <button class="primary" disabled=${!reason.trim()}>${t("confirm")}</button>
    </form>`}
    ${isMine && asking === "end" && html`<form class="ask" onSubmit=${(event) => done(event, "end")}>
      <p>${t(chat.value.draft ? "endWithDraft" : "endSure")}</p>
      <button class="primary" disabled=${Boolean(chat.value.draft)}>${t("end")}</button>
      <button type="button" onClick=${() => setAsking(null)}>${t("cancel")}</button>
    </form>`}
  </header>`;
}

/** The messages. It follows what comes in as long as one reads at the end, and stays put for whoever reads further up. */
function Log() {
  const box = useRef(null);
  const follows = useRef(true);
  const seen = useRef(0);
  const [below, setBelow] = useState(0);
  const count = messages.value.length;
  const toEnd = () => {
    follows.current = true;
    box.current.scrollTop = box.current.scrollHeight;
  };
  useLayoutEffect(() => {
    if (follows.current) {
      toEnd();
      seen.current = count;
    }
    setBelow(count - seen.current);
  }, [messages.value]);
  const scrolled = () => {
    const { scrollHeight, scrollTop, clientHeight } = box.current;
    follows.current = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    if (follows.current) {
      seen.current = messages.value.length;
      setBelow(0);
    }
  };
  let day = "";
  return html`<div class="log">
    <div class="messages" role="log" aria-live="polite" aria-label=${t("messages")} tabindex="0" ref=${box} onScroll=${scrolled} onLoadCapture=${() => follows.current && toEnd()}>
      <ul>${messages.value.map((message) => {
        const before = day;
        day = onDay(message.at);
        return html`${day !== before && html`<li class="day" key=${`day-${message.seq}`}>${day}</li>`}<${Message} key=${message.seq} message=${message} />`;
      })}</ul>
    </div>
    ${below > 0 && html`<button class="below" onClick=${toEnd}>${t("newBelow", { n: below })}</button>`}
  </div>`;
}
