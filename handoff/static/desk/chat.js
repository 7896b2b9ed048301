import { html } from "/static/vendor/htm.js";
import { useEffect, useRef, useState } from "/static/vendor/hooks.js";
import { ask, attempt, chat, loadList, loadMessages, me, messages, openId, refreshChat, view } from "./model.js";
import { shown, t } from "./text.js";

const drafts = new Map(); // what was typed and not sent, by conversation

export function Chat() {
  const bottom = useRef(null);
  const count = messages.value.length;
  useEffect(() => bottom.current?.scrollIntoView({ block: "end" }), [count, openId.value]);
  if (!openId.value) return html`<main class="chat empty"><p class="hint">${t("choose")}</p></main>`;
  if (!chat.value) return html`<main class="chat empty"><p class="hint">${t("loading")}</p></main>`;
  return html`<main class="chat">
    <${Head} />
    <div class="messages" role="log" aria-live="polite">
      <ul>${messages.value.map((message) => html`<${Message} key=${message.seq} message=${message} />`)}</ul>
      <div ref=${bottom}></div>
    </div>
    <${Foot} key=${openId.value} />
  </main>`;
}

const mine = () => chat.value.holder === "human" && chat.value.agent?.id === me.value.id;

async function act(path, body) {
  const id = openId.value;
  return attempt(async () => {
    try {
      await ask(`/conversations/${id}/${path}`, "POST", body ?? {});
    } finally {
      await Promise.all([refreshChat(id), loadMessages(id), loadList()]);
    }
  });
}

function Head() {
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState("");
  const { customer, channel, holder } = chat.value;
  return html`<header class="chat-head">
    <div>
      <h2>${customer.name || t("visitor")}</h2>
      <span class="tag">${t(`channels.${channel}`)}</span>
      ${customer.phone_masked && html`<span class="soft">${customer.phone_masked}</span>`}
      ${chat.value.urgent && html`<span class="tag bad">${t("urgent")}</span>`}
    </div>
    <div class="acts">
      ${holder === "queued" && html`<button class="primary" onClick=${async () => {
        if (await act("claim")) {
          view.value = "mine";
          loadList();
        }
      }}>${t("claim")}</button>`}
      ${mine() && html`<button onClick=${() => setAsking(!asking)}>${t("requeue")}</button>
        <button onClick=${() => act("end")}>${t("end")}</button>`}
    </div>
    ${asking && mine() && html`<form class="ask" onSubmit=${async (event) => {
      event.preventDefault();
      if (reason.trim() && (await act("requeue", { reason }))) setAsking(false);
    }}>
      <input aria-label=${t("requeueReason")} placeholder=${t("requeueReason")} value=${reason} onInput=${(e) => setReason(e.target.value)} />
      <button class="primary">${t("confirm")}</button>
    </form>`}
  </header>`;
}

function Message({ message }) {
  if (message.type === "notice" || message.speaker === "system")
    return html`<li class="system-line"><span>${message.type === "delivery_failed" ? `${t("why.delivery_failed")}（${message.text}）` : message.text}</span> <time>${shown(message.at)}</time></li>`;
  const who = message.speaker === "agent" ? message.agent?.name || t("agent") : t(message.speaker);
  const state = t(`delivery.${message.delivery ?? "sent"}`);
  return html`<li class=${`message ${message.speaker} ${message.type === "note" ? "note" : ""}`}>
    <div class="meta"><span>${message.type === "note" ? `${t("note")} · ${who}` : who}</span> <time>${shown(message.at)}</time></div>
    <div class="bubble">
      ${message.text && html`<p>${message.text}</p>`}
      ${message.attachments.map((item) => html`<${File} item=${item} />`)}
      ${message.pending_files > 0 && html`<p class="soft">${t(message.media_failed ? "fileLost" : "fileComing")}</p>`}
      ${message.location.label && html`<p class="soft">${t("location")}：${message.location.label}</p>`}
      ${message.buttons.length > 0 && html`<p class="buttons">${message.buttons.map((b) => html`<span>${b.title}</span>`)}</p>`}
    </div>
    ${state && message.delivery !== "sent" && html`<div class=${`meta ${message.delivery === "failed" || message.delivery === "unknown" ? "bad" : ""}`}>${state}</div>`}
  </li>`;
}

function File({ item }) {
  return item.media_type.startsWith("image/")
    ? html`<a href=${item.url} target="_blank" rel="noopener"><img src=${item.url} alt=${item.name || t("file")} loading="lazy" /></a>`
    : html`<a href=${item.url} download>${item.name || t("file")}</a>`;
}

function Foot() {
  const id = openId.value;
  const [mode, setMode] = useState("reply");
  const [text, setText] = useState(drafts.get(id) ?? "");
  const [sending, setSending] = useState(false);
  const clientId = useRef(null);
  if (!mine()) {
    const { holder, agent } = chat.value;
    const key = { bot: "readOnlyBot", ended: "readOnlyEnded", queued: "readOnlyQueued", human: "readOnlyOther" }[holder];
    return html`<footer class="foot readonly">${t(key, { name: agent?.name ?? "" })}</footer>`;
  }
  const type = (value) => {
    setText(value);
    drafts.set(id, value);
  };
  const send = async () => {
    if (!text.trim() || sending) return;
    setSending(true);
    clientId.current ??= crypto.randomUUID(); // kept until it went well: a second try is not a second message
    const went = await act(mode === "reply" ? "replies" : "notes", { text, client_id: clientId.current });
    setSending(false);
    if (went) {
      clientId.current = null;
      type("");
    }
  };
  return html`<footer class=${`foot ${mode}`}>
    <div class="modes" role="tablist">
      ${["reply", "note"].map((name) => html`<button role="tab" aria-selected=${mode === name} class=${mode === name ? "on" : ""} onClick=${() => setMode(name)}>${t(name)}</button>`)}
    </div>
    <textarea rows="3" aria-label=${t(mode)} placeholder=${t(mode === "reply" ? "replyHint" : "noteHint")} value=${text}
      onInput=${(event) => type(event.target.value)}
      onKeyDown=${(event) => {
        if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
          event.preventDefault();
          send();
        }
      }}></textarea>
    <button class="primary" disabled=${!text.trim() || sending} onClick=${send}>${t(mode === "reply" ? "send" : "saveNote")}</button>
  </footer>`;
}
