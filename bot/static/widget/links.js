// Addresses in what the bank says become links. What a customer wrote stays text, and so does an address that pretends to lead
// to one place and leads to another: https://bank.example@elsewhere.example
import { html } from "/static/vendor/htm.js";

const ADDRESS = /(https?:\/\/[A-Za-z0-9._~:/?#[\]@!$&'()*+,;=%-]+)/;

function isHonest(address) {
  try {
    const { username, password } = new URL(address);
    return !username && !password;
  } catch {
    return false;
  }
}

export const linked = (text) =>
  text.split(ADDRESS).map((part, n) =>
    n % 2 && isHonest(part) ? html`<a href=${part} target="_blank" rel="noopener noreferrer">${part}</a>` : part);
