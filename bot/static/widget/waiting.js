// What somebody who waits for a person sees: their place, about how long, and the way out of the queue.
import { html } from "/static/vendor/htm.js";
import { useState } from "/static/vendor/hooks.js";
import { fill, texts } from "./texts.js";

const LONG_MINUTES = 30; // more than this is not counted any more

function expected(minutes) {
  if (!minutes) return texts.queue.unknown;
  return minutes > LONG_MINUTES ? texts.queue.long : fill(texts.queue.about, { minutes });
}

export function Waiting({ chat }) {
  const { position, wait_minutes } = chat.state.value;
  const [asking, setAsking] = useState(false);
  const place = position === 1 ? texts.queue.first : fill(texts.queue.ahead, { ahead: position - 1 });
  const leave = () => {
    setAsking(false);
    chat.send(texts.queue.words); // the words that work everywhere: the log says what was asked for
  };
  return html`
    <section class="banner waiting" aria-label=${texts.queue.label}>
      <p role="status"><b>${place}</b> ${expected(wait_minutes)} <span>${texts.queue.goOn}</span></p>
      ${asking
        ? html`<div class="replies" role="group" aria-label=${texts.queue.sure}>
            <p>${texts.queue.sure}</p>
            <button type="button" onClick=${() => setAsking(false)}>${texts.queue.stay}</button>
            <button type="button" onClick=${leave}>${texts.queue.leave}</button>
          </div>`
        : html`<button type="button" class="give-up" onClick=${() => setAsking(true)}>${texts.queue.cancel}</button>`}
    </section>`;
}
