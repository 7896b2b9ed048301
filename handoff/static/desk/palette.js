import { html } from "/static/vendor/htm.js";
import { useEffect, useRef, useState } from "/static/vendor/hooks.js";
import { ask } from "./ask.js";
import { possible } from "./commands.js";
import { Dialog } from "./dialog.js";
import { hitsOf } from "./found.js";
import { isPaletteOpen } from "./overlays.js";
import { go } from "./route.js";
import { t } from "./text.js";

const ASK_AFTER_MS = 180;
const MOST_OF_A_KIND = 6;

export function Palette() {
  return isPaletteOpen.value ? html`<${Open} />` : null;
}

/** One field for everything: what can be done, and what was said. */
function Open() {
  const [words, setWords] = useState("");
  const [hits, setHits] = useState([]);
  const [state, setState] = useState("");
  const [at, setAt] = useState(0);
  const turn = useRef(0);
  const close = () => (isPaletteOpen.value = false);
  useEffect(() => {
    const mine = (turn.current += 1);
    setAt(0);
    setHits([]);
    setState("");
    if (!words.trim()) return;
    const timer = setTimeout(async () => {
      setState("searching");
      try {
        const found = hitsOf(await ask(`/search?${new URLSearchParams({ q: words.trim() })}`));
        if (mine !== turn.current) return;
        setHits(found.filter((hit, n) => found.slice(0, n).filter((before) => before.kind === hit.kind).length < MOST_OF_A_KIND));
        setState("found");
      } catch (error) {
        if (mine === turn.current) setState(error.status === 422 ? "short" : "failed");
      }
    }, ASK_AFTER_MS);
    return () => clearTimeout(timer);
  }, [words]);
  const commands = possible()
    .filter((one) => one.name !== "palette" && t(`command.${one.name}`).toLowerCase().includes(words.trim().toLowerCase()))
    .map((one) => ({ key: one.name, kind: "commands", act: one.act, line: html`<span>${t(`command.${one.name}`)}</span>${one.keys && html`<kbd>${one.keys}</kbd>`}` }));
  const more = words.trim() && { key: "more", kind: "more", act: () => go("search", { q: words.trim() }), line: html`<span>${t("searchAll", { words: words.trim() })}</span>` };
  const choices = [...(words.trim() ? hits : []), ...commands, ...(more ? [more] : [])];
  const choose = (choice) => {
    close();
    // The box gives the focus back first; then whatever was chosen may take it.
    requestAnimationFrame(choice.act);
  };
  const press = (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.isComposing) return;
    // By itself Escape would only empty the field.
    if (event.key === "Escape") close();
    else if (!choices.length) return;
    else if (by) setAt((at + by + choices.length) % choices.length);
    else if (event.key === "Enter" && choices[at]) choose(choices[at]);
    else return;
    event.preventDefault();
  };
  useEffect(() => document.getElementById(`choice-${at}`)?.scrollIntoView({ block: "nearest" }), [at]);
  return html`<${Dialog} title=${t("searchOrDo")} kind="palette" onClose=${close}>
    <input type="search" role="combobox" autofocus aria-expanded="true" aria-controls="choices" aria-activedescendant=${choices[at] ? `choice-${at}` : ""} aria-label=${t("searchOrDo")}
      placeholder=${t("palettePlaceholder")} maxlength="64" value=${words} onInput=${(event) => setWords(event.target.value)} onKeyDown=${press} />
    <p class="soft" role="status">${state && t(`palette.${state}`, { n: hits.length })}</p>
    <ul role="listbox" id="choices" aria-label=${t("choices")}>${choices.map(
      (choice, n) => html`<li role="option" key=${choice.key} id=${`choice-${n}`} class=${choice.kind} aria-selected=${n === at} onClick=${() => choose(choice)}>
        ${choices[n - 1]?.kind !== choice.kind && html`<small class="kind">${t(`scope.${choice.kind}`)}</small>`}${choice.line}</li>`,
    )}</ul>
  </${Dialog}>`;
}
