import { html } from "/static/vendor/htm.js";
import { useState } from "/static/vendor/hooks.js";
import { ask, attempt, chat, loadList, loadMessages, me, open, openId, refreshChat } from "./model.js";
import { onDay, shown, t } from "./text.js";

const KINDS = ["complaint", "suggestion", "praise", "enquiry", "other"];
const PRODUCTS = ["account_deposit", "debit_card", "credit_card", "loan", "wealth_fund", "mobile_app", "payment_transfer", "branch_service", "hotline", "atm_selfservice", "fees", "security_fraud", "other"];
const HIDDEN = new Set(["problem", "demand", "occurred_at_precision", "escalation_signs", "co_departments"]);

export function Record() {
  if (!chat.value) return html`<aside class="record"></aside>`;
  const { brief, draft, tickets, earlier, holder, agent } = chat.value;
  const u = brief.understood;
  const canFile = holder === "human" && agent?.id === me.value.id;
  return html`<aside class="record" aria-label=${t("record")}>
    ${brief.reasons.length > 0 && html`<section><h3>${t("reasons")}</h3><p>${brief.reasons.map((r) => t(`why.${r}`)).join("、")}</p></section>`}
    ${u && html`<section><h3>${t("understood")}</h3>
      <p><span class="tag">${t(`kinds.${u.kind}`)}</span> <span class="tag">${t(`products.${u.product}`)}</span> <span class=${`tag ${u.emotion === "calm" ? "" : "warn"}`}>${t(`emotions.${u.emotion}`)}</span>
      ${u.urgent_reasons.map((r) => html` <span class="tag bad">${t(`why.${r}`)}</span>`)}
      ${u.escalation_signs.map((s) => html` <span class="tag warn">${t(`signs.${s}`)}</span>`)}</p></section>`}
    ${brief.summary.length > 0 && html`<section><h3>${t("summary")}</h3><ol>${brief.summary.map((line) => html`<li>${line}</li>`)}</ol></section>`}
    ${(draft || canFile) && html`<${Filing} key=${openId.value} draft=${draft} canFile=${canFile} />`}
    <section><h3>${t("tickets")}</h3>
      ${tickets.length === 0 && html`<p class="soft">${t("none")}</p>`}
      <ul>${tickets.map((item) => html`<li class="ticket"><b>${item.no}</b> <span class="tag">${item.state_text}</span>
        <p>${t(`kinds.${item.kind}`)} · ${item.department_name}</p><p class="soft">${item.content}</p>
        ${item.due_at && html`<p class="soft">${t("dueBy", { due: onDay(item.due_at) })}</p>`}</li>`)}</ul></section>
    <section><h3>${t("earlier")}</h3>
      ${earlier.length === 0 && html`<p class="soft">${t("none")}</p>`}
      <ul>${earlier.map((item) => html`<li><button class="link" onClick=${() => open(item.id)}>${shown(item.created_at)} ${item.preview}</button></li>`)}</ul></section>
  </aside>`;
}

function Filing({ draft, canFile }) {
  const record = draft?.record ?? {};
  const understood = chat.value.brief.understood;
  const guess = understood?.kind === "urgent_report" ? "complaint" : understood?.kind;
  const [shownForm, show] = useState(false);
  const [declining, setDeclining] = useState(false);
  const [reason, setReason] = useState("");
  const [form, setForm] = useState({
    kind: draft?.kind ?? (KINDS.includes(guess) ? guess : "complaint"),
    product: draft?.product ?? understood?.product ?? "other",
    priority: draft?.urgent || chat.value.urgent ? "urgent" : "normal",
    content: record.problem ?? chat.value.brief.summary.join("\n"),
    demand: record.demand ?? "",
    phone: "",
  });
  const set = (name) => (event) => setForm({ ...form, [name]: event.target.value });
  const done = async (path, body) => {
    const id = openId.value;
    const went = await attempt(async () => {
      await ask(`/conversations/${id}/${path}`, "POST", body);
      await Promise.all([refreshChat(id), loadMessages(id), loadList()]);
    });
    if (went) {
      show(false);
      setDeclining(false);
    }
  };
  const known = draft?.contact_phone_masked ?? chat.value.customer.phone_masked;
  const select = (name, values, prefix) => html`<label>${t(name)}<select value=${form[name]} onChange=${set(name)}>${values.map((v) => html`<option value=${v}>${t(prefix ? `${prefix}.${v}` : v)}</option>`)}</select></label>`;
  return html`<section class="filing"><h3>${t(draft ? "draft" : "openForm")}</h3>
    ${draft && html`<dl>${Object.entries(record).filter(([name]) => !HIDDEN.has(name)).map(([name, value]) => html`<dt>${t(`slots.${name}`)}</dt><dd>${name === "occurred_at" && !isNaN(Date.parse(value)) ? shown(value) : String(value)}</dd>`)}
      ${known && html`<dt>${t("phone")}</dt><dd>${known}</dd>`}</dl>`}
    ${draft?.missing.length > 0 && html`<p class="warn-line">${t("missing", { fields: draft.missing.map((m) => t(`slots.${m}`)).join("、") })}</p>`}
    ${draft && !canFile && html`<p class="soft">${record.problem}</p>`}
    ${canFile && !shownForm && html`<p><button class="primary" onClick=${() => show(true)}>${t("openForm")}</button>
      ${draft && html` <button onClick=${() => setDeclining(!declining)}>${t("noTicket")}</button>`}</p>`}
    ${canFile && declining && html`<form class="ask" onSubmit=${(e) => { e.preventDefault(); reason.trim() && done("decline", { reason }); }}>
      <input aria-label=${t("noTicketReason")} placeholder=${t("noTicketReason")} value=${reason} onInput=${(e) => setReason(e.target.value)} /><button class="primary">${t("confirm")}</button></form>`}
    ${canFile && shownForm && html`<form onSubmit=${(e) => { e.preventDefault(); done("ticket", form); }}>
      ${select("kind", KINDS, "kinds")} ${select("product", PRODUCTS, "products")}
      <label>${t("priority")}<select value=${form.priority} onChange=${set("priority")}><option value="normal">${t("normal")}</option><option value="urgent">${t("urgentP")}</option></select></label>
      <label>${t("content")}<textarea rows="4" required value=${form.content} onInput=${set("content")}></textarea></label>
      <label>${t("demand")}<input value=${form.demand} onInput=${set("demand")} /></label>
      <label>${t("phone")}<input inputmode="tel" value=${form.phone} placeholder=${known ? t("phoneKnown", { phone: known }) : ""} onInput=${set("phone")} /></label>
      <p><button class="primary">${t("fileTicket")}</button> <button type="button" onClick=${() => show(false)}>${t("cancel")}</button></p>
    </form>`}
  </section>`;
}
