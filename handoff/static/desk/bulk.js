import { html } from "/static/vendor/htm.js";
import { useState } from "/static/vendor/hooks.js";
import { ask } from "./ask.js";
import { Dialog } from "./dialog.js";
import { chosen, list, loadList } from "./lists.js";
import { attempt, problem } from "./state.js";
import { t } from "./text.js";

const MOST = 100; // as the service takes them
const ACTIONS = ["tag", "requeue", "end"];

/** Several conversations at once: what is done is done, and what could not be is told with its reason. */
export function Bulk() {
  const [asking, setAsking] = useState(null);
  if (chosen.value === null) return null;
  const ids = [...chosen.value].slice(0, MOST);
  const all = () => (chosen.value = new Set((list.value.items ?? []).slice(0, MOST).map((item) => item.id)));
  const run = async (action, more) => {
    setAsking(null);
    const went = await attempt(async () => {
      const { results } = await ask("/conversations/bulk", "POST", { ids, action, ...more });
      const refused = Object.values(results).filter((one) => !one.done);
      if (refused.length > 0) problem.value = t("bulkRefused", { done: ids.length - refused.length, n: refused.length, why: [...new Set(refused.map((one) => one.detail))].join(" ") });
    });
    if (went) chosen.value = null;
    loadList();
  };
  return html`<div class="bulk" role="group" aria-label=${t("several")}>
    <span role="status">${t("chosen", { n: ids.length })}</span>
    <button class="chip" onClick=${all}>${t("chooseAll")}</button>
    ${ACTIONS.map((name) => html`<button class="chip" key=${name} disabled=${ids.length === 0} onClick=${() => setAsking(name)}>${t(`bulk.${name}`)}</button>`)}
    <button class="chip" onClick=${() => (chosen.value = null)}>${t("cancel")}</button>
    ${asking && html`<${Ask} key=${asking} action=${asking} n=${ids.length} onClose=${() => setAsking(null)} onRun=${run} />`}
  </div>`;
}

function Ask({ action, n, onClose, onRun }) {
  const [word, setWord] = useState("");
  const needs = { tag: "newTag", requeue: "requeueReason" }[action];
  const submit = (event) => {
    event.preventDefault();
    const said = action === "tag" ? word.replace(/\s+/g, "") : word.trim();
    if (needs && !said) return;
    onRun(action, needs ? { [action === "tag" ? "tag" : "reason"]: said } : {});
  };
  return html`<${Dialog} title=${t(`bulk.${action}`)} onClose=${onClose}><form class="ask" onSubmit=${submit}>
    <p>${t("bulkSure", { n })}</p>
    ${needs && html`<label>${t(needs)}<input autofocus maxlength=${action === "tag" ? 20 : 500} value=${word} onInput=${(event) => setWord(event.target.value)} /></label>`}
    <footer><button type="button" onClick=${onClose}>${t("cancel")}</button> <button class="primary" autofocus=${!needs} disabled=${Boolean(needs) && !word.trim()}>${t("confirm")}</button></footer>
  </form></${Dialog}>`;
}
