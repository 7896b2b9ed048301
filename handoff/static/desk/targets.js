// Whom a conversation may go to: a colleague who is there and has room, or whoever knows a subject.
import { html } from "/static/vendor/htm.js";
import { useEffect, useRef, useState } from "/static/vendor/hooks.js";
import { ask } from "./ask.js";
import { t } from "./text.js";

/** A choice of one: *chosen* and what *onChoose* gets are `agent:<id>` or `skill:<id>`. *but* is left out, *room* is how much is needed. */
export function Targets({ chosen, onChoose, but = null, room = 1, skills = true }) {
  const [staff, setStaff] = useState(null);
  const [failed, setFailed] = useState("");
  const box = useRef(null);
  const load = () => {
    setFailed("");
    ask("/colleagues").then(setStaff, (error) => setFailed(error.message));
  };
  useEffect(load, []);
  useEffect(() => {
    if (staff) box.current?.querySelector("input:enabled")?.focus();
  }, [staff]);
  if (failed) return html`<p class="bad" role="alert">${failed} <button type="button" class="link" onClick=${load}>${t("retry")}</button></p>`;
  if (!staff) return html`<p role="status">${t("loading")}</p>`;
  const others = staff.agents.filter((agent) => agent.id !== but && agent.role !== "administrator");
  const choice = (value, title, more, disabled = false) => html`<label class=${`choice ${disabled ? "off" : ""}`} key=${value}>
    <input type="radio" name="target" value=${value} checked=${chosen === value} disabled=${disabled} onChange=${() => onChoose(value, title)} />
    <span>${title}</span><small>${more}</small></label>`;
  return html`<div ref=${box}><fieldset><legend>${t("toColleague")}</legend>
      ${others.length === 0 && html`<p class="soft">${t("nobodyElse")}</p>`}
      ${others.map((agent) => choice(`agent:${agent.id}`, agent.name, stateOf(agent, staff.skills, room), !agent.on_duty || agent.load >= agent.capacity))}</fieldset>
    ${skills && html`<fieldset><legend>${t("toSkill")}</legend>${staff.skills.map((skill) => choice(`skill:${skill.id}`, skill.name, ""))}</fieldset>`}</div>`;
}

function stateOf(agent, skills, room) {
  const known = agent.skills.map((id) => skills.find((skill) => skill.id === id)?.name ?? id).join("、");
  const free = agent.capacity - agent.load;
  const short = agent.on_duty && free > 0 && free < room && t("roomFor", { n: free });
  return [t(agent.on_duty ? agent.presence : "notThere"), t("loadOf", { n: agent.load, capacity: agent.capacity }), short, known].filter(Boolean).join(" · ");
}
