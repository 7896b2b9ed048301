// After the answer: was it solved, and how content was the customer.
import { useState } from "/static/vendor/hooks.js";
import { html } from "/static/vendor/htm.js";
import { judge, rate } from "./ticket.js";

export function Verdict({ shown, texts, sentence }) {
  const [says, setSays] = useState(false); // that it is not solved
  const [why, setWhy] = useState("");
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const send = async (resolved) => {
    setBusy(true);
    const answer = await judge(resolved, why);
    setBusy(false);
    setProblem(answer.trouble ? sentence(answer.trouble) : null);
    if (!answer.trouble) setSays(false);
  };
  if (!shown.may_confirm && !shown.may_reopen) return null;
  const submit = (event) => {
    event.preventDefault();
    if (why.trim()) send(false);
  };
  return html`
    <section class="verdict" aria-labelledby="verdict">
      <h2 id="verdict">${shown.may_confirm ? texts.verdictAsk : texts.reopenAsk}</h2>
      ${!shown.may_confirm && html`<p class="hint">${texts.reopenUntil.replace("{day}", shown.reopen_until)}</p>`}
      ${says
        ? html`<form onSubmit=${submit}>
            <label for="why">${texts.unsolvedWhy}</label>
            <textarea id="why" rows="3" value=${why} onInput=${(event) => setWhy(event.target.value)}></textarea>
            <div class="row">
              <button type="button" class="quiet" onClick=${() => setSays(false)}>${texts.back}</button>
              <button class="main" disabled=${busy || !why.trim()}>${busy ? texts.sending : texts.reopen}</button>
            </div>
          </form>`
        : html`<div class="row">
            ${shown.may_confirm && html`<button class="main" disabled=${busy} onClick=${() => send(true)}>${texts.solved}</button>`}
            <button class="quiet" onClick=${() => setSays(true)}>${shown.may_confirm ? texts.unsolved : texts.workAgain}</button>
          </div>`}
      <p role="alert" class="bad">${problem}</p>
    </section>`;
}

export function Rating({ shown, texts, sentence }) {
  const [score, setScore] = useState(0);
  const [comment, setComment] = useState("");
  const [problem, setProblem] = useState(null);
  if (shown.score) return html`<p class="good" role="status">${texts.rated.replace("{score}", texts.scores[shown.score - 1])}</p>`;
  if (!shown.may_rate) return null;
  const submit = async (event) => {
    event.preventDefault();
    const answer = score ? await rate(score, comment) : {};
    setProblem(answer.trouble ? sentence(answer.trouble) : null);
  };
  return html`
    <form class="rating" onSubmit=${submit}>
      <h2>${texts.rateAsk}</h2>
      <fieldset>
        <legend class="unseen">${texts.rateAsk}</legend>
        ${texts.scores.map((name, n) => html`
          <label key=${name} class=${n < score ? "lit" : ""} title=${name}>
            <input type="radio" name="score" checked=${n + 1 === score} onChange=${() => setScore(n + 1)} />
            <span aria-hidden="true">${n < score ? "★" : "☆"}</span><span class="unseen">${name}</span>
          </label>`)}
        <output>${score ? texts.scores[score - 1] : texts.rateHint}</output>
      </fieldset>
      ${score > 0 && html`<label>${texts.rateWhy}<input value=${comment} maxlength="500" onInput=${(event) => setComment(event.target.value)} /></label>`}
      <p role="alert" class="bad">${problem}</p>
      <button class="main" disabled=${!score}>${texts.rateSend}</button>
    </form>`;
}
