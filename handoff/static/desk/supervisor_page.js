import { html } from "/static/vendor/htm.js";
import { useEffect, useState } from "/static/vendor/hooks.js";
import { ask } from "./ask.js";
import { BranchCodes } from "./branch_codes.js";
import { openFound } from "./found.js";
import { list } from "./lists.js";
import { now } from "./state.js";
import { duration, since, t } from "./text.js";

const LATE_S = 120; // what domain rules call a late pick-up of a normal matter

/** Who waits, who works, and for how long; every line opens the conversation, where a supervisor may step in. */
export function SupervisorPage() {
  const [seen, setSeen] = useState(null);
  const [failed, setFailed] = useState("");
  const load = async () => {
    try {
      const [waiting, held, figures, staff] = await Promise.all([ask("/conversations?view=waiting&limit=200"), ask("/conversations?view=all&limit=500"), ask("/supervision"), ask("/colleagues")]);
      setSeen({ waiting: waiting.items, counts: waiting.counts, held: held.items.filter((item) => item.holder === "human"), today: figures.today, longest: figures.waiting.longest_s, readAt: Date.now(), agents: figures.agents.filter((one) => one.role !== "administrator"), skills: staff.skills });
      setFailed("");
    } catch (error) {
      setFailed(error.message);
    }
  };
  // The list is read anew with every news: these figures follow it.
  useEffect(() => {
    load();
  }, [list.value]);
  if (failed && !seen) return html`<main class="page"><p class="bad" role="alert">${failed} <button class="link" onClick=${load}>${t("retry")}</button></p></main>`;
  if (!seen) return html`<main class="page"><p class="hint" role="status">${t("loading")}</p></main>`;
  const longest = seen.waiting.length ? Math.max(seen.longest ?? 0, ...seen.waiting.map((item) => (now.value - Date.parse(item.waiting_since)) / 1000)) : 0;
  const { served, average_pick_up_s: pickUp, satisfaction } = seen.today;
  const there = seen.agents.filter((one) => one.on_duty);
  const room = there.filter((one) => one.presence === "online").reduce((sum, one) => sum + Math.max(0, one.capacity - one.load), 0);
  const figures = [
    ["waitingNow", seen.counts.waiting ?? seen.waiting.length, seen.waiting.length > room],
    ["longestWait", duration(longest), longest > LATE_S],
    ["servedNow", seen.held.length, false],
    ["onDuty", `${there.length} / ${seen.agents.length}`, there.length === 0],
    ["roomLeft", room, room === 0],
    ["servedToday", served, false],
    ["pickUpToday", pickUp === null || pickUp === undefined ? "—" : duration(pickUp), pickUp > LATE_S],
    ["satisfaction", satisfaction?.answered ? `${satisfaction.average.toFixed(1)} / 5` : "—", false],
  ];
  return html`<main class="page">
    <header><h2>${t("supervisorTitle")}</h2></header>
    ${failed && html`<p class="bad" role="alert">${failed}</p>`}
    <dl class="figures">${figures.map(([name, value, isBad]) => html`<div key=${name} class=${isBad ? "late" : ""}><dt>${t(name)}</dt><dd>${value}</dd></div>`)}</dl>
    <section><h3>${t("whoWaits")}</h3><${Waiting} items=${seen.waiting} /></section>
    <section><h3>${t("whoWorks")}</h3><${Working} agents=${seen.agents} held=${seen.held} skills=${seen.skills} /></section>
    <${BranchCodes} />
  </main>`;
}

function Waiting({ items }) {
  if (items.length === 0) return html`<p class="soft">${t("empty.waiting")}</p>`;
  return html`<div class="scroller" tabindex="0" role="region" aria-label=${t("whoWaits")}><table class="grid"><thead><tr><th scope="col">${t("customer")}</th><th scope="col">${t("waitTime")}</th><th scope="col">${t("priority")}</th><th scope="col">${t("reasons")}</th><th scope="col">${t("skill")}</th><th scope="col">${t("said")}</th></tr></thead>
    <tbody>${items.map((item) => html`<tr key=${item.id}>
      <td><button class="link" onClick=${() => openFound(item.id)}>${item.customer_name || t("visitor")}</button> <span class="tag channel">${t(`channels.${item.channel}`)}</span></td>
      <td class=${now.value - Date.parse(item.waiting_since) > LATE_S * 1000 ? "late" : ""}>${since(item.waiting_since, now.value)}</td>
      <td><span class=${`tag ${item.priority === "normal" ? "plain" : "bad"}`}>${t(`priorities.${item.priority}`)}</span></td>
      <td>${t(item.returned ? `returned.${item.returned}` : `why.${item.reason}`)}</td><td>${item.skill ?? "—"}</td><td class="said">${item.preview}</td></tr>`)}</tbody></table></div>`;
}

function Working({ agents, held, skills }) {
  const rank = { online: 0, busy: 1, away: 2, offline: 3 };
  const sorted = [...agents].sort((a, b) => Number(b.on_duty) - Number(a.on_duty) || rank[a.presence] - rank[b.presence] || a.name.localeCompare(b.name, "zh"));
  return html`<div class="scroller" tabindex="0" role="region" aria-label=${t("whoWorks")}><table class="grid"><thead><tr><th scope="col">${t("agent")}</th><th scope="col">${t("presence")}</th><th scope="col">${t("load")}</th><th scope="col">${t("skills")}</th><th scope="col">${t("servedToday")}</th><th scope="col">${t("handling")}</th><th scope="col">${t("serving")}</th></tr></thead>
    <tbody>${sorted.map((agent) => {
      const theirs = held.filter((item) => item.agent?.id === agent.id);
      return html`<tr key=${agent.id}><td>${agent.name}</td><td><i class=${`light ${agent.on_duty ? agent.presence : "offline"}`}></i>${t(agent.on_duty ? agent.presence : "notThere")}</td>
        <td><meter min="0" max=${agent.capacity} high=${Math.max(agent.capacity - 1, 1)} value=${agent.load} aria-label=${t("loadOf", { n: agent.load, capacity: agent.capacity })}></meter> ${agent.load}/${agent.capacity}</td>
        <td>${agent.skills.map((id) => skills.find((one) => one.id === id)?.name ?? id).join("、") || t("allSkills")}</td>
        <td>${agent.served_today ?? 0}</td><td>${agent.average_handling_s ? duration(agent.average_handling_s) : "—"}</td>
        <td>${theirs.length === 0 ? "—" : theirs.map((item) => html`<button class="link held" key=${item.id} onClick=${() => openFound(item.id)}>${item.customer_name || t("visitor")} · ${since(item.updated_at, now.value)}</button>`)}</td></tr>`;
    })}</tbody></table></div>`;
}
