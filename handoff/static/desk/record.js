import { html } from "/static/vendor/htm.js";
import { useState } from "/static/vendor/hooks.js";
import { About } from "./about.js";
import { ask } from "./ask.js";
import { Filing } from "./filing.js";
import { chat, goal, mine, open, openId, showsRecord } from "./model.js";
import { attempt } from "./state.js";
import { Tags } from "./tags.js";
import { bytes, fieldText, onDay, shown, t } from "./text.js";
import { History } from "./ticket_file.js";

const HIDDEN = new Set(["problem", "occurred_at_precision", "escalation_signs", "co_departments"]);

/** What is known beside the conversation itself. */
export function Record() {
  if (!chat.value) return html`<aside class="record" aria-label=${t("record")}></aside>`;
  const { brief, draft, tickets, earlier } = chat.value;
  return html`<aside class="record" aria-label=${t("record")}>
    <button class="hide-record link" onClick=${() => (showsRecord.value = false)}>‹ ${t("backToChat")}</button>
    ${brief.reasons.length > 0 && html`<section><h3>${t("reasons")}</h3><p>${brief.reasons.map((r) => t(`why.${r}`)).join("、")}</p></section>`}
    ${brief.understood && html`<${Understood} understood=${brief.understood} />`}
    ${brief.heard?.length > 0 && html`<section><h3>${t("heard")}</h3><ul class="quotes">${brief.heard.map((item) => html`<li key=${item.rule}><button class="link" onClick=${() => (goal.value = item.seq)}>“${item.text}”</button> <span class="soft">${whyHeard(item.rule)}</span></li>`)}</ul></section>`}
    ${brief.matters?.length > 0 && html`<section><h3>${t("matters")}</h3><ul class="quotes">${brief.matters.map((matter) => html`<li>${matter.text}<br /><span class="tag">${t(`kinds.${matter.kind}`)}</span> <span class="tag">${t(`products.${matter.product}`)}</span>${matter.urgent && html` <span class="tag bad">${t("urgent")}</span>`}</li>`)}</ul></section>`}
    ${brief.summary.length > 0 && html`<section><h3>${t("summary")}</h3><ol class="quotes">${brief.summary.map((line) => html`<li>${line}</li>`)}</ol></section>`}
    ${draft && html`<${Draft} draft=${draft} />`}
    ${mine() && html`<${Filing} key=${openId.value} />`}
    <${About} key=${`about-${openId.value}`} />
    ${chat.value.files.length > 0 && html`<section><h3>${t("files")}</h3><ul>${chat.value.files.map((item) => html`<li key=${item.url}><button class="link" onClick=${() => (goal.value = item.seq)}>${item.name || t("file")}</button> <span class="soft">${item.size ? bytes(item.size) : ""}</span></li>`)}</ul></section>`}
    <section><h3>${t("tickets")}</h3>
      ${tickets.length === 0 ? html`<p class="soft">${t("none")}</p>` : html`<ul>${tickets.map((item) => html`<${Ticket} key=${item.no} item=${item} />`)}</ul>`}</section>
    <section><h3>${t("earlier")}</h3>
      ${earlier.length === 0 ? html`<p class="soft">${t("none")}</p>` : html`<ul>${earlier.map((item) => html`<${Earlier} key=${item.id} item=${item} />`)}</ul>`}</section>
    <${Tags} key=${`tags-${openId.value}`} />
  </aside>`;
}

/** What a rule such as `sign.lawyer` made of the words that it heard. */
function whyHeard(rule) {
  const [kind, word] = rule.split(".");
  return t(`${{ urgent: "why", sign: "signs", emotion: "emotions" }[kind] ?? kind}.${word}`);
}

function Understood({ understood: u }) {
  return html`<section><h3>${t("understood")}</h3><p class="tags">
    <span class="tag">${t(`kinds.${u.kind}`)}</span> <span class="tag">${t(`products.${u.product}`)}</span>
    <span class=${`tag ${u.emotion === "calm" ? "" : "warn"}`}>${t(`emotions.${u.emotion}`)}</span>
    ${u.urgent_reasons.map((reason) => html` <span class="tag bad">${t(`why.${reason}`)}</span>`)}
    ${u.escalation_signs.map((sign) => html` <span class="tag warn">${t(`signs.${sign}`)}</span>`)}
  </p></section>`;
}

function Draft({ draft }) {
  const known = Object.entries(draft.record).filter(([name, value]) => !HIDDEN.has(name) && value !== "" && value !== null);
  const phone = draft.contact_phone_masked ?? chat.value.customer.phone_masked;
  const missing = draft.missing.filter((name) => !(name === "phone" && phone));
  return html`<section><h3>${t("draft")}</h3>
    <p class="tags"><span class="tag">${t(`kinds.${draft.kind}`)}</span> <span class="tag">${t(`products.${draft.product}`)}</span> ${draft.urgent && html`<span class="tag bad">${t("urgent")}</span>`}</p>
    ${draft.record.problem && html`<p class="problem">${draft.record.problem}</p>`}
    <dl>
      ${known.map(([name, value]) => html`<dt>${t(`slots.${name}`)}</dt><dd>${fieldText(name, value)}</dd>`)}
      ${phone && html`<dt>${t("slots.phone")}</dt><dd>${phone}</dd>`}
      ${missing.map((name) => html`<dt>${t(`slots.${name}`)}</dt><dd><span class="tag warn">${t("missing")}</span></dd>`)}
    </dl></section>`;
}

function Ticket({ item }) {
  const [file, setFile] = useState(null);
  const toggle = () => (file ? setFile(null) : attempt(async () => setFile(await ask(`/tickets/${item.no}`))));
  return html`<li class="ticket">
    <button class="link number" aria-expanded=${Boolean(file)} onClick=${toggle}>${item.no}</button>
     <span class=${`tag ${item.state === "pending" ? "warn" : ""}`}>${item.state_text}</span>
    ${item.priority !== "normal" && html` <span class="tag bad">${t(`priorities.${item.priority}`)}</span>`}
    <p>${t(`kinds.${item.kind}`)} · ${t(`products.${item.product}`)} · ${item.department_name}</p>
    <p class="soft">${item.content}</p>
    ${item.due_at && html`<p class="soft">${t("dueBy", { due: onDay(item.due_at) })}</p>`}
    ${file && html`<${History} lines=${file.history} />`}
  </li>`;
}

function Earlier({ item }) {
  return html`<li class="earlier"><button class="link" onClick=${() => open(item.id)}>
    <span class="soft">${shown(item.created_at)} · ${t(`channels.${item.channel}`)}${item.ticket_no ? ` · ${item.ticket_no}` : ""}</span><br />${item.preview || t("noText")}
  </button></li>`;
}
