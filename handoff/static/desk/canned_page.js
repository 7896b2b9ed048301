import { html } from "/static/vendor/htm.js";
import { useEffect, useState } from "/static/vendor/hooks.js";
import { ask } from "./ask.js";
import { useFocus } from "./focus.js";
import { canned, loadCanned } from "./canned_menu.js";
import { administers, attempt } from "./state.js";
import { t } from "./text.js";

const BLANK = { shortcut: "", title: "", text: "", shared: false };
const VARIABLES = ["{称呼}", "{坐席}", "{工单编号}", "{答复日期}", "{今天}"];

/** Where canned replies are written: one's own by everybody, everybody's by supervisors. */
export function CannedPage() {
  const [edited, setEdited] = useState(null);
  const [failed, setFailed] = useState(false);
  const load = () => {
    setFailed(false);
    loadCanned().catch(() => setFailed(true));
  };
  useEffect(load, []);
  const groups = [
    ["ownCanned", (canned.value ?? []).filter((item) => !item.shared)],
    ["sharedCanned", (canned.value ?? []).filter((item) => item.shared)],
  ];
  const drop = async (item) => {
    await attempt(async () => {
      await ask(`/canned/${item.id}`, "DELETE");
      await loadCanned();
    });
  };
  return html`<main class="page">
    <header><h2>${t("cannedReplies")}</h2><button class="primary" onClick=${() => setEdited(BLANK)}>${t("newCanned")}</button></header>
    <p class="soft">${t("cannedHint")}</p>
    ${failed && html`<p class="bad" role="alert">${t("failed")} <button class="link" onClick=${load}>${t("retry")}</button></p>`}
    ${!canned.value && !failed && html`<p class="hint" role="status">${t("loading")}</p>`}
    ${edited && html`<${Editor} key=${edited.id ?? "new"} item=${edited} onDone=${() => setEdited(null)} />`}
    ${canned.value && groups.map(([name, items]) => html`<section key=${name}><h3>${t(name)}</h3>
      ${items.length === 0 && html`<p class="soft">${t("none")}</p>`}
      <ul class="cards">${items.map((item) => html`<li key=${item.id} class="card"><p><b>/${item.shortcut}</b> ${item.title}</p><p class="soft">${item.text}</p>
        ${item.editable && html`<p><button onClick=${() => setEdited(item)} aria-label=${t("editOf", { name: item.title })}>${t("edit")}</button> <button onClick=${() => drop(item)} aria-label=${t("removeOf", { name: item.title })}>${t("remove")}</button></p>`}</li>`)}</ul>
    </section>`)}
  </main>`;
}

function Editor({ item, onDone }) {
  const field = useFocus();
  const [form, setForm] = useState({ shortcut: item.shortcut, title: item.title, text: item.text, shared: item.shared });
  const set = (name) => (event) => setForm({ ...form, [name]: event.target.type === "checkbox" ? event.target.checked : event.target.value });
  const submit = async (event) => {
    event.preventDefault();
    const went = await attempt(async () => {
      await (item.id ? ask(`/canned/${item.id}`, "PUT", form) : ask("/canned", "POST", form));
      await loadCanned();
    });
    if (went) onDone();
  };
  return html`<form class="editor" onSubmit=${submit}>
    <div class="pair"><label>${t("shortcut")}<input ref=${field} required maxlength="20" pattern="[^\\s/]+" value=${form.shortcut} onInput=${set("shortcut")} /></label>
      <label>${t("cannedTitle")}<input required maxlength="30" value=${form.title} onInput=${set("title")} /></label></div>
    <label>${t("content")}<textarea required rows="4" maxlength="2000" value=${form.text} onInput=${set("text")}></textarea></label>
    <p class="chips" role="group" aria-label=${t("variables")}>${VARIABLES.map((name) => html`<button type="button" class="chip" key=${name} onClick=${() => setForm({ ...form, text: form.text + name })}>${name}</button>`)}</p>
    ${administers() && html`<label class="check"><input type="checkbox" checked=${form.shared} onChange=${set("shared")} /> ${t("sharedWithAll")}</label>`}
    <p><button class="primary" disabled=${!form.shortcut.trim() || !form.title.trim() || !form.text.trim()}>${t("save")}</button> <button type="button" onClick=${onDone}>${t("cancel")}</button></p>
  </form>`;
}
