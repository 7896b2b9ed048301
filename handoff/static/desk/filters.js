import { html } from "/static/vendor/htm.js";
import { useState } from "/static/vendor/hooks.js";
import { ask } from "./ask.js";
import { useFocus } from "./focus.js";
import { Icon } from "./icons.js";
import { chosen, filters, loadViews, narrow, savedViews } from "./lists.js";
import { attempt } from "./state.js";
import { t, wordsOf } from "./text.js";

const CHANNELS = ["wechat_official", "wechat_mini", "wechat_kf", "in_app", "api"];
const DAYS = [1, 7, 30, 90];
const only = (set, names) => wordsOf(set).filter(([name]) => names.includes(name));
const FIELDS = [
  ["channel", () => only("channels", CHANNELS)],
  ["kind", () => wordsOf("kinds")],
  ["product", () => wordsOf("products")],
  ["priority", () => wordsOf("priorities")],
  ["department", () => wordsOf("departments")],
  ["emotion", () => wordsOf("emotions")],
  ["days", () => DAYS.map((n) => [String(n), t("lastDays", { n })])],
];
const nameOf = (field, value) => FIELDS.find(([name]) => name === field)?.[1]().find(([word]) => word === String(value))?.[1] ?? value;

/** What the list is narrowed to, and where that is changed. */
export function Narrowing() {
  const [isOpen, setOpen] = useState(false);
  const active = Object.entries(filters.value).filter(([name]) => name !== "view");
  return html`<div class="narrowing">
    <div class="chips">
      <button class="chip" aria-expanded=${isOpen} onClick=${() => setOpen(!isOpen)}><${Icon} name="filter" />${t("filter")}</button>
      <button class="chip" aria-pressed=${Boolean(filters.value.unread)} onClick=${() => narrow({ unread: filters.value.unread ? "" : "1" })}>${t("unreadOnly")}</button>
      <button class="chip" aria-pressed=${chosen.value !== null} onClick=${() => (chosen.value = chosen.value ? null : new Set())}>${t("several")}</button>
      ${active.filter(([name]) => name !== "unread").map(([name, value]) => html`<button class="chip on" key=${name} aria-label=${t("dropFilter", { name: nameOf(name, value) })} onClick=${() => narrow({ [name]: "" })}>${nameOf(name, value)} ✕</button>`)}
      ${active.length > 0 && html`<${SaveView} />`}
    </div>
    ${isOpen && html`<${Fields} onClose=${() => setOpen(false)} />`}
  </div>`;
}

function Fields({ onClose }) {
  return html`<div class="filter-fields" role="group" aria-label=${t("filter")} onKeyDown=${(event) => event.key === "Escape" && onClose()}>
    ${FIELDS.map(([name, words]) => html`<label key=${name}>${t(name === "days" ? "time" : name)}
      <select value=${filters.value[name] ?? ""} onChange=${(event) => narrow({ [name]: event.target.value })}>
        <option value="">${t("any")}</option>${words().map(([word, title]) => html`<option value=${word}>${title}</option>`)}
      </select></label>`)}
    <label>${t("tag")}<input maxlength="20" value=${filters.value.tag ?? ""} onChange=${(event) => narrow({ tag: event.target.value.trim() })} /></label>
    <p><button onClick=${onClose}>${t("done")}</button></p>
  </div>`;
}

function SaveView() {
  const [name, setName] = useState(null);
  const save = async (event) => {
    event.preventDefault();
    const { days, unread, ...rest } = filters.value;
    const body = { name, filters: { ...rest, ...(days && { days: Number(days) }), ...(unread && { unread: true }) } };
    if (!name.trim()) return;
    const went = await attempt(async () => {
      await ask("/views", "POST", body);
      await loadViews();
    });
    if (went) setName(null);
  };
  if (name === null) return html`<button class="chip" onClick=${() => setName("")}>${t("saveView")}</button>`;
  return html`<form class="chip-form" onSubmit=${save}>
    <${NameField} name=${name} setName=${setName} />
    <button class="primary" disabled=${!name.trim()}>${t("save")}</button>
  </form>`;
}

function NameField({ name, setName }) {
  return html`<input ref=${useFocus()} aria-label=${t("viewName")} placeholder=${t("viewName")} maxlength="30" value=${name} onInput=${(event) => setName(event.target.value)} onKeyDown=${(event) => event.key === "Escape" && setName(null)} />`;
}

const isShown = (wanted) => JSON.stringify(Object.entries(toQuery(wanted)).sort()) === JSON.stringify(Object.entries(filters.value).sort());
const toQuery = (wanted) => Object.fromEntries(Object.entries(wanted).map(([name, value]) => [name, value === true ? "1" : String(value)]));

/** The views that somebody saved: one press, and the list is theirs again. */
export function SavedViews() {
  if (savedViews.value.length === 0) return null;
  const drop = (item) =>
    attempt(async () => {
      await ask(`/views/${item.id}`, "DELETE");
      await loadViews();
    });
  const choose = (wanted) => {
    filters.value = {};
    narrow(toQuery(wanted));
  };
  return html`<div class="chips saved" role="group" aria-label=${t("savedViews")}>
    ${savedViews.value.map((item) => html`<span class="chip-pair" key=${item.id}>
      <button class="chip" aria-pressed=${isShown(item.filters)} onClick=${() => choose(item.filters)}>${item.name}</button>
      ${isShown(item.filters) && html`<button class="chip drop" aria-label=${t("dropView", { name: item.name })} title=${t("dropView", { name: item.name })} onClick=${() => drop(item)}>✕</button>`}
    </span>`)}
  </div>`;
}
