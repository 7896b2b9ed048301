// The question how content a customer was, as stars: real radio buttons, so that keys and screen readers know them.
import { html } from "/static/vendor/htm.js";
import { useState } from "/static/vendor/hooks.js";
import { Star } from "./icons.js";
import { texts } from "./texts.js";

const SCORE = /^\/rate_([1-5])$/;

export const isRating = (buttons) => buttons.length > 0 && buttons.every((button) => SCORE.test(button.payload));

export function Rating({ buttons, onAnswer }) {
  const [chosen, setChosen] = useState(-1);
  const answer = (event) => {
    event.preventDefault();
    if (chosen >= 0) onAnswer(buttons[chosen]);
  };
  return html`
    <form class="rating" onSubmit=${answer}>
      <fieldset>
        <legend class="unseen">${texts.rating.label}</legend>
        ${buttons.map((button, n) => html`
          <label key=${button.payload} class=${n <= chosen ? "lit" : ""} title=${button.title}>
            <input type="radio" name="score" checked=${n === chosen} onChange=${() => setChosen(n)} />
            <${Star} /><span class="unseen">${texts.rating.scores[n]}</span>
          </label>`)}
      </fieldset>
      <output>${chosen < 0 ? texts.rating.hint : texts.rating.scores[chosen]}</output>
      <button disabled=${chosen < 0}>${texts.rating.send}</button>
    </form>`;
}
