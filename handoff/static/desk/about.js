import { html } from "/static/vendor/htm.js";
import { useState } from "/static/vendor/hooks.js";
import { ask } from "./ask.js";
import { Dialog } from "./dialog.js";
import { chat, messages, openId } from "./model.js";
import { attempt, mayLookCloser } from "./state.js";
import { t } from "./text.js";

const HIDDEN_NUMBER = /\[[^\]\s]{2,6}·尾号[^\]]{1,6}\]/g;

/** Who it is, as far as it is known, shortened; in full for a reason, and it is written down who looked. */
export function About() {
  const [asking, setAsking] = useState(false);
  const [shown, setShown] = useState([]);
  const { customer, rating } = chat.value;
  const hidden = whatIsHidden(customer);
  return html`<section class="about"><h3>${t("aboutCustomer")}</h3>
    <dl><dt>${t("name")}</dt><dd>${customer.name ?? t("visitor")}</dd>
      ${customer.phone_masked && html`<dt>${t("phone")}</dt><dd>${customer.phone_masked}</dd>`}
      <dt>${t("identity")}</dt><dd>${t(customer.signed ? "signedCustomer" : "anonymous")}</dd>
      ${rating && html`<dt>${t("rating")}</dt><dd>${rating.score ? t("stars", { n: rating.score }) : t("notRated")}${rating.comment ? ` · ${rating.comment}` : ""}</dd>`}
      ${shown.map((item) => html`<dt key=${item.label}>${item.label}</dt><dd class="clear">${item.value}</dd>`)}</dl>
    ${shown.length > 0 && html`<button onClick=${() => setShown([])}>${t("hideAgain")}</button> `}
    ${mayLookCloser(chat.value) && hidden.length > 0 && html`<button onClick=${() => setAsking(true)}>${t("unmask")}</button>`}
    ${asking && html`<${Ask} hidden=${hidden} onClose=${() => setAsking(false)} onShown=${(item) => setShown([...shown.filter((one) => one.label !== item.label), item])} />`}
  </section>`;
}

function whatIsHidden(customer) {
  const fields = [customer.name && { label: t("name"), body: { field: "name" } }, customer.phone_masked && { label: t("phone"), body: { field: "phone" } }];
  const numbers = messages.value.flatMap((item) => (item.text.match(HIDDEN_NUMBER) ?? []).map((token) => ({ label: token, body: { seq: item.seq, token } })));
  return [...fields, ...new Map(numbers.map((item) => [item.label, item])).values()].filter(Boolean);
}

function Ask({ hidden, onClose, onShown }) {
  const [reason, setReason] = useState("");
  const [at, setAt] = useState(0);
  const submit = async (event) => {
    event.preventDefault();
    if (!reason.trim()) return;
    const { label, body } = hidden[at];
    onClose();
    await attempt(async () => onShown({ label, value: (await ask(`/conversations/${openId.value}/unmask`, "POST", { ...body, reason: reason.trim() })).value }));
  };
  return html`<${Dialog} title=${t("unmask")} onClose=${onClose}><form class="ask" onSubmit=${submit}>
    <p>${t("unmaskWarning")}</p>
    <label>${t("unmaskWhat")}<select value=${at} onChange=${(event) => setAt(Number(event.target.value))}>${hidden.map((item, n) => html`<option value=${n}>${item.label}</option>`)}</select></label>
    <label>${t("reason")}<input autofocus maxlength="200" value=${reason} onInput=${(event) => setReason(event.target.value)} /></label>
    <footer><button type="button" onClick=${onClose}>${t("cancel")}</button> <button class="primary" disabled=${!reason.trim()}>${t("unmaskDo")}</button></footer></form></${Dialog}>`;
}
