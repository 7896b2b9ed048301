// One message of the conversation, and the line that names its day.
import { html } from "/static/vendor/htm.js";
import { linked } from "./links.js";
import { Attachment } from "./picture.js";
import { fill, readable, texts } from "./texts.js";
import { TicketCards } from "./tickets.js";
import { dayName, dayOf, timeOf } from "./times.js";

export function Divider({ entry, before }) {
  const isNew = before && before.conversation !== entry.conversation;
  const isOtherDay = !before || dayOf(before.at) !== dayOf(entry.at);
  if (!isNew && !isOtherDay) return null;
  return html`<li class="divider"><span>${isOtherDay && dayName(entry.at)} ${isNew && texts.newConversation}</span></li>`;
}

function whoOf(entry) {
  return entry.speaker === "agent" && entry.agent?.name ? fill(texts.agentNamed, { agent: entry.agent.name }) : texts.speaker[entry.speaker];
}

// Said by the same one in the same minute: such messages share one name and one time.
function isInOneBreath(one, other) {
  return one && other && one.conversation === other.conversation && whoOf(one) === whoOf(other) && timeOf(one.at) === timeOf(other.at);
}

// *file* draws an attachment: a component.
export function Entry({ chat, entry, before, after, onLoad, file = Attachment }) {
  const who = whoOf(entry);
  const isAgain = isInOneBreath(before, entry);
  const isNamed = !isAgain && (entry.speaker === "agent" || entry.speaker === "bot");
  return html`
    <li class="${entry.speaker} ${isAgain ? "again" : ""}">
      ${isNamed ? html`<span class="who">${who}</span>` : html`<span class="unseen">${fill(texts.said, { who })}</span>`}
      ${entry.text && html`<div class="bubble">${entry.speaker === "customer" ? readable(entry.text) : linked(readable(entry.text))}</div>`}
      <${TicketCards} tickets=${entry.custom?.tickets} />
      ${entry.attachments.map((item) => html`<${file} key=${item.url} chat=${chat} file=${item} onLoad=${onLoad} />`)}
      ${!isInOneBreath(entry, after) && html`<time datetime=${entry.at}>${timeOf(entry.at)}</time>`}
    </li>`;
}
