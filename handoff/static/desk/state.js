// Who is at the desk, and what every part of the page may need to know.
import { signal } from "/static/vendor/signals.js";
import { t } from "./text.js";

export const me = signal(undefined); // undefined: not known yet; null: signed out
export const problem = signal("");
export const told = signal(null); // something to know: a text, and the conversation that it is about
export const now = signal(Date.now());

export const serves = () => me.value?.role !== "administrator";
export const supervises = () => me.value?.role === "supervisor";
export const administers = () => me.value?.role === "administrator" || supervises();

/** Whether somebody may take a conversation away as a file, or see in full what is shortened in it. */
export const mayLookCloser = (chat) => supervises() || chat.agent?.id === me.value?.id || me.value?.department === "consumer_protection";

const forgetting = [];

/** What *forget* does is done when somebody signs out: the next one at this browser sees nothing of it. */
export const onSignOut = (forget) => forgetting.push(forget);

export function signedOut(why = "") {
  me.value = told.value = null;
  for (const forget of forgetting) forget();
  problem.value = why;
}

/** Say something that is no mistake of anybody's; it stays until it is put away or something else is said. */
export const inform = (text, conversation = null) => (told.value = { text, conversation });

let isOfNetwork = false; // the problem that is shown

/** The service was reached again: that it was not is no problem any more. */
export function reachedAgain() {
  if (isOfNetwork) problem.value = "";
  isOfNetwork = false;
}

/** Do something and show what went wrong, if anything; true when it went well. */
export async function attempt(work) {
  problem.value = "";
  isOfNetwork = false;
  try {
    await work();
    return true;
  } catch (error) {
    if (error.status === 401 && me.value) signedOut(t("sessionOver"));
    else problem.value = error.message;
    isOfNetwork = error.status === 0;
    return false;
  }
}

setInterval(() => (now.value = Date.now()), 1000);
