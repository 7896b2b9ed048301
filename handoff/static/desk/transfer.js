import { html } from "/static/vendor/htm.js";
import { useEffect, useState } from "/static/vendor/hooks.js";
import { act } from "./acts.js";
import { ask } from "./ask.js";
import { Dialog } from "./dialog.js";
import { chat } from "./model.js";
import { t } from "./text.js";

/** To a colleague who is there, or to whoever knows a subject; with a reason that they will read. */
export function Transfer({ onClose }) {
  const [staff, setStaff] = useState(null);
  const [failed, setFailed] = useState("");
  const [target, setTarget] = useState("");
  const [reason, setReason] = useState("");
  const load = () => {
    setFailed("");
    ask("/colleagues").then(setStaff, (error) => setFailed(error.message));
  };
  useEffect(load, []);
  const submit = async (event) => {
    event.preventDefault();
    if (!target || !reason.trim()) return;
    const [kind, id] = target.split(":");
    onClose();
    await act("transfer", { [kind]: id, reason: reason.trim() });
  };
  const others = staff?.agents.filter((agent) => agent.id !== chat.value.agent?.id && agent.role !== "administrator") ?? [];
  const choice = (value, title, more, disabled = false) => html`<label class=${`choice ${disabled ? "off" : ""}`} key=${value}>
    <input type="radio" name="target" value=${value} checked=${target === value} disabled=${disabled} onChange=${() => setTarget(value)} />
    <span>${title}</span><small>${more}</small></label>`;
  return html`<${Dialog} title=${t("transfer")} onClose=${onClose}><form class="ask" onSubmit=${submit}>
    ${failed && html`<p class="bad" role="alert">${failed} <button type="button" class="link" onClick=${load}>${t("retry")}</button></p>`}
    ${!staff && !failed && html`<p role="status">${t("loading")}</p>`}
    ${staff && html`<fieldset><legend>${t("toColleague")}</legend>
      ${others.length === 0 && html`<p class="soft">${t("nobodyElse")}</p>`}
      ${others.map((agent) => choice(`agent:${agent.id}`, agent.name, stateOf(agent, staff.skills), !agent.on_duty || agent.load >= agent.capacity))}</fieldset>
    <fieldset><legend>${t("toSkill")}</legend>${staff.skills.map((skill) => choice(`skill:${skill.id}`, skill.name, ""))}</fieldset>`}
    <label>${t("transferReason")}<input maxlength="500" value=${reason} onInput=${(e) => setReason(e.target.value)} /></label>
    <footer><button type="button" onClick=${onClose}>${t("cancel")}</button> <button class="primary" disabled=${!target || !reason.trim()}>${t("transfer")}</button></footer>
  </form></${Dialog}>`;
}

function stateOf(agent, skills) {
  const known = agent.skills.map((id) => skills.find((skill) => skill.id === id)?.name ?? id).join("、");
  const load = t("loadOf", { n: agent.load, capacity: agent.capacity });
  return [t(agent.on_duty ? agent.presence : "notThere"), load, known].filter(Boolean).join(" · ");
}
