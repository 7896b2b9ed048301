import { html } from "/static/vendor/htm.js";
import { useState } from "/static/vendor/hooks.js";
import { ask } from "./ask.js";
import { Dialog } from "./dialog.js";
import { chosen, list, loadList } from "./lists.js";
import { open } from "./model.js";
import { attempt, me, supervises } from "./state.js";
import { Targets } from "./targets.js";
import { t } from "./text.js";

const MOST = 100; // as the service takes them
const NEEDS = { tag: "newTag", requeue: "requeueReason", transfer: "transferReason", assign: "assignReason" };

/** Several conversations at once: asked for once, and then told of each what became of it. */
export function Bulk() {
  const [asking, setAsking] = useState(null);
  const [results, setResults] = useState(null);
  if (chosen.value === null) return results && html`<${Results} results=${results} onClose=${() => setResults(null)} />`;
  const ids = [...chosen.value].slice(0, MOST);
  const all = () => (chosen.value = new Set((list.value.items ?? []).slice(0, MOST).map((item) => item.id)));
  const actions = ["tag", "requeue", "transfer", supervises() && "assign", "end"].filter(Boolean);
  const run = async (action, more) => {
    setAsking(null);
    const rows = ids.map((id) => list.value.items?.find((item) => item.id === id) ?? { id });
    const went = await attempt(async () => {
      const { results: of } = await ask("/conversations/bulk", "POST", { ids, action, ...more });
      setResults({ action, rows: rows.map((item) => ({ item, ...of[item.id] })) });
    });
    if (went) chosen.value = null;
    loadList();
  };
  return html`<div class="bulk" role="group" aria-label=${t("several")}>
    <span role="status">${t("chosen", { n: ids.length })}</span>
    <button class="chip" onClick=${all}>${t("chooseAll")}</button>
    ${actions.map((name) => html`<button class="chip" key=${name} disabled=${ids.length === 0} onClick=${() => setAsking(name)}>${t(`bulk.${name}`)}</button>`)}
    <button class="chip" onClick=${() => (chosen.value = null)}>${t("cancel")}</button>
    ${asking && html`<${Ask} key=${asking} action=${asking} n=${ids.length} onClose=${() => setAsking(null)} onRun=${run} />`}
  </div>`;
}

function Ask({ action, n, onClose, onRun }) {
  const [word, setWord] = useState("");
  const [target, setTarget] = useState({ value: "", name: "" });
  const needs = NEEDS[action];
  const passes = action === "transfer" || action === "assign";
  const said = action === "tag" ? word.replace(/\s+/g, "") : word.trim();
  const isWhole = (!needs || said) && (!passes || target.value);
  const submit = (event) => {
    event.preventDefault();
    if (!isWhole) return;
    const [kind, id] = target.value.split(":");
    onRun(action, { ...(needs && { [action === "tag" ? "tag" : "reason"]: said }), ...(passes && { [kind]: id }) });
  };
  return html`<${Dialog} title=${t(`bulk.${action}`)} onClose=${onClose}><form class="ask" onSubmit=${submit}>
    ${passes && html`<${Targets} chosen=${target.value} onChoose=${(value, name) => setTarget({ value, name })} but=${action === "transfer" ? me.value.id : null} room=${n} skills=${action === "transfer"} />`}
    ${needs && html`<label>${t(needs)}<input autofocus=${!passes} maxlength=${action === "tag" ? 20 : 500} value=${word} onInput=${(event) => setWord(event.target.value)} /></label>`}
    <p>${target.value ? t("bulkSureTo", { n, name: target.name }) : t("bulkSure", { n })}</p>
    <footer><button type="button" onClick=${onClose}>${t("cancel")}</button> <button class="primary" autofocus=${!needs} disabled=${!isWhole}>${t("confirm")}</button></footer>
  </form></${Dialog}>`;
}

/** What became of each: those that were refused first, with the reason, and a way to each of them. */
function Results({ results: { action, rows }, onClose }) {
  const refused = rows.filter((row) => !row.done);
  const show = (id) => {
    onClose();
    open(id);
  };
  return html`<${Dialog} title=${t(`bulk.${action}`)} kind="results" onClose=${onClose}>
    <p role="status">${refused.length > 0 ? t("bulkDone", { done: rows.length - refused.length, n: refused.length }) : t("bulkAllDone", { n: rows.length })}</p>
    <ul class="results">${[...refused, ...rows.filter((row) => row.done)].map(
      ({ item, done, detail }) => html`<li key=${item.id}><span class=${`tag ${done ? "plain" : "bad"}`}>${t(done ? "rowDone" : "rowRefused")}</span>
        <button class="link" onClick=${() => show(item.id)}>${item.customer_name || t("visitor")}</button> <span class="soft">${item.preview}</span>
        ${!done && html`<p class="bad">${detail}</p>`}</li>`,
    )}</ul>
    <footer class="ask"><button class="primary" autofocus onClick=${onClose}>${t("done")}</button></footer>
  </${Dialog}>`;
}
