import { html } from "/static/vendor/htm.js";
import { useState } from "/static/vendor/hooks.js";
import { ask } from "./ask.js";
import { soonList } from "./lists.js";
import { chat, openId, refreshChat } from "./model.js";
import { attempt } from "./state.js";
import { t } from "./text.js";

/** What colleagues marked on the conversation, for finding it again. */
export function Tags() {
  const [word, setWord] = useState("");
  const tags = chat.value.tags ?? [];
  const put = (change) =>
    attempt(async () => {
      await ask(`/conversations/${openId.value}/tags`, "PUT", change);
      await refreshChat();
      soonList();
    });
  const add = async (event) => {
    event.preventDefault();
    const tag = word.replace(/\s+/g, "");
    if (tag && !tags.includes(tag) && !(await put({ add: [tag] }))) return;
    setWord("");
  };
  return html`<section class="tagging"><h3>${t("tags")}</h3>
    ${tags.length > 0 && html`<p class="tags">${tags.map((tag) => html`<span class="tag plain" key=${tag}>${tag}<button type="button" class="link" aria-label=${t("dropTag", { tag })} onClick=${() => put({ remove: [tag] })}>✕</button></span>`)}</p>`}
    <form onSubmit=${add}><input aria-label=${t("newTag")} placeholder=${t("newTag")} maxlength="20" value=${word} onInput=${(event) => setWord(event.target.value)} /><button disabled=${!word.trim()}>${t("add")}</button></form>
  </section>`;
}
