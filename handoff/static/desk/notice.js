// How somebody who looks elsewhere learns of news: a sound, the title of the tab, a message of the desktop.
import { effect } from "/static/vendor/signals.js";
import { list, look } from "./lists.js";
import { onFrame } from "./news.js";
import { preferences } from "./preferences.js";
import { go } from "./route.js";
import { me } from "./state.js";
import { t } from "./text.js";

let audio = null;

/** Two short tones. Browsers allow them only after somebody has clicked in the page. */
export function ring() {
  audio ??= new AudioContext();
  if (audio.state === "suspended") return audio.resume();
  [660, 880].forEach((pitch, n) => {
    const start = audio.currentTime + n * 0.16;
    const tone = audio.createOscillator();
    const loudness = audio.createGain();
    tone.frequency.value = pitch;
    loudness.gain.setValueAtTime(0.0001, start);
    loudness.gain.exponentialRampToValueAtTime(0.12, start + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.0001, start + 0.15);
    tone.connect(loudness).connect(audio.destination);
    tone.start(start);
    tone.stop(start + 0.16);
  });
}

/** It says that there is something, never what: a screen may be seen by others. */
function showOnDesktop(text) {
  if (!preferences.value.desktop || !document.hidden || !("Notification" in window) || Notification.permission !== "granted") return;
  const notice = new Notification(t("title"), { body: text, tag: "huiyin-desk", renotify: true });
  notice.onclick = () => {
    window.focus();
    go("chats");
    look("waiting");
    notice.close();
  };
}

let isNew = false;

function announce(text) {
  isNew = document.hidden;
  if (preferences.value.sound) ring();
  showOnDesktop(text);
}

window.addEventListener("desk-new-waiting", () => me.value && announce(t("newWaiting")));
onFrame("offered", () => announce(t("newOffer")));
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) isNew = false;
});

/** How many wait, and what is unread of mine, stands in the title, so that it can be seen from another tab. */
effect(() => {
  const { counts } = list.value;
  const name = `${t("title")} · ${t("brand")}`;
  document.title = counts.waiting ? `(${counts.waiting}) ${isNew ? `${t("newWaiting")} · ` : ""}${name}` : name;
});
