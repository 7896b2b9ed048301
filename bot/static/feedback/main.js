// The hosted form: fill in, check what was written, keep the number.
import { useEffect, useRef, useState } from "/static/vendor/hooks.js";
import { html } from "/static/vendor/htm.js";
import { h, render } from "/static/vendor/preact.js";
import { signal } from "/static/vendor/signals.js";
import { addFiles, again, branch, change, filed, files, filesAreReady, missing, open, removeFile, send, start, startFailed, values } from "./feedback.js";
import { otherLanguage } from "/static/language.js";
import { grow, isLarge } from "/static/large.js";
import { isElsewhere } from "/static/zone.js";
import { fill, texts } from "./texts.js";

const isChecking = signal(false);
document.documentElement.lang = texts.locale;
document.title = texts.title;

// Kinds and products are named by the service in Chinese, and by this page in its other languages.
const nameOf = (group, value) => texts[group]?.[value] ?? start.value[group][value];
const named = (group) => Object.fromEntries(Object.keys(start.value[group]).map((value) => [value, nameOf(group, value)]));

const problem = signal(null); // what keeps the form from being sent: a text, and the field that it is about
const Bad = ({ name }) => html`<p class="bad" role="alert">${problem.value?.name === name ? problem.value?.text : null}</p>`;

const Field = ({ name, label, hint, area, ...rest }) => html`
  <div class="field">
    <label for=${name}>${label}</label>
    ${hint && html`<p class="hint" id=${`${name}-hint`}>${hint}</p>`}
    ${h(area ? "textarea" : "input", { id: name, value: values.value[name], "aria-describedby": hint && `${name}-hint`, onInput: (event) => change(name, event.target.value), ...rest })}
    <${Bad} name=${name} />
  </div>`;

function Choice({ name, label, options }) {
  return html`
    <fieldset>
      <legend>${label}</legend>
      <div class="options">
        ${Object.entries(options).map(([value, text]) => html`
          <label key=${value}><input type="radio" name=${name} value=${value} checked=${values.value[name] === value} onChange=${() => change(name, value)} /><span>${text}</span></label>`)}
      </div>
      <${Bad} name=${name} />
    </fieldset>`;
}

function Files() {
  const picker = useRef(null);
  const [problem, setProblem] = useState(null);
  const take = (event) => {
    setProblem(addFiles(event.target.files));
    event.target.value = "";
  };
  return html`
    <section class="field" aria-labelledby="files-label">
      <p id="files-label" class="label">${texts.files}</p>
      <ul class="files">
        ${files.value.map((item, n) => html`
          <li key=${item.id}>
            ${item.preview && !item.error ? html`<img src=${item.preview} alt="" />` : html`<span class="film" aria-hidden="true">${item.error ? "!" : "▶"}</span>`}
            <span>${item.error ? html`<span class="bad" role="alert">${item.error}</span>` : item.upload ? item.name : fill(texts.uploading, { percent: Math.round(item.progress * 100) })}</span>
            <button type="button" class="quiet" aria-label=${fill(texts.removeFile, { name: item.name || fill(texts.fileNo, { n: n + 1 }) })} onClick=${() => removeFile(item.id)}>×</button>
          </li>`)}
      </ul>
      <button type="button" class="second" onClick=${() => picker.current.click()}>${texts.addFile}</button>
      <input ref=${picker} type="file" accept="image/jpeg,image/png,image/webp,video/mp4,video/webm" multiple hidden tabindex="-1" aria-label=${texts.files} onChange=${take} />
      <p class="bad" role="alert">${problem}</p>
    </section>`;
}

function Form() {
  const { limits } = start.value;
  const { kind } = values.value;
  const next = (event) => {
    event.preventDefault();
    const lacking = missing();
    problem.value = lacking ? { name: lacking, text: texts.missing[lacking] } : filesAreReady() ? null : { text: texts.waitForFiles };
    if (lacking) document.querySelector(`#${lacking}, [name="${lacking}"]`)?.focus();
    else if (filesAreReady()) isChecking.value = true;
  };
  return html`
    <form onSubmit=${next} novalidate>
      ${branch.value && html`
        <p class="branch"><span>${texts.atBranch}<b>${branch.value}</b></span>
          <button type="button" class="quiet" onClick=${() => (branch.value = "")}>${texts.notThisBranch}</button></p>`}
      <${Choice} name="kind" label=${texts.kind} options=${named("kinds")} />
      <div class="field">
        <label for="product">${texts.product}</label>
        <select id="product" value=${values.value.product} onChange=${(event) => change("product", event.target.value)}>
          <option value="">${texts.productAny}</option>
          ${Object.entries(named("products")).map(([value, text]) => html`<option key=${value} value=${value}>${text}</option>`)}
        </select>
      </div>
      <${Field} name="content" label=${texts.content} hint=${texts.contentHint[kind] ?? texts.contentHint.complaint} area rows="5" maxlength=${limits.text_chars} />
      ${(kind === "complaint" || kind === "") && html`
        <${Field} name="demand" label=${texts.demand} maxlength="1000" />
        <${Field} name="when" label=${texts.when} hint=${isElsewhere && texts.bankTime} type="datetime-local" />`}
      ${!branch.value && kind !== "enquiry" && html`<${Field} name="place" label=${texts.place} maxlength="200" />`}
      <${Files} />
      <${Field} name="name" label=${texts.name} autocomplete="name" maxlength="60" />
      <${Field} name="phone" label=${texts.phone} type="tel" autocomplete="tel" maxlength="20" />
      <${Choice} name="preferred" label=${texts.preferred} options=${texts.preferredBy} />
      <${Bad} />
      <button class="main">${texts.next}</button>
    </form>`;
}

