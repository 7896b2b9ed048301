// Addresses in what the bank says become links. What a customer wrote stays text.
import { html } from "/static/vendor/htm.js";

const ADDRESS = /(https?:\/\/[A-Za-z0-9._~:/?#[\]@!$&'()*+,;=%-]+)/;

export const linked = (text) =>
  text.split(ADDRESS).map((part, n) => (n % 2 ? html`<a href=${part} target="_blank" rel="noopener noreferrer">${part}</a>` : part));
