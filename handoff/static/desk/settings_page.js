import { html } from "/static/vendor/htm.js";
import { useState } from "/static/vendor/hooks.js";
import { prefer, preferences } from "./preferences.js";
import { ring } from "./sound.js";
import { language, t } from "./text.js";

const canNotify = "Notification" in window;

/** How somebody likes the desk on this computer. */
export function SettingsPage() {
  const { sound, desktop, enterSends, theme } = preferences.value;
  const [permission, setPermission] = useState(canNotify ? Notification.permission : "unsupported");
  const setDesktop = async (event) => {
    const wants = event.target.checked;
    const given = wants && canNotify ? await Notification.requestPermission() : permission;
    setPermission(given);
    prefer({ desktop: wants && given === "granted" });
  };
  const setLanguage = (event) => {
    prefer({ language: event.target.value });
    const address = new URL(location.href);
    address.searchParams.delete("lang");
    location.replace(address); // texts are read once; what was typed is kept by the service
    location.reload();
  };
  const check = (name, checked, onChange, hint) => html`<label class="check"><input type="checkbox" checked=${checked} onChange=${onChange} /><span>${t(name)}<small>${hint}</small></span></label>`;
  const choice = (group, value, current, onChange) => html`<label class="check"><input type="radio" name=${group} value=${value} checked=${current === value} onChange=${onChange} /><span>${t(`${group}s.${value}`)}</span></label>`;
  return html`<main class="page settings">
    <header><h2>${t("settings")}</h2></header>
    <fieldset><legend>${t("notifications")}</legend>
      ${check("soundWhenNew", sound, (event) => { prefer({ sound: event.target.checked }); if (event.target.checked) ring(); }, t("soundHint"))}
      ${check("desktopWhenNew", desktop, setDesktop, t(`permission.${permission}`))}
    </fieldset>
    <fieldset><legend>${t("typingHabits")}</legend>${check("enterSends", enterSends, (event) => prefer({ enterSends: event.target.checked }), t("enterHint"))}</fieldset>
    <fieldset><legend>${t("theme")}</legend>${["auto", "light", "dark"].map((value) => choice("theme", value, theme, () => prefer({ theme: value })))}</fieldset>
    <fieldset><legend>${t("language")}</legend>${["zh-CN", "en"].map((value) => choice("language", value, language, setLanguage))}</fieldset>
  </main>`;
}
