import { html } from "/static/vendor/htm.js";
import { useEffect, useState } from "/static/vendor/hooks.js";
import { ask } from "./ask.js";
import { attempt, me } from "./state.js";
import { t, wordsOf } from "./text.js";

/** Who works at the desk, what they know and how many conversations they hold at once. */
export function StaffPage() {
  const [staff, setStaff] = useState(null);
  const [failed, setFailed] = useState("");
  const [edited, setEdited] = useState(null);
  const load = () => ask("/staff").then((data) => { setStaff(data); setFailed(""); }, (error) => setFailed(error.message));
  useEffect(() => {
    load();
  }, []);
  const done = () => {
    setEdited(null);
    load();
  };
  const isAdministrator = me.value.role === "administrator";
  return html`<main class="page"><header><h2>${t("staff")}</h2>${isAdministrator && html`<button class="primary" onClick=${() => setEdited({ skills: [], capacity: 5, role: "agent" })}>${t("addStaff")}</button>`}</header>
    ${failed && html`<p class="bad" role="alert">${failed} <button class="link" onClick=${load}>${t("retry")}</button></p>`}
    ${!staff && !failed && html`<p class="hint" role="status">${t("loading")}</p>`}
    ${edited && staff && html`<${Editor} key=${edited.id ?? "new"} agent=${edited} skills=${staff.skills} onDone=${done} onCancel=${() => setEdited(null)} />`}
    ${staff && html`<div class="scroller" tabindex="0" role="region" aria-label=${t("staff")}><table class="grid"><thead><tr><th scope="col">${t("name")}</th><th scope="col">${t("login")}</th><th scope="col">${t("role")}</th><th scope="col">${t("department")}</th><th scope="col">${t("capacity")}</th><th scope="col">${t("skills")}</th><th scope="col">${t("status")}</th><th scope="col">${t("acts")}</th></tr></thead>
      <tbody>${staff.agents.map((agent) => html`<tr key=${agent.id} class=${agent.active ? "" : "off"}><td>${agent.name}</td><td>${agent.login}</td><td>${t(`roles.${agent.role}`)}</td><td>${agent.department ? t(`departments.${agent.department}`) : "—"}</td><td>${agent.capacity}</td>
        <td>${agent.skills.map((id) => staff.skills.find((one) => one.id === id)?.name ?? id).join("、") || t("allSkills")}</td><td>${t(agent.active ? "active" : "inactive")}</td>
        <td><button onClick=${() => setEdited(agent)} aria-label=${t("editOf", { name: agent.name })}>${t("edit")}</button></td></tr>`)}</tbody></table></div>`}
  </main>`;
}

function Editor({ agent, skills, onDone, onCancel }) {
  const isNew = !agent.id;
  const isAdministrator = me.value.role === "administrator";
  const [form, setForm] = useState({ login: "", password: "", name: "", department: "", active: true, ...agent });
  const set = (name) => (event) => setForm({ ...form, [name]: event.target.type === "checkbox" ? event.target.checked : event.target.value });
  const setSkill = (id) => (event) => setForm({ ...form, skills: event.target.checked ? [...form.skills, id] : form.skills.filter((one) => one !== id) });
  const submit = async (event) => {
    event.preventDefault();
    const { name, role, active, skills: known, login, password } = form;
    const department = form.department || null;
    const work = { capacity: Number(form.capacity), skills: known };
    const went = await attempt(async () => {
      if (isNew) await ask("/staff", "POST", { login, password, name, role, department, ...work });
      else if (isAdministrator) await ask(`/staff/${agent.id}`, "PUT", { name, role, department, active, ...work, ...(password && { password }) });
      else await ask(`/colleagues/${agent.id}/work`, "PUT", work);
    });
    if (went) onDone();
  };
  return html`<form class="editor" onSubmit=${submit}>
    ${isAdministrator && html`<div class="pair"><label>${t("name")}<input required maxlength="32" value=${form.name} onInput=${set("name")} /></label>
      <label>${t("login")}<input required maxlength="64" disabled=${!isNew} autocomplete="off" value=${form.login} onInput=${set("login")} /></label></div>
    <div class="pair"><label>${t("role")}<select value=${form.role} onChange=${set("role")}>${wordsOf("roles").map(([word, title]) => html`<option value=${word}>${title}</option>`)}</select></label>
      <label>${t("department")}<select value=${form.department ?? ""} onChange=${set("department")}><option value="">${t("deskItself")}</option>${wordsOf("departments").map(([word, title]) => html`<option value=${word}>${title}</option>`)}</select></label></div>
    <label>${t(isNew ? "password" : "newPassword")}<input type="password" minlength="10" maxlength="256" required=${isNew} autocomplete="new-password" placeholder=${t(isNew ? "passwordRule" : "passwordStays")} value=${form.password} onInput=${set("password")} /></label>`}
    <label>${t("capacity")}<input type="number" min="1" max="50" required value=${form.capacity} onInput=${set("capacity")} /></label>
    <fieldset><legend>${t("skills")}</legend><p class="chips">${skills.map((one) => html`<label class="check" key=${one.id}><input type="checkbox" checked=${form.skills.includes(one.id)} onChange=${setSkill(one.id)} />${one.name}</label>`)}</p></fieldset>
    ${isAdministrator && !isNew && html`<label class="check"><input type="checkbox" checked=${form.active} onChange=${set("active")} disabled=${agent.id === me.value.id} /> ${t("mayWork")}</label>`}
    <p><button class="primary">${t("save")}</button> <button type="button" onClick=${onCancel}>${t("cancel")}</button></p>
  </form>`;
}
