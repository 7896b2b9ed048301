import { html } from "/static/vendor/htm.js";
import { useEffect, useLayoutEffect, useRef, useState } from "/static/vendor/hooks.js";
import { Message } from "./message.js";
import { chat, goal, messages, newFrom } from "./model.js";
import { onDay, t } from "./text.js";
import { CustomerTypes } from "./viewers.js";

const NEAR_PX = 80;

/** The messages. It follows what comes in as long as one reads at the end, and stays put for whoever reads further up. */
export function Log() {
  const box = useRef(null);
  const follows = useRef(true);
  const seen = useRef(0);
  const [below, setBelow] = useState(0);
  const count = messages.value.length;
  const toEnd = () => {
    follows.current = true;
    box.current.scrollTop = box.current.scrollHeight;
  };
  useLayoutEffect(() => {
    if (follows.current && !goal.value) {
      toEnd();
      seen.current = count;
    }
    setBelow(count - seen.current);
  }, [messages.value]);
  useEffect(() => {
    if (!goal.value) return;
    const found = box.current.querySelector(`[data-seq="${goal.value}"]`);
    if (!found) return;
    follows.current = false;
    found.scrollIntoView({ block: "center" });
    found.focus({ preventScroll: true });
    goal.value = 0;
  }, [goal.value, messages.value]);
  const scrolled = () => {
    const { scrollHeight, scrollTop, clientHeight } = box.current;
    follows.current = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    if (follows.current) {
      seen.current = messages.value.length;
      setBelow(0);
    }
  };
  let day = "";
  return html`<div class="log">
    <div class="messages" role="log" aria-live="polite" aria-label=${t("messages")} tabindex="0" ref=${box} onScroll=${scrolled} onLoadCapture=${() => follows.current && toEnd()}>
      ${chat.value?.erased_at && html`<p class="hint">${t("erased", { day: onDay(chat.value.erased_at) })}</p>`}
      <ul hidden=${Boolean(chat.value?.erased_at)}>${messages.value.map((message) => {
        const before = day;
        day = onDay(message.at);
        return html`${day !== before && html`<li class="day" key=${`day-${message.seq}`}><span>${day}</span></li>`}
          ${message.seq === newFrom.value && html`<li class="new-line" key="new"><span>${t("newMessages")}</span></li>`}
          <${Message} key=${message.seq} message=${message} />`;
      })}</ul>
      <${CustomerTypes} />
    </div>
    ${below > 0 && html`<button class="below" onClick=${toEnd}>${t("newBelow", { n: below })}</button>`}
  </div>`;
}
