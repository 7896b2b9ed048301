import { render } from "/static/vendor/preact.js";
import { useEffect, useState } from "/static/vendor/hooks.js";
import { html } from "/static/vendor/htm.js";
import "/static/vendor/signals.js";
import { ask } from "./ask.js";
import { Bar } from "./bar.js";
import { CannedPage } from "./canned_page.js";
import { Chat } from "./chat.js";
import { connect, connected, disconnect } from "./connection.js";
import { Help } from "./help.js";
import "./keys.js";
import { List } from "./list.js";
import { loadList, loadViews } from "./lists.js";
import { open, openId, showsRecord } from "./model.js";
import "./notice.js";
import { Offers, show } from "./offers.js";
import { Palette } from "./palette.js";
import { preferences } from "./preferences.js";
import { Record } from "./record.js";
import { RegisterPage } from "./register_page.js";
import { route } from "./route.js";
import { SearchPage } from "./search_page.js";
import { SettingsPage } from "./settings_page.js";
import { SignIn } from "./sign_in.js";
import { StaffPage } from "./staff_page.js";
import { Silenced, listenForLeave } from "./sound.js";
import { me, problem, told } from "./state.js";
import { SupervisorPage } from "./supervisor_page.js";
import { language, t } from "./text.js";

document.documentElement.lang = language;

const PAGES = { search: SearchPage, register: RegisterPage, supervisor: SupervisorPage, staff: StaffPage, canned: CannedPage, settings: SettingsPage };

function Desk() {
  const [failed, fail] = useState(false);
  const start = () => {
    fail(false);
    ask("/me")
      .then((data) => (me.value = data.agent))
      .catch((error) => (error.status === 401 ? (me.value = null) : fail(true)));
  };
  useEffect(start, []);
  useEffect(() => {
    if (me.value) arrive();
    else if (me.value === null) disconnect();
  }, [me.value?.id]);
  if (failed) return html`<main class="hint"><p class="bad">${t("noNetwork")}</p><p><button onClick=${start}>${t("retry")}</button></p></main>`;
  if (me.value === undefined) return html`<main class="hint" role="status">${t("loading")}</main>`;
  if (!me.value) return html`<${SignIn} />`;
  return html`<${Signed} />`;
}

/** What was open before a reload is opened again. */
function arrive() {
  connect();
  if (preferences.value.sound) listenForLeave();
  loadList();
  loadViews().catch(() => {});
  const { page, params } = route.value;
  if (page === "chats" && params.get("c")) open(params.get("c"), Number(params.get("m")) || 0);
}

function Signed() {
  const { page } = route.value;
  const Page = PAGES[page];
  return html`<div class=${`desk ${openId.value ? "has-chat" : ""} ${showsRecord.value ? "shows-record" : ""}`}>
    <${Bar} />
    <div aria-live="polite">${!connected.value && html`<p class="banner warn">${t("offline")}</p>`}</div>
    ${problem.value ? html`<div key="problem" class="banner bad" role="alert">${problem.value} <button class="link" aria-label=${t("dismiss")} onClick=${() => (problem.value = "")}>✕</button></div>` : null}
    <${Offers} />
    <div role="status">${told.value && html`<p class="banner news">${told.value.text}
      ${told.value.conversation && html` <button class="link" onClick=${() => { show(told.value.conversation); told.value = null; }}>${t("look")}</button>`}
      <button class="link" aria-label=${t("dismiss")} onClick=${() => (told.value = null)}>✕</button></p>`}</div>
    ${Page ? html`<${Page} />` : html`<div key="panes" class="panes"><${List} /><${Chat} /><${Record} /></div>`}
    <${Silenced} /><${Palette} /><${Help} />
  </div>`;
}

render(html`<${Desk} />`, document.getElementById("desk"));
