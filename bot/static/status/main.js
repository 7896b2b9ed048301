// A customer's page of one ticket.
import { useState } from "/static/vendor/hooks.js";
import { html } from "/static/vendor/htm.js";
import { h, render } from "/static/vendor/preact.js";
import "/static/vendor/signals.js";
import { grow, isLarge } from "/static/large.js";
import { isElsewhere } from "/static/zone.js";
import { otherLanguage } from "/static/language.js";
import { texts } from "./texts.js";
import { add, look, newId, ticket, trouble, withdraw } from "./ticket.js";
import { Rating, Verdict } from "./verdict.js";

document.documentElement.lang = texts.locale;
document.title = texts.title;

const moment = (iso) => iso.slice(0, 16).replace("T", " ") + (isElsewhere ? texts.bankTime : "");
const sentence = (found) => (found === "network" ? texts.failed : found);

function Facts({ shown }) {
  const rows = [
    [texts.ticket, shown.ticket_no],
    [texts.received, moment(shown.received_at)],
    [texts.answerBy, shown.answer_by && texts.answerByDay.replace("{day}", shown.answer_by)],
    [texts.contact, shown.contact],
  ];
  return html`<dl>${rows.filter(([, value]) => value).map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

// So much that its customer knows it again, and no more: whoever holds the link sees it.
function About({ about }) {
  const facts = [about.product, about.place, about.day, about.amount].filter(Boolean);
  return html`
    <section>
      <h2>${texts.about}</h2>
      ${facts.length > 0 && html`<ul class="facts">${facts.map((fact) => html`<li key=${fact}>${fact}</li>`)}</ul>`}
      <p class="words">${texts.quoted.replace("{words}", () => about.words)}</p>
      <p class="hint">${texts.aboutHint}</p>
    </section>`;
}

function Steps({ steps }) {
  return html`
    <section>
      <h2>${texts.steps}</h2>
      <ol class="steps">
        ${[...steps].reverse().map((step, n) => html`
          <li key=${steps.length - n} class=${n ? "" : "now"}>
            <time datetime=${step.at}>${moment(step.at)}</time>
            <p>${step.text}</p>
            ${step.said && html`<blockquote>${step.said}</blockquote>`}
          </li>`)}
      </ol>
    </section>`;
}

function Add() {
  const [words, setWords] = useState("");
  const [id, setId] = useState(newId);
  const [note, setNote] = useState(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event) => {
    event.preventDefault();
    if (!words.trim() || busy) return;
    setBusy(true);
    const answer = await add(words, id);
    setBusy(false);
    if (answer.trouble) return setNote({ bad: true, text: sentence(answer.trouble) });
    setWords("");
    setId(newId());
    setNote({ bad: answer.has_secret, text: answer.has_secret ? texts.secret : texts.added });
  };
  return html`
    <form onSubmit=${submit}>
      <h2><label for="words">${texts.add}</label></h2>
      <p class="hint" id="hint">${texts.addHint}</p>
      <textarea id="words" rows="4" aria-describedby="hint" value=${words} onInput=${(event) => setWords(event.target.value)}></textarea>
      <p role="status" class=${note?.bad ? "bad" : "good"}>${note?.text}</p>
      <button class="main" disabled=${busy || !words.trim()}>${busy ? texts.sending : texts.addButton}</button>
    </form>`;
}

function Withdraw() {
  const [asking, setAsking] = useState(false);
  const [why, setWhy] = useState("");
  const [problem, setProblem] = useState(null);
  const sure = async () => {
    const answer = await withdraw(why);
    setProblem(answer.trouble ? sentence(answer.trouble) : null);
    if (!answer.trouble) setAsking(false);
  };
  if (!asking) return html`<button class="quiet" onClick=${() => setAsking(true)}>${texts.withdraw}</button>`;
  return html`
    <section role="group" aria-labelledby="sure" class="sure">
      <p id="sure">${texts.withdrawAsk}</p>
      <label>${texts.withdrawWhy}<input value=${why} maxlength="500" onInput=${(event) => setWhy(event.target.value)} /></label>
      <p role="alert" class="bad">${problem}</p>
      <div class="row">
        <button class="main" onClick=${() => setAsking(false)}>${texts.withdrawNo}</button>
        <button class="danger" onClick=${sure}>${texts.withdrawYes}</button>
      </div>
    </section>`;
}

function Page() {
  const shown = ticket.value;
  if (!shown) {
    const found = trouble.value;
    return html`
      <main class="alone">
        <h1>${texts.title}</h1>
        <p role="status">${found ? (found === "network" ? texts.lookFailed : found) : texts.loading}</p>
        ${found === "network" && html`<button class="main" onClick=${look}>${texts.again}</button>`}
      </main>`;
  }
  return html`
    <main>
      <header class=${`head ${shown.state}`}>
        <h1>${texts.title}</h1>
        <div class="switches">
          <a class="larger" href=${otherLanguage()} lang=${texts.other.lang} hreflang=${texts.other.lang}>${texts.other.name}</a>
          <button type="button" class="larger" aria-pressed=${String(isLarge.value)} onClick=${() => grow(!isLarge.value)}>${texts.large}</button>
        </div>
        <p><span class="kind">${shown.kind}</span><strong>${shown.status}</strong></p>
      </header>
      <${Verdict} shown=${shown} texts=${texts} sentence=${sentence} />
      <${Rating} shown=${shown} texts=${texts} sentence=${sentence} />
      <${Facts} shown=${shown} />
      <${About} about=${shown.about} />
      <${Steps} steps=${shown.steps} />
      ${shown.may_add && html`<${Add} />`}
      ${shown.state === "withdrawn" && html`<p class="good" role="status">${texts.withdrawn}</p>`}
      ${shown.may_withdraw && html`<${Withdraw} />`}
      <p class="hint keep">${texts.keep}</p>
    </main>`;
}

render(h(Page), document.body);
look();
