// Tickets that the bot tells of, as cards: the state is asked for anew whenever the customer looks, and while they do.
import { html } from "/static/vendor/htm.js";
import { useEffect, useRef, useState } from "/static/vendor/hooks.js";
import { isLarge } from "./size.js";
import { fill, texts } from "./texts.js";

const AGAIN_MS = 60_000;
const tokenOf = (url) => /\/s\/([0-9a-f]{32})$/.exec(url ?? "")?.[1];

// The ticket as it stands now, and again every minute for as long as its *card* is in sight.
function useTicket(url, card) {
  const token = tokenOf(url);
  const { locale } = texts;
  const [found, setFound] = useState(null);
  useEffect(() => {
    if (!token) return undefined;
    let again;
    const ask = async () => {
      if (document.visibilityState !== "visible") return;
      try {
        const response = await fetch(`/api/v1/status/${token}`, { cache: "no-store", headers: { "Accept-Language": locale } });
        if (response.ok) setFound(await response.json());
      } catch {
        // Shown as it was told; asked again at the next look.
      }
    };
    const watching = new IntersectionObserver(([{ isIntersecting }]) => {
      clearInterval(again);
      if (isIntersecting) again = setInterval(ask, AGAIN_MS);
    });
    ask();
    watching.observe(card.current);
    document.addEventListener("visibilitychange", ask);
    return () => {
      clearInterval(again);
      watching.disconnect();
      document.removeEventListener("visibilitychange", ask);
    };
  }, [token, locale]);
  return found;
}

// The ticket's page speaks and writes as the chat does, also where the browser keeps the two apart.
function pageOf(url) {
  const page = new URL(url);
  if (texts.locale === "en") page.searchParams.set("locale", "en");
  if (isLarge.value) page.searchParams.set("size", "large");
  return page.href;
}

function Card({ ticket }) {
  const card = useRef(null);
  const found = useTicket(ticket.url, card);
  return html`
    <section ref=${card} class="ticket" aria-label=${fill(texts.ticket.card, { no: ticket.no })}>
      <p><small>${found?.kind ?? texts.ticket.title}</small><b>${found?.status ?? ticket.status}</b></p>
      <p class="no">${ticket.no}</p>
      ${found?.answer_by && html`<p><small>${fill(texts.ticket.answerBy, { day: found.answer_by })}</small></p>`}
      ${ticket.url && html`<a href=${pageOf(ticket.url)} target="_blank" rel="noopener noreferrer">${texts.ticket.open}</a>`}
    </section>`;
}

export function TicketCards({ tickets }) {
  return tickets?.map((ticket) => html`<${Card} key=${ticket.no} ticket=${ticket} />`) ?? null;
}
