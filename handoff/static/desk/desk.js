import { render } from "/static/vendor/preact.js";
import { useEffect, useState } from "/static/vendor/hooks.js";
import { html } from "/static/vendor/htm.js";
import "/static/vendor/signals.js";
import { ask } from "./ask.js";
import { Chat } from "./chat.js";
import { connect, connected, disconnect } from "./connection.js";
import { List } from "./list.js";
import { attempt, close, loadList, me, openId, problem, serves, showsRecord, signedOut } from "./model.js";
import { sound, toggleSound } from "./notice.js";
import { Record } from "./record.js";
import { language, t } from "./text.js";

document.documentElement.lang = language;

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
    if (me.value) {
      connect();
      loadList();
    } else if (me.value === null) disconnect();
  }, [me.value?.id]);
  if (failed) return html`<main class="hint"><p class="bad">${t("noNetwork")}</p><p><button onClick=${start}>${t("retry")}</button></p></main>`;
  if (me.value === undefined) return html`<main class="hint" role="status">${t("loading")}</main>`;
  if (!me.value) return html`<${SignIn} />`;
  return html`<div class=${`desk ${openId.value ? "has-chat" : ""} ${showsRecord.value ? "shows-record" : ""}`}>
    <${Bar} />
    ${!connected.value && html`<div class="banner warn" role="status">${t("offline")}</div>`}
    ${problem.value && html`<div class="banner bad" role="alert">${problem.value} <button class="link" aria-label=${t("dismiss")} onClick=${() => (problem.value = "")}>✕</button></div>`}
    <div class="panes"><${List} /><${Chat} /><${Record} /></div>
  </div>`;
}

function Bar() {
  const choose = (event) =>
    attempt(async () => {
      me.value = (await ask("/presence", "PUT", { presence: event.target.value })).agent;
    });
  const signOut = () =>
    attempt(async () => {
      await ask("/session", "DELETE");
      signedOut();
    });
  return html`<header class="bar">
    <button class="back link" onClick=${close} aria-label=${t("backToList")}>‹</button>
    <h1>${t("brand")} <span>${t("title")}</span></h1>
    <div class="who">
      <button class="link" aria-pressed=${sound.value} onClick=${toggleSound}>${t(sound.value ? "soundOn" : "soundOff")}</button>
      ${serves() && html`<select class=${me.value.presence} aria-label=${t("presence")} value=${me.value.presence === "offline" ? "online" : me.value.presence} onChange=${choose}>
        ${["online", "busy", "away"].map((name) => html`<option value=${name}>${t(name)}</option>`)}
      </select>`}
      <span class="name">${me.value.name}</span>
      <button class="link" onClick=${signOut}>${t("signOut")}</button>
    </div>
  </header>`;
}

function SignIn() {
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [asking, setAsking] = useState(false);
  const submit = async (event) => {
    event.preventDefault();
    if (asking || !login || !password) return;
    setAsking(true);
    await attempt(async () => {
      me.value = (await ask("/session", "POST", { login: login.trim(), password })).agent;
    });
    setAsking(false);
    setPassword("");
  };
  return html`<main class="sign-in"><form onSubmit=${submit}>
    <h1>${t("brand")} <span>${t("title")}</span></h1>
    <label>${t("login")}<input name="login" autocomplete="username" autofocus maxlength="64" value=${login} onInput=${(e) => setLogin(e.target.value)} /></label>
    <label>${t("password")}<input name="password" type="password" autocomplete="current-password" maxlength="256" value=${password} onInput=${(e) => setPassword(e.target.value)} /></label>
    ${problem.value && html`<p class="bad" role="alert">${problem.value}</p>`}
    <button class="primary" disabled=${asking || !login || !password}>${t(asking ? "signingIn" : "signIn")}</button>
  </form></main>`;
}

render(html`<${Desk} />`, document.getElementById("desk"));
