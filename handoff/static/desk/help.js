import { html } from "/static/vendor/htm.js";
import { COMMANDS } from "./commands.js";
import { Dialog } from "./dialog.js";
import { showsHelp } from "./overlays.js";
import { t } from "./text.js";

/** The sheet of keys. */
export function Help() {
  if (!showsHelp.value) return null;
  const keyed = COMMANDS.filter((command) => command.keys);
  return html`<${Dialog} title=${t("shortcuts")} onClose=${() => (showsHelp.value = false)}>
    <table class="keys"><tbody>
      ${keyed.map((command) => html`<tr key=${command.name}><th scope="row">${t(`command.${command.name}`)}</th><td><kbd>${command.keys}</kbd></td></tr>`)}
      <tr><th scope="row">${t("command.send")}</th><td><kbd>Enter</kbd> / <kbd>Ctrl+Enter</kbd></td></tr>
      <tr><th scope="row">${t("command.walk")}</th><td><kbd>↑</kbd> <kbd>↓</kbd></td></tr>
      <tr><th scope="row">${t("command.close")}</th><td><kbd>Esc</kbd></td></tr>
    </tbody></table>
  </${Dialog}>`;
}
