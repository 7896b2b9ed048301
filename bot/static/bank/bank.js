// A bank's page of our own making, to see the chat where it belongs. Served by the demo alone.
import { html } from "/static/vendor/htm.js";
import { render } from "/static/vendor/preact.js";
import { signal } from "/static/vendor/signals.js";
import texts from "./texts.zh-CN.js";

window.huiyin = window.huiyin || ((...command) => (window.huiyin.q = window.huiyin.q || []).push(command));
const SIGNED_IN = "bank.signed-in";
const customer = signal(null);
document.title = texts.title;

async function signIn() {
  const response = await fetch("/widget/demo-login");
  const { token, name } = await response.json();
  customer.value = name;
  sessionStorage.setItem(SIGNED_IN, "1");
  window.huiyin("setUser", { token });
}

function signOut() {
  customer.value = null;
  sessionStorage.removeItem(SIGNED_IN);
  window.huiyin("reset");
}

window.addEventListener("huiyin:login-over", () => customer.value && signIn());

function Page() {
  const name = customer.value;
  return html`
    <header>
      <div class="bar"><strong>${texts.title}</strong>
        <button type="button" class="plain" onClick=${name ? signOut : signIn}>${name ? texts.signOut : texts.signIn}</button>
      </div>
      <div class="hero">
        <div>
          <h1>${name ? texts.greeting.signed.replace("{name}", name) : texts.greeting.guest}</h1>
          <p>${name ? texts.signedHint : texts.guestHint}</p>
        </div>
        <dl><dt>${texts.balanceLabel}</dt><dd class=${name ? "" : "hidden"}>${name ? texts.balance : texts.balanceHidden}</dd></dl>
      </div>
    </header>
    <main>
      <section aria-labelledby="services">
        <h2 id="services">${texts.services}</h2>
        <ul class="services">${texts.items.map((item) => html`<li key=${item}><span aria-hidden="true">${item[0]}</span>${item}</li>`)}</ul>
      </section>
      <section class="help">
        <div><h2>${texts.help.title}</h2><p>${texts.help.text}</p></div>
        <button type="button" onClick=${() => window.huiyin("open")}>${texts.help.chat}</button>
      </section>
      <section aria-labelledby="places">
        <h2 id="places">${texts.places.title}</h2>
        <div class="places">
          <a href="/desk/" target="_blank"><b>${texts.places.desk.title}</b><span>${texts.places.desk.text}</span></a>
          <a href="/simulator/" target="_blank"><b>${texts.places.simulator.title}</b><span>${texts.places.simulator.text}</span></a>
        </div>
      </section>
    </main>
    <footer><p>${texts.demo}</p></footer>`;
}

render(html`<${Page} />`, document.body);
if (sessionStorage.getItem(SIGNED_IN)) signIn();
