"""Customers with a past: conversations that ended, each with its messages, and the pages in which a window shows them."""

import secrets

from widget.speaking import Window, bot

from config.labels import Holder

BYE = "再见"


def ends_at_bye(intake) -> None:
    """Whoever says good-bye has an ended conversation; the next message opens another."""
    intake.holder_after = lambda text: Holder.ENDED if text == BYE else None
    intake.answers = lambda text: [] if text == BYE else [bot(f"收到：{text}")]


async def talked(window: Window, clock, *texts: str) -> str:
    """The window's customer has said this and good-bye; the conversation that ended so, and a minute has passed."""
    conversation = ""
    for text in (*texts, BYE):
        await window.say(text, secrets.token_hex(8))
        conversation = (await window.until("ack"))["conversation"]
    await window.until("state", conversation=conversation, holder="ended")
    clock.advance(60)
    return conversation


async def page_before(window: Window, conversation: str, before: int = 1, **more) -> dict:
    await window.send(type="earlier", conversation=conversation, before=before, **more)
    return await window.until("earlier")


async def pages_before(window: Window, conversation: str, before: int = 1) -> list[dict]:
    """Every page, the newest first."""
    pages = []
    place = {"conversation": conversation, "before": before}
    while place:
        pages.append(await page_before(window, **place))
        place = pages[-1]["next"]
    return pages


def texts_of(page: dict) -> list[list[str]]:
    return [[message["text"] for message in stretch["messages"]] for stretch in page["stretches"]]
