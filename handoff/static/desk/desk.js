import { render } from "/static/vendor/preact.js";
import { useEffect, useState } from "/static/vendor/hooks.js";
import { html } from "/static/vendor/htm.js";
import "/static/vendor/signals.js";
import { Chat } from "./chat.js";
import { List } from "./list.js";
import { ask, attempt, connect, connected, disconnect, loadList, me, openId, problem } from "./model.js";
import { Record } from "./record.js";
import { t } from "./text.js";

function Desk() {
  useEffect(() => {
    ask("/me")
      .then((data) => (me.value = data.agent))
      .catch(() => (me.value = null));
  }, []);
  useEffect(() => {
    if (me.value) {
      connect();
      loadList();
    }
  }, [me.value?.id]);
  if (me.value === undefined) return html`<p class="hint">${t("loading")}</p>`;
  if (!me.value) return html`<${SignIn} />`;
  return html`<div class=${`desk ${openId.value ? "has-chat" : ""}`}>
    <${Bar} />
    ${!connected.value && html`<div class="banner warn" role="status">${t("offline")}</div>`}
    ${problem.value && html`<div class="banner bad" role="alert">${problem.value} <button class="link" onClick=${() => (problem.value = "")}>×</button></div>`}
    <div class="panes"><${List} /><${Chat} /><${Record} /></div>
  </div>`;
}

function Bar() {
  const choose = (event) => attempt(async () => (me.value = (await ask("/presence", "PUT", { presence: event.target.value })).agent));
  return html`<header class="bar">
    <button class="back link" onClick=${() => (openId.value = null)} aria-label=${t("all")}>‹</button>
    <h1>${t("brand")} <span>${t("title")}</span></h1>
    <div class="who">
      <select aria-label=${t("presence")} value=${me.value.presence === "offline" ? "online" : me.value.presence} onChange=${choose}>
        ${["online", "busy", "away"].map((name) => html`<option value=${name}>${t(name)}</option>`)}
      </select>
      <span>${me.value.name}</span>
      <button class="link" onClick=${() => attempt(async () => { await ask("/session", "DELETE"); disconnect(); })}>${t("signOut")}</button>
    </div>
  </header>`;
}

function SignIn() {
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const submit = async (event) => {
    event.preventDefault();
    await attempt(async () => (me.value = (await ask("/session", "POST", { login, password })).agent));
  };
  return html`<main class="sign-in"><form onSubmit=${submit}>
    <h1>${t("brand")} <span>${t("title")}</span></h1>
    <label>${t("login")}<input name="login" autocomplete="username" autofocus value=${login} onInput=${(e) => setLogin(e.target.value)} /></label>
    <label>${t("password")}<input name="password" type="password" autocomplete="current-password" value=${password} onInput=${(e) => setPassword(e.target.value)} /></label>
    ${problem.value && html`<p class="bad" role="alert">${problem.value}</p>`}
    <button class="primary">${t("signIn")}</button>
  </form></main>`;
}

const title = document.title;
window.addEventListener("desk-new-waiting", () => {
  if (document.hidden) document.title = `● ${t("newWaiting")}`;
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) document.title = title;
});

render(html`<${Desk} />`, document.getElementById("desk"));
