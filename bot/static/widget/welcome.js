// What a customer sees who has not said anything yet: a greeting and the four usual ways to begin.
import { html } from "/static/vendor/htm.js";
import { Feedback, Help, Person, Progress } from "./icons.js";
import { fill, texts } from "./texts.js";

const ICONS = [Feedback, Help, Progress, Person];

export function Welcome({ chat, onAction }) {
  const name = chat.name.value ? fill(texts.nameSuffix, { name: chat.name.value }) : "";
  return html`
    <section class="welcome">
      <p>${fill(texts.welcome, { name })}</p>
      <div class="actions" role="group" aria-label=${texts.actionsLabel}>
        ${texts.actions.map((action, n) => html`
          <button type="button" key=${action.title} onClick=${() => onAction(action)}>
            <${ICONS[n]} /><span><b>${action.title}</b><small>${action.hint}</small></span>
          </button>`)}
      </div>
    </section>`;
}
