import { html } from "/static/vendor/htm.js";
import { useRef, useState } from "/static/vendor/hooks.js";
import { ask } from "./ask.js";
import { attempt, me, problem } from "./state.js";
import { t } from "./text.js";

export function SignIn() {
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [asking, setAsking] = useState(false);
  const secret = useRef(null);
  const submit = async (event) => {
    event.preventDefault();
    if (asking || !login || !password) return;
    setAsking(true);
    const went = await attempt(async () => {
      me.value = (await ask("/session", "POST", { login: login.trim(), password })).agent;
    });
    setAsking(false);
    setPassword("");
    if (!went) secret.current?.focus();
  };
  return html`<main class="sign-in"><form onSubmit=${submit}>
    <h1>${t("brand")} <span>${t("title")}</span></h1>
    <label>${t("login")}<input name="login" autocomplete="username" autofocus maxlength="64" value=${login} onInput=${(e) => setLogin(e.target.value)} /></label>
    <label>${t("password")}<input name="password" ref=${secret} type="password" autocomplete="current-password" maxlength="256" value=${password} onInput=${(e) => setPassword(e.target.value)} /></label>
    ${problem.value && html`<p class="bad" role="alert">${problem.value}</p>`}
    <button class="primary" disabled=${asking || !login || !password}>${t(asking ? "signingIn" : "signIn")}</button>
  </form></main>`;
}
