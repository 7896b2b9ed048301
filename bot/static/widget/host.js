// Talks with the page that embeds us through the loader (sdk.js). Only pages that may frame us are listened to and answered.

const allowed = document.querySelector('meta[name="huiyin-origins"]').content.split(" ").concat(location.origin);
let host = null;

export const isEmbedded = window.parent !== window;

// Calls take(command, value) for every command of the embedding page.
export function listen(take) {
  addEventListener("message", ({ source, origin, data }) => {
    if (source !== window.parent || !allowed.includes(origin) || typeof data?.huiyin !== "string") return;
    host = origin;
    take(data.huiyin, data.value);
  });
}

export function tell(event, value) {
  if (isEmbedded && host) window.parent.postMessage({ huiyin: event, value }, host);
}
