import { html } from "/static/vendor/htm.js";
import { ask } from "./ask.js";
import { isPaletteOpen, showsHelp } from "./overlays.js";
import { Icon } from "./icons.js";
import { list } from "./lists.js";
import { Menu } from "./menu.js";
import { close, openId } from "./model.js";
import { go, route } from "./route.js";
import { administers, attempt, me, serves, signedOut } from "./state.js";
import { t } from "./text.js";

const signOut = () =>
  attempt(async () => {
    await ask("/session", "DELETE");
    signedOut();
  });

const setPresence = (event) =>
  attempt(async () => {
    me.value = (await ask("/presence", "PUT", { presence: event.target.value })).agent;
  });

export function Bar() {
  const { page } = route.value;
  const isChat = page === "chats" && openId.value;
  const back = () => (page === "chats" ? close() : go("chats", openId.value ? { c: openId.value } : {}));
  const waiting = list.value.counts.waiting;
  return html`<header class="bar">
    <button class=${`icon back ${isChat || page !== "chats" ? "" : "absent"} ${page === "chats" ? "narrow-only" : ""}`} onClick=${back} aria-label=${t("backToList")} title=${t("backToList")}><${Icon} name="back" /></button>
    <h1>${t("brand")} <span>${t("title")}</span></h1>
    <nav class="pages" aria-label=${t("pages")}>
      <${PageLink} name="chats" icon="chats" current=${page} count=${page !== "chats" && waiting} />
      ${administers() && html`<${PageLink} name="supervisor" icon="chart" current=${page} />`}
    </nav>
    <button class="search-box" onClick=${() => (isPaletteOpen.value = true)} aria-label=${t("searchOrDo")}><${Icon} name="search" /><span>${t("searchOrDo")}</span><kbd>Ctrl K</kbd></button>
    <div class="who">
      ${serves() && html`<select class=${`presence ${me.value.presence}`} aria-label=${t("presence")} value=${me.value.presence === "offline" ? "online" : me.value.presence} onChange=${setPresence}>
        ${["online", "busy", "away"].map((name) => html`<option value=${name}>${t(name)}</option>`)}
      </select>`}
      <${Menu} label=${t("myMenu", { name: me.value.name })} icon="gear" items=${[
        serves() && { label: t("command.register"), act: () => go("register") },
        { label: t("settings"), act: () => go("settings") },
        { label: t("cannedReplies"), act: () => go("canned") },
        administers() && { label: t("staff"), act: () => go("staff") },
        { label: t("search"), act: () => go("search") },
        { label: t("shortcuts"), hint: "?", act: () => (showsHelp.value = true) },
        { label: `${t("signOut")}（${me.value.name}）`, act: signOut },
      ]} />
    </div>
  </header>`;
}

function PageLink({ name, icon, current, count }) {
  return html`<a href=${`#${name}`} class=${current === name ? "current" : ""} aria-label=${t(`page.${name}`)} aria-current=${current === name ? "page" : undefined}
    onClick=${(event) => { event.preventDefault(); go(name, name === "chats" && openId.value ? { c: openId.value } : {}); }}>
    <${Icon} name=${icon} /><span>${t(`page.${name}`)}</span>${count ? html`<b class="calls">${count}</b>` : null}</a>`;
}
