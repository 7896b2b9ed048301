import { html } from "/static/vendor/htm.js";
import { useEffect, useRef, useState } from "/static/vendor/hooks.js";
import { signal } from "/static/vendor/signals.js";
import { ask } from "./ask.js";
import { Scans } from "./register_files.js";
import { ACTING, ANSWER_BY, blank, bodyOf, CHANNELS, CONFIRMERS, KINDS, ORAL, PRODUCTS, spoken, WRITTEN } from "./registering.js";
import { attempt, onSignOut } from "./state.js";
import { onDay, t } from "./text.js";

// Kept while the page is left for a moment: a caller is still on the phone.
const newOne = () => ({ form: blank(), key: crypto.randomUUID() });
const current = signal(newOne());
onSignOut(() => (current.value = newOne()));

const edit = (form) => (current.value = { form, key: crypto.randomUUID() }); // another text is another request

/** Where feedback from the counter, the hotline, paper and letters is written down. */
export function RegisterPage() {
  const [step, setStep] = useState("write"); // write, readback, filed
  const [faults, setFaults] = useState([]);
  const [filed, setFiled] = useState(null);
  const [sending, setSending] = useState(false);
  const heading = useRef(null);
  useEffect(() => heading.current?.focus(), [step]);

  const file = async (readback) => {
    if (sending) return;
    setSending(true);
    const went = await attempt(async () => {
      try {
        setFiled(await ask("/feedback", "POST", bodyOf(current.value.form, readback), {
          headers: { "Content-Type": "application/json", "Idempotency-Key": current.value.key },
        }));
      } catch (error) {
        if (error.body?.errors) setFaults(error.body.errors);
        throw error;
      }
    });
    setSending(false);
    if (went) current.value = newOne();
    setStep(went ? "filed" : "write");
  };
  const next = () => {
    setFaults([]);
    if (ORAL.has(current.value.form.channel)) setStep("readback");
    else file();
  };
  return html`<main class="page register">
    <header><h2 ref=${heading} tabindex="-1">${t(`register.title_${step}`)}</h2></header>
    ${step === "write" && html`<${Form} faults=${faults} sending=${sending} onDone=${next} />`}
    ${step === "readback" && html`<${ReadBack} sending=${sending} onBack=${() => setStep("write")} onConfirmed=${file} />`}
    ${step === "filed" && html`<${Filed} filed=${filed} onNext=${() => setStep("write")} />`}
  </main>`;
}

