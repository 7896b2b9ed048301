import { html } from "/static/vendor/htm.js";
import { useEffect, useState } from "/static/vendor/hooks.js";
import { ask } from "./ask.js";
import { onDay, shown, t } from "./text.js";

const PATH = "/api/v1/wechat/branch-codes";
const LASTING = ["", 30, 7, 1]; // days; empty: for ever

/** WeChat codes that branches put up: made here, and printed from here. Nothing where no Official Account is connected. */
export function BranchCodes() {
  const [seen, setSeen] = useState(null);
  const [failed, setFailed] = useState("");
  const load = () => ask(PATH).then((data) => { setSeen(data); setFailed(""); }, (error) => setFailed(error.message));
  useEffect(() => {
    load();
  }, []);
  if (failed && !seen) return html`<section class="codes"><h3>${t("codes.title")}</h3><p class="bad" role="alert">${failed} <button class="link" onClick=${load}>${t("retry")}</button></p></section>`;
  if (!seen || seen.accounts.length === 0) return null;
  return html`<section class="codes"><h3>${t("codes.title")}</h3><p class="soft">${t("codes.about")}</p>
    <${Maker} accounts=${seen.accounts} onMade=${load} />
    ${seen.items.length === 0 ? html`<p class="soft">${t("codes.none")}</p>` : html`<${Made} items=${seen.items} several=${seen.accounts.length > 1} />`}
    ${seen.more && html`<p class="soft">${t("codes.latest", { n: seen.items.length })}</p>`}
  </section>`;
}

function Maker({ accounts, onMade }) {
  const [form, setForm] = useState({ branch: "", account: accounts[0], days: "" });
  const [told, setTold] = useState({ text: "", isBad: false });
  const [busy, setBusy] = useState(false);
  const set = (name) => (event) => setForm({ ...form, [name]: event.target.value });
  const submit = async (event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setTold({ text: t("codes.making"), isBad: false });
    try {
      const code = await ask(PATH, "POST", { branch: form.branch, account: form.account, ...(form.days && { days: Number(form.days) }) });
      setForm({ ...form, branch: "" });
      setTold({ text: t("codes.made", { branch: code.branch }), isBad: false });
      await onMade();
    } catch (error) {
      setTold({ text: error.message, isBad: true });
    } finally {
      setBusy(false);
    }
  };
  return html`<form class="maker" onSubmit=${submit}>
    <label>${t("codes.branch")}<input required maxlength="57" autocomplete="off" value=${form.branch} onInput=${set("branch")} /></label>
    ${accounts.length > 1 && html`<label>${t("codes.account")}<select value=${form.account} onChange=${set("account")}>${accounts.map((name) => html`<option key=${name} value=${name}>${name}</option>`)}</select></label>`}
    <label>${t("codes.lasts")}<select value=${form.days} onChange=${set("days")}>${LASTING.map((n) => html`<option key=${n} value=${n}>${n ? t("codes.days", { n }) : t("codes.forEver")}</option>`)}</select></label>
    <button class="primary" disabled=${busy}>${t("codes.make")}</button>
    <p class=${told.isBad ? "bad" : "soft"} role=${told.isBad ? "alert" : "status"}>${told.text}</p>
  </form>`;
}

function Made({ items, several }) {
  return html`<div class="scroller" tabindex="0" role="region" aria-label=${t("codes.title")}><table class="grid"><thead><tr><th scope="col">${t("codes.picture")}</th><th scope="col">${t("codes.branch")}</th>${several && html`<th scope="col">${t("codes.account")}</th>`}<th scope="col">${t("codes.lasts")}</th><th scope="col">${t("codes.madeBy")}</th><th scope="col">${t("codes.link")}</th><th scope="col">${t("acts")}</th></tr></thead>
    <tbody>${items.map((code) => html`<tr key=${code.id} class=${code.is_over ? "off" : ""}>
      <td><img class="code" src=${`${PATH}/${code.id}/picture`} alt=${t("codes.pictureOf", { branch: code.branch })} loading="lazy" width="64" height="80" /></td>
      <td>${code.branch}</td>${several && html`<td>${code.account}</td>`}
      <td>${code.is_over ? t("codes.over") : code.lasts_until ? t("codes.until", { time: onDay(code.lasts_until) }) : t("codes.forEver")}</td>
      <td>${[code.made_by, shown(code.made_at)].filter(Boolean).join(" · ")}</td>
      <td><a href=${code.content} target="_blank" rel="noreferrer">${code.content}</a></td>
      <td><a class="button" href=${`${PATH}/${code.id}/picture`} download=${`${code.branch}.svg`} aria-label=${t("codes.downloadOf", { branch: code.branch })}>${t("codes.download")}</a></td></tr>`)}</tbody></table></div>`;
}