function checked() {
  const v = values.value;
  const rows = [
    ["kind", nameOf("kinds", v.kind)],
    ["product", v.product && nameOf("products", v.product)],
    ["branch", branch.value],
    ["content", v.content.trim()],
    ["demand", v.demand.trim()],
    ["place", branch.value ? "" : v.place.trim()],
    ["when", v.when.replace("T", " ")],
    ["files", files.value.some((item) => item.upload) && fill(texts.fileCount, { n: files.value.filter((item) => item.upload).length })],
    ["name", v.name.trim()],
    ["phone", v.phone.trim()],
    ["preferred", v.preferred && texts.preferredBy[v.preferred]],
  ];
  return rows.filter(([, value]) => value);
}

function Check() {
  const head = useRef(null);
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => head.current.focus(), []);
  const rows = checked();
  const confirm = async () => {
    setBusy(true);
    setProblem(await send(rows.map(([name, value]) => `${texts.check[name]}: ${value}`).join("\n")));
    setBusy(false);
    if (filed.value) isChecking.value = false;
  };
  return html`
    <section>
      <h2 tabindex="-1" ref=${head}>${texts.checkTitle}</h2>
      <dl>${rows.map(([name, value]) => html`<div key=${name}><dt>${texts.check[name]}</dt><dd>${value}</dd></div>`)}</dl>
      <p class="bad" role="alert">${problem}</p>
      <div class="row">
        <button type="button" class="second" onClick=${() => (isChecking.value = false)}>${texts.back}</button>
        <button type="button" class="main" disabled=${busy} onClick=${confirm}>${busy ? texts.sending : texts.confirm}</button>
      </div>
    </section>`;
}

function Done() {
  const head = useRef(null);
  const [copied, setCopied] = useState(false);
  useEffect(() => head.current.focus(), []);
  const { ticket_no, message, status_url, warnings } = filed.value;
  const copy = () => navigator.clipboard?.writeText(ticket_no).then(() => setCopied(true), () => {});
  return html`
    <section class="done">
      <h2 tabindex="-1" ref=${head}>${texts.doneTitle}</h2>
      <p class="number"><small>${texts.number}</small><b>${ticket_no}</b></p>
      <p>${message}</p>
      ${warnings?.map((warning) => html`<p key=${warning.code} class="bad" role="alert">${warning.message}</p>`)}
      <div class="row">
        ${navigator.clipboard && html`<button type="button" class="second" onClick=${copy}>${copied ? texts.copied : texts.copy}</button>`}
        ${status_url && html`<a class="main" href=${status_url + (texts.locale === "en" ? "?locale=en" : "")}>${texts.progress}</a>`}
      </div>
      <button type="button" class="quiet" onClick=${again}>${texts.another}</button>
    </section>`;
}

function Page() {
  const body = !start.value
    ? html`<p role="status" class="hint">${startFailed.value ? texts.openFailed : texts.loading}</p>${startFailed.value && html`<button class="main" onClick=${open}>${texts.again}</button>`}`
    : filed.value
      ? html`<${Done} />`
      : isChecking.value
        ? html`<${Check} />`
        : html`<${Form} />`;
  return html`
    <main>
      <header>
        <h1>${texts.title}</h1>
        <p>${texts.intro}</p>
        <div class="switches">
          <a class="larger" href=${otherLanguage()} lang=${texts.other.lang} hreflang=${texts.other.lang}>${texts.other.name}</a>
          <button type="button" class="larger" aria-pressed=${String(isLarge.value)} onClick=${() => grow(!isLarge.value)}>${texts.large}</button>
        </div>
      </header>
      ${body}
    </main>`;
}

render(h(Page), document.body);
open();
