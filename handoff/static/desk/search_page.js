import { html } from "/static/vendor/htm.js";
import { useEffect, useRef, useState } from "/static/vendor/hooks.js";
import { ask } from "./ask.js";
import { countOf, hitsOf } from "./found.js";
import { useFocus } from "./focus.js";
import { go, route } from "./route.js";
import { onDay, t } from "./text.js";
import { TicketFile } from "./ticket_file.js";

const SCOPES = ["all", "messages", "tickets", "customers"];
const DAYS = [7, 30, 90, 365, 3650];

/** Everything that was said, filed and known, by the words in it. */
export function SearchPage() {
  const { params } = route.value;
  const [words, scope, days, ticket] = [params.get("q") ?? "", params.get("in") ?? "all", params.get("days") ?? "90", params.get("t")];
  const [typed, setTyped] = useState(words);
  const [found, setFound] = useState(null);
  const [failed, setFailed] = useState("");
  const turn = useRef(0);
  const field = useFocus();
  const look = async (before = "") => {
    const mine = (turn.current += 1);
    if (!words) return setFound(null);
    setFailed("");
    if (!before) setFound(undefined);
    try {
      const query = new URLSearchParams({ q: words, in: before ? "messages" : scope, days, ...(before && { before }) });
      const data = await ask(`/search?${query}`);
      if (mine !== turn.current) return;
      const joined = before ? { ...found, messages: { ...data.messages, items: [...found.messages.items, ...data.messages.items], count: found.messages.count } } : data;
      setFound(joined);
    } catch (error) {
      if (mine !== turn.current) return;
      setFound(null);
      setFailed(error.message);
    }
  };
  useEffect(() => {
    setTyped(words);
    look();
  }, [words, scope, days]);
  const submit = (event) => {
    event.preventDefault();
    go("search", { q: typed.trim(), in: scope, days });
  };
  return html`<main class="page search-page">
    <header><h2>${t("search")}</h2></header>
    <form role="search" onSubmit=${submit}>
      <input type="search" ref=${field} aria-label=${t("searchWhat")} placeholder=${t("searchWhat")} maxlength="64" value=${typed} onInput=${(event) => setTyped(event.target.value)} />
      <select aria-label=${t("time")} value=${days} onChange=${(event) => go("search", { q: typed.trim(), in: scope, days: event.target.value })}>
        ${DAYS.map((n) => html`<option value=${n}>${t(n > 365 ? "anyTime" : "lastDays", { n })}</option>`)}</select>
      <button class="primary" disabled=${!typed.trim()}>${t("search")}</button>
    </form>
    <div class="chips" role="group" aria-label=${t("searchIn")}>${SCOPES.map((name) => html`<button class="chip" key=${name} aria-pressed=${scope === name} onClick=${() => go("search", { q: typed.trim(), in: name, days })}>${t(`scope.${name}`)}</button>`)}</div>
    ${ticket && html`<${TicketFile} key=${ticket} number=${ticket} />`}
    ${failed && html`<p class="bad" role="alert">${failed}</p>`}
    ${found === undefined && html`<p class="hint" role="status">${t("searching")}</p>`}
    ${!words && html`<p class="hint">${t("searchHint")}</p>`}
    ${found && html`<${Results} found=${found} onMore=${() => look(found.messages.next)} />`}
  </main>`;
}

function Results({ found, onMore }) {
  const hits = hitsOf(found);
  return html`<div aria-live="polite">
    ${hits.length === 0 && html`<p class="hint">${t("nothingFound", { day: onDay(found.since) })}</p>`}
    ${["customers", "tickets", "messages"].map((kind) => {
      const mine = hits.filter((hit) => hit.kind === kind);
      return mine.length > 0 && html`<section key=${kind}><h3>${t(`scope.${kind}`)} <small class="soft">${t("foundCount", { n: countOf(found[kind]) })}</small></h3>
        <ul class="hits">${mine.map((hit) => html`<li key=${hit.key}><button onClick=${hit.act}>${hit.line}</button></li>`)}</ul></section>`;
    })}
    ${found.messages?.more && html`<p class="hint"><button onClick=${onMore}>${t("moreOlder")}</button></p>`}
  </div>`;
}