function Form({ faults, sending, onDone }) {
  const { form } = current.value;
  const set = (name) => (event) => edit({ ...form, [name]: event.target.type === "checkbox" ? event.target.checked : event.target.value });
  const faultOf = (name) => faults.find((fault) => fault.field.split(".").at(-1) === name)?.message;
  const label = (name, field) => html`<label>${t(`register.${name}`)}${field}${faultOf(name) && html`<span class="bad" id=${`fault-${name}`}>${faultOf(name)}</span>`}</label>`;
  const said = (name) => ({ value: form[name], onInput: set(name), ...(faultOf(name) ? { "aria-invalid": "true", "aria-describedby": `fault-${name}` } : {}) });
  const line = (name, more = {}) => label(name, html`<input maxlength="200" ...${said(name)} ...${more} />`);
  const choice = (name, words, set_, first) => label(name, html`<select value=${form[name]} onChange=${set(name)}>
    ${first && html`<option value="">${t(first)}</option>`}${words.map((word) => html`<option key=${word} value=${word}>${t(`${set_}.${word}`)}</option>`)}</select>`);
  const submit = (event) => {
    event.preventDefault();
    onDone();
  };
  return html`<form class="editor" onSubmit=${submit}>
    <fieldset><legend>${t("register.what")}</legend>
      <div class="pair">${choice("channel", CHANNELS, "channels")} ${choice("kind", KINDS, "kinds")}</div>
      <div class="pair">${choice("product", PRODUCTS, "products", "register.fromWords")}
        ${!ORAL.has(form.channel) ? line("received_at", { type: "datetime-local" }) : html`<span></span>`}</div>
      ${WRITTEN.has(form.channel) && html`${line("source", { placeholder: t(`sourceOf.${form.channel}`) })}
        <${Scans} files=${form.files} fault=${faultOf("uploads")} onChange=${(change) => edit({ ...current.value.form, files: change(current.value.form.files) })} />`}
      ${label("content", html`<textarea required rows="5" maxlength="8000" ...${said("content")}></textarea>`)}
      ${label("demand", html`<textarea rows="2" maxlength="8000" ...${said("demand")}></textarea>`)}
      <label class="check"><input type="checkbox" checked=${form.urgent} onChange=${set("urgent")} /><span>${t("register.urgent")}<small>${t("register.urgentHint")}</small></span></label>
    </fieldset>
    <fieldset><legend>${t("register.who")}</legend>
      <div class="pair">${line("name")} ${line("phone", { inputmode: "tel", maxlength: "20" })}</div>
      <div class="pair">${choice("acting", ACTING, "acting")} ${line("id_last4", { maxlength: "4", pattern: "[0-9]{3}[0-9Xx]" })}</div>
      <div class="pair">${line("email", { type: "email" })} ${choice("preferred", ANSWER_BY, "answerBy", "register.anyWay")}</div>
    </fieldset>
    <fieldset><legend>${t("register.happened")}</legend>
      <div class="pair">${line("occurred_at", { type: "datetime-local" })} ${line("occurred_place")}</div>
      <div class="pair">${line("product_name")} ${line("staff_name")}</div>
      ${line("amount_yuan", { type: "number", min: "0", step: "0.01" })}
    </fieldset>
    <p><button class="primary" disabled=${sending || !form.content.trim()}>${t(sending ? "sending" : ORAL.has(form.channel) ? "register.toReadback" : "register.file")}</button></p>
  </form>`;
}

function ReadBack({ sending, onBack, onConfirmed }) {
  const text = spoken(current.value.form);
  const { acting } = current.value.form;
  const [confirmer, setConfirmer] = useState(CONFIRMERS.includes(acting) ? acting : "customer");
  const [isConfirmed, setConfirmed] = useState(false);
  const submit = (event) => {
    event.preventDefault();
    if (isConfirmed) onConfirmed({ confirmed_by: confirmer, at: new Date().toISOString(), text });
  };
  return html`<form class="editor" onSubmit=${submit}>
    <p>${t("register.readAloud")}</p>
    <blockquote class="aloud">${text}</blockquote>
    <label>${t("register.confirmer")}<select value=${confirmer} onChange=${(event) => setConfirmer(event.target.value)}>${CONFIRMERS.map((who) => html`<option key=${who} value=${who}>${t(`confirmers.${who}`)}</option>`)}</select></label>
    <label class="check"><input type="checkbox" checked=${isConfirmed} onChange=${(event) => setConfirmed(event.target.checked)} /><span>${t("register.confirmed")}<small>${t("register.confirmedHint")}</small></span></label>
    <p><button class="primary" disabled=${sending || !isConfirmed}>${t(sending ? "sending" : "register.file")}</button> <button type="button" onClick=${onBack}>${t("register.change")}</button></p>
  </form>`;
}

function Filed({ filed, onNext }) {
  return html`<section class="editor filed">
    <p class="number">${filed.ticket_no}</p>
    <p>${t("register.tell")}</p>
    <blockquote class="aloud">${filed.message}</blockquote>
    ${filed.reply_due && html`<p class="soft">${t("dueBy", { due: onDay(filed.reply_due) })}</p>`}
    ${filed.warnings?.map((warning) => html`<p key=${warning.code} class="bad">${warning.message}</p>`)}
    ${filed.missing.length > 0 && html`<p class="soft">${t("register.missing", { fields: filed.missing.map((name) => t(`missingFields.${name}`)).join("、") })}</p>`}
    <p><button class="primary" onClick=${onNext}>${t("register.another")}</button></p>
  </section>`;
}
