// The simulator page: a phone with the bank's account open, and beside it what this is and what to try.
import { useState } from "/static/vendor/hooks.js";
import { html } from "/static/vendor/htm.js";
import { render } from "/static/vendor/preact.js";
import "/static/vendor/signals.js";
import { Composer } from "./composer.js";
import { act, becomeSomebodyElse, connect, state } from "./connection.js";
import { Log } from "./log.js";
import { t } from "./texts.zh-CN.js";

function Page() {
  const [picture, setPicture] = useState("");
  const [problem, tell] = useState("");
  const status = { connecting: t.connecting, lost: t.reconnecting }[state.value] ?? problem;
  return html`
    <aside class="about" aria-label=${t.title}>
      <h1>${t.title}</h1>
      <p>${t.about}</p>
      <h2>${t.tryHeading}</h2>
      <ul>
        ${t.samples.map(
          (text) => html`
            <li key=${text}>
              <button aria-label=${t.sampleLabel(text)} onClick=${() => tell(act({ kind: "text", text }) ? "" : t.notConnected)}>${text}</button>
            </li>
          `,
        )}
      </ul>
      <button class="other" title=${t.newUserHint} onClick=${becomeSomebodyElse}>${t.newUser}</button>
    </aside>
    <main class="phone" aria-label=${t.account}>
      <header>
        <span class="name">${t.account}</span>
        <button class="other small" title=${t.newUserHint} onClick=${becomeSomebodyElse}>${t.newUser}</button>
      </header>
      <p class="status" role="status">${status}</p>
      <${Log} open=${setPicture} />
      <${Composer} tell=${tell} />
      ${picture &&
      html`<button class="viewer" aria-label=${t.close} onClick=${() => setPicture("")}><img src=${picture} alt=${t.picture} /></button>`}
    </main>
  `;
}

document.title = t.title;
render(html`<${Page} />`, document.getElementById("app"));
connect();
