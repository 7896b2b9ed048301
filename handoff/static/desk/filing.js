import { html } from "/static/vendor/htm.js";
import { useState } from "/static/vendor/hooks.js";
import { ask } from "./ask.js";
import { useFocus } from "./focus.js";
import { loadList } from "./lists.js";
import { chat, openId, readOn, refreshChat } from "./model.js";
import { attempt, me } from "./state.js";
import { forInput, fromInput, t } from "./text.js";

const KINDS = ["complaint", "suggestion", "praise", "enquiry", "other"];
const PRODUCTS = ["account_deposit", "debit_card", "credit_card", "loan", "wealth_fund", "mobile_app", "payment_transfer", "branch_service", "hotline", "atm_selfservice", "fees", "security_fraud", "other"];
// The fields of the record that an agent may put right, in the order in which one would ask for them.
const FIELDS = ["occurred_at", "place", "branch", "machine", "amount_yuan", "card_tail", "product_name", "staff_name", "person_praised", "app_function"];
const ALWAYS = ["occurred_at", "place", "amount_yuan"];

/** Files the draft, or any other matter, as a ticket; or writes down why not. */
export function Filing() {
  const [mode, setMode] = useState(null); // file, decline
  const { draft } = chat.value;
  const done = async (path, body) => {
    const id = openId.value;
    const went = await attempt(async () => {
      try {
        await ask(`/conversations/${id}/${path}`, "POST", body);
      } catch (error) {
        const named = error.fields?.map((name) => t(`slots.${name.split(".").at(-1)}`)).join("、");
        throw named ? Object.assign(error, { message: t("wrongFields", { fields: named }) }) : error;
      } finally {
        if (openId.value === id) await Promise.all([refreshChat(), readOn()]).catch(() => {});
        loadList();
      }
    });
    if (went) setMode(null);
  };
  if (mode === "file") return html`<${Form} done=${done} cancel=${() => setMode(null)} />`;
  if (mode === "decline") return html`<${Decline} done=${done} cancel=${() => setMode(null)} />`;
  return html`<section class="filing"><button class="primary" onClick=${() => setMode("file")}>${t(draft ? "openDraft" : "openForm")}</button>
    ${draft && html` <button onClick=${() => setMode("decline")}>${t("noTicket")}</button>`}</section>`;
}

function Decline({ done, cancel }) {
  const [reason, setReason] = useState("");
  return html`<section class="filing"><form onSubmit=${(event) => { event.preventDefault(); if (reason.trim()) done("decline", { reason }); }}>
    <label>${t("noTicketReason")}<input ref=${useFocus()} maxlength="500" value=${reason} onInput=${(e) => setReason(e.target.value)} /></label>
    <p><button class="primary" disabled=${!reason.trim()}>${t("confirm")}</button> <button type="button" onClick=${cancel}>${t("cancel")}</button></p>
  </form></section>`;
}

function blank() {
  const { draft, brief, urgent } = chat.value;
  const record = draft?.record ?? {};
  const understood = brief.understood;
  const guess = understood?.kind === "urgent_report" ? "complaint" : understood?.kind;
  return {
    kind: draft?.kind ?? (KINDS.includes(guess) ? guess : "complaint"),
    product: draft?.product ?? understood?.product ?? "other",
    priority: draft?.urgent || urgent ? "urgent" : "normal",
    content: record.problem ?? brief.summary.join("\n"),
    demand: record.demand ?? "",
    phone: "",
    client_id: crypto.randomUUID(), // the form, sent twice, is one ticket
    record: Object.fromEntries(FIELDS.map((name) => [name, name === "occurred_at" ? forInput(record[name]) : String(record[name] ?? "")])),
  };
}

function Form({ done, cancel }) {
  const [form, setForm] = useState(blank);
  const [sending, setSending] = useState(false);
  const { draft, customer } = chat.value;
  const missing = new Set(draft?.missing ?? []);
  const phone = draft?.contact_phone_masked ?? customer.phone_masked;
  const set = (name) => (event) => setForm({ ...form, [name]: event.target.value });
  const setField = (name) => (event) => setForm({ ...form, record: { ...form.record, [name]: event.target.value } });
  const fields = FIELDS.filter((name) => ALWAYS.includes(name) || missing.has(name) || draft?.record[name]);
  const submit = async (event) => {
    event.preventDefault();
    if (sending) return;
    setSending(true);
    // Fields that are not shown are not told: what the draft holds of them stays.
    const record = Object.fromEntries(fields.map((name) => [name, form.record[name]]));
    if ("occurred_at" in record) record.occurred_at = fromInput(record.occurred_at);
    if ("amount_yuan" in record) record.amount_yuan = record.amount_yuan === "" ? null : Number(record.amount_yuan);
    await done("ticket", { ...form, record });
    setSending(false);
  };
  const mark = (name) => missing.has(name) && html` <span class="tag warn">${t("missing")}</span>`;
  const first = useFocus();
  const select = (name, values, prefix, ref) => html`<label>${t(name)}<select ref=${ref} value=${form[name]} onChange=${set(name)}>${values.map((v) => html`<option value=${v}>${t(`${prefix}.${v}`)}</option>`)}</select></label>`;
  const priorities = me.value.role === "supervisor" ? ["normal", "urgent", "major"] : ["normal", "urgent"];
  return html`<section class="filing"><h3>${t("openForm")}</h3><form onSubmit=${submit}>
    <div class="pair">${select("kind", KINDS, "kinds", first)} ${select("priority", priorities, "priorities")}</div>
    ${select("product", PRODUCTS, "products")}
    <label>${t("content")}${mark("problem")}<textarea rows="4" required maxlength="8000" value=${form.content} onInput=${set("content")}></textarea></label>
    <label>${t("demand")}${mark("demand")}<input maxlength="2000" value=${form.demand} onInput=${set("demand")} /></label>
    ${fields.map((name) => html`<label key=${name}>${t(`slots.${name}`)}${mark(name)}<input maxlength="100" ...${INPUTS[name]} value=${form.record[name]} onInput=${setField(name)} /></label>`)}
    <label>${t("phone")}${!phone && mark("phone")}<input inputmode="tel" maxlength="20" value=${form.phone} placeholder=${phone ? t("phoneKnown", { phone }) : ""} onInput=${set("phone")} /></label>
    <p><button class="primary" disabled=${sending || !form.content.trim()}>${t(sending ? "sending" : "fileTicket")}</button> <button type="button" onClick=${cancel}>${t("cancel")}</button></p>
  </form></section>`;
}

const INPUTS = {
  occurred_at: { type: "datetime-local" },
  amount_yuan: { type: "number", min: "0", step: "0.01" },
  card_tail: { inputmode: "numeric", pattern: "[0-9]{4}", maxlength: "4" },
};
