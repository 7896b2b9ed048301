// The ring, and whether it can be heard: browsers keep a page silent until somebody has clicked or typed in it.
import { html } from "/static/vendor/htm.js";
import { signal } from "/static/vendor/signals.js";
import { preferences } from "./preferences.js";
import { t } from "./text.js";

const GESTURES = ["pointerdown", "pointerup", "keydown"]; // browsers differ in which of them counts

const isSilenced = signal(false); // the browser does not let it ring
let audio = null;
let isOwed = false; // it should have rung, and could not

function look() {
  isSilenced.value = audio.state === "suspended";
  if (isSilenced.value || !isOwed) return;
  isOwed = false;
  ring();
}

/** Find out whether it may ring, before there is anything to ring for. */
export function listenForLeave() {
  if (audio) return;
  audio = new AudioContext();
  audio.onstatechange = look;
  audio.resume().catch(() => {});
  setTimeout(look, 500); // where it is allowed, it takes a moment to begin
  for (const name of GESTURES) document.addEventListener(name, allow, true);
}

function allow() {
  if (audio.state === "suspended") audio.resume().then(look, () => {});
}

/** Two short tones. Where the browser is not yet willing, they come with the next click or key. */
export function ring() {
  listenForLeave();
  if (audio.state === "suspended") {
    isSilenced.value = isOwed = true;
    allow();
    return;
  }
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

/** It lies over the page and takes no click: the one that it asks for must land where it was meant to. */
export function Silenced() {
  return html`<div role="status">${preferences.value.sound && isSilenced.value && html`<p class="silenced">${t("silenced")}</p>`}</div>`;
}
