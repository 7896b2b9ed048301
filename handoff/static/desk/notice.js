// How somebody who looks elsewhere learns of news: a sound, the title of the tab, a message of the desktop.
import { effect, signal } from "/static/vendor/signals.js";
import { list, look } from "./lists.js";
import { isBeingRead, openId } from "./model.js";
import { onFrame } from "./news.js";
import { show, standing } from "./offers.js";
import { preferences } from "./preferences.js";
import { go } from "./route.js";
import { ring } from "./sound.js";
import { me } from "./state.js";
import { t } from "./text.js";

/** It says that there is something, never what: a screen may be seen by others. */
function showOnDesktop(text, act) {
  if (!preferences.value.desktop || !document.hidden || !("Notification" in window) || Notification.permission !== "granted") return;
  const notice = new Notification(t("title"), { body: text, tag: "huiyin-desk", renotify: true });
  notice.onclick = () => {
    window.focus();
    act();
    notice.close();
  };
}

const news = signal(""); // what came while nobody looked, for the title

function announce(text, act) {
  if (document.hidden) news.value = text;
  if (preferences.value.sound) ring();
  showOnDesktop(text, act);
}

const toQueue = () => {
  go("chats");
  look("waiting");
};

// What a colleague offers waits in the queue as well, and was told already.
window.addEventListener("desk-new-waiting", () => me.value && standing().length === 0 && announce(t("newWaiting"), toQueue));
// Who reads a conversation needs no sound for what is said in it.
window.addEventListener("desk-new-words", ({ detail: ids }) => {
  const elsewhere = document.hidden ? ids : ids.filter((id) => id !== openId.value);
  if (me.value && elsewhere.length > 0) announce(t("newWords"), () => show(elsewhere[0]));
});

const called = new Set(); // an offer is told again after a line was cut

onFrame("offered", ({ conversation, until }) => {
  const key = `${conversation} ${until}`;
  if (called.has(key)) return;
  called.add(key);
  announce(t("newOffer"), () => show(conversation));
});
onFrame("assigned", ({ conversation }) => announce(t("newAssigned"), () => show(conversation)));
onFrame("taken", ({ conversation }) => announce(t("newTaken"), () => show(conversation)));
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) news.value = "";
});

/** What waits for this agent stands in the title, so that it can be seen from another tab: offers, unread ones, the queue. */
effect(() => {
  const { counts, unread } = list.value;
  const name = `${t("title")} · ${t("brand")}`;
  const calls = standing().length + Object.keys(unread).filter((id) => !isBeingRead(id)).length;
  const marks = [calls > 0 && `● ${calls}`, counts.waiting > 0 && `(${counts.waiting})`, news.value].filter(Boolean);
  document.title = [...marks, name].join(marks.length ? " " : "");
});
