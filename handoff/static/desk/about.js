import { html } from "/static/vendor/htm.js";
import { chat } from "./model.js";
import { t } from "./text.js";

/** Who it is, as far as it is known; shortened. */
export function About() {
  const { customer } = chat.value;
  return html`<section class="about"><h3>${t("aboutCustomer")}</h3>
    <dl><dt>${t("name")}</dt><dd>${customer.name ?? t("visitor")}</dd>
      ${customer.phone_masked && html`<dt>${t("phone")}</dt><dd>${customer.phone_masked}</dd>`}
      <dt>${t("identity")}</dt><dd>${t(customer.signed ? "signedCustomer" : "anonymous")}</dd></dl>
  </section>`;
}
