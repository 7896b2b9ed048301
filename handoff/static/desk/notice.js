import { signal } from "/static/vendor/signals.js";
import { list } from "./model.js";
import { t } from "./text.js";

const KEY = "desk-sound";
const remembered = () => {
  try {
    return localStorage.getItem(KEY) !== "off";
  } catch {
    return true;
  }
};

export const sound = signal(remembered());

export function toggleSound() {
  sound.value = !sound.value;
  try {
    localStorage.setItem(KEY, sound.value ? "on" : "off");
  } catch {
    // A browser that keeps nothing: the choice lasts as long as the page.
  }
}

let audio = null;

/** Two short tones. Browsers allow them only after somebody has clicked in the page. */
function ring() {
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

let isNew = false;

window.addEventListener("desk-new-waiting", () => {
  isNew = document.hidden;
  if (sound.value) ring();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) isNew = false;
});

/** How many wait stands in the title, so that it can be seen from another tab. */
list.subscribe(({ counts }) => {
  const name = `${t("title")} · ${t("brand")}`;
  document.title = counts.waiting ? `(${counts.waiting}) ${isNew ? `${t("newWaiting")} · ` : ""}${name}` : name;
});
