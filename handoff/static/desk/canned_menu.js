import { html } from "/static/vendor/htm.js";
import { signal } from "/static/vendor/signals.js";
import { useEffect, useLayoutEffect, useState } from "/static/vendor/hooks.js";
import { ask } from "./ask.js";
import { chat } from "./model.js";
import { me, onSignOut } from "./state.js";
import { onDay, t } from "./text.js";

export const canned = signal(null);
onSignOut(() => (canned.value = null));

export async function loadCanned() {
  canned.value = (await ask("/canned")).items;
}

const GAP = /\{([^{}\n]{1,12})\}/g;

/** What the desk knows for the gaps of a canned reply; what it does not know stays open. */
export function filledIn(text) {
  const { customer, tickets } = chat.value;
  const ticket = tickets[0];
  const surname = customer.name?.replace(/\*.*$/, "");
  const known = {
    称呼: surname ? t("dear", { name: surname }) : t("dearCustomer"),
    坐席: me.value.name,
    工单编号: ticket?.no,
    答复日期: ticket?.due_at && onDay(ticket.due_at),
    今天: onDay(new Date().toISOString()),
  };
  return text.replace(GAP, (whole, name) => known[name] || whole);
}

export const gapsIn = (text) => text.match(GAP) ?? [];

const fits = (item, query) => [item.shortcut, item.title, item.text].some((words) => words.toLowerCase().includes(query.toLowerCase()));
const rank = (item, query) => (item.shortcut.startsWith(query) ? 0 : item.title.includes(query) ? 1 : 2);

/** Canned replies to choose from; the field keeps the focus, and what is typed after "/" narrows them down. */
export function CannedMenu({ field, query, onChoose, onClose }) {
  // The place belongs to what was typed: an effect that set it back would come too late for whoever types fast.
  const [place, setPlace] = useState({ query, at: 0 });
  const at = place.query === query ? place.at : 0;
  const [failed, setFailed] = useState(false);
  const found = (canned.value ?? []).filter((item) => fits(item, query)).sort((a, b) => rank(a, query) - rank(b, query));
  const load = () => {
    setFailed(false);
    loadCanned().catch(() => setFailed(true));
  };
  useEffect(load, []);
  useLayoutEffect(() => {
    const input = field.current;
    const press = (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (event.isComposing) return;
      if (step && found.length) setPlace({ query, at: (at + step + found.length) % found.length });
      else if (event.key === "Enter" || event.key === "Tab") found[at] && onChoose(found[at].text); // what is still loading is not sent as it stands
      else if (event.key === "Escape") onClose();
      else return;
      event.preventDefault();
    };
    input.addEventListener("keydown", press);
    input.setAttribute("aria-controls", "canned");
    input.setAttribute("aria-activedescendant", found[at] ? `canned-${at}` : "");
    document.getElementById(`canned-${at}`)?.scrollIntoView({ block: "nearest" });
    return () => {
      input.removeEventListener("keydown", press);
      input.removeAttribute("aria-activedescendant");
      input.removeAttribute("aria-controls");
    };
  }, [at, found.length, query]);
  return html`<div class="canned-menu">
    ${failed && html`<p class="bad" role="alert">${t("failed")} <button type="button" class="link" onClick=${load}>${t("retry")}</button></p>`}
    ${canned.value && found.length === 0 && html`<p class="soft" role="status">${t("noCanned")}</p>`}
    <ul role="listbox" tabindex="0" id="canned" aria-label=${t("cannedReplies")}>${found.map(
      (item, n) => html`<li role="option" id=${`canned-${n}`} key=${item.id} aria-selected=${n === at} onMouseDown=${(event) => { event.preventDefault(); onChoose(item.text); }}>
        <b>/${item.shortcut}</b> <span>${item.title}</span><small>${item.text}</small></li>`,
    )}</ul>
  </div>`;
}
