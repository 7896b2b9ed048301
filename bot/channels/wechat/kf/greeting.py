"""The first words to somebody who opened the chat, and other words that go past the outbox: one message by a code, or a refusal.

A welcome code lets one message through within twenty seconds. So the turn's words are held back from delivery, put into one
message, and sent with the code. If that fails nobody is bothered: the customer has said nothing yet.
"""

import structlog

from bot.channels.wechat.answers import OutcomeUnknown
from bot.channels.wechat.kf.address import Address
from bot.channels.wechat.kf.api import KfApi
from bot.channels.wechat.kf.events import Entered
from bot.channels.wechat.kf.house import House
from bot.channels.wechat.kf.items import Item
from bot.channels.wechat.kf.messages import one_message, text_message
from bot.channels.wechat.push import BRANCH_SCENE
from bot.delivery import ChannelBusy, ChannelRefused
from bot.message import Inbound, Receipt
from config.labels import FeedbackChannel
from config.settings import KfDesk

log = structlog.get_logger(__name__)

CODE_LASTS_S = 20
HELD_S = 60.0  # longer than any call takes: delivery must not send it a second time
OWN_ID_CHARS = 32


class Greeter:
    """Says what can't wait for the outbox."""

    def __init__(self, api: KfApi, house: House) -> None:
        self._api = api
        self._delivery = house.delivery
        self._catalogue = house.catalogue
        self._clock = house.clock

    def inbound(self, item: Item, entered: Entered, account: str, desk: KfDesk | None) -> Inbound | None:
        """What intake is told of somebody who came in; None when there is no way to greet them."""
        age_s = self._clock.now().timestamp() - item.sent_s
        if not entered.code or age_s > CODE_LASTS_S:
            return None
        scene = entered.scene_param or entered.scene
        own = scene.removeprefix(BRANCH_SCENE).strip() if scene.startswith(BRANCH_SCENE) else ""
        return Inbound(
            account=account,
            channel=FeedbackChannel.WECHAT_KF,
            customer=str(item.address),
            text="",
            message_id=item.id,
            type="event",
            payload={"event": "enter_session", **({"scene": scene} if scene else {})},
            branch=own or None,
            home_branch=desk.branch if desk else None,
            brand=desk.brand if desk else None,
            hold_for_passive_reply_s=HELD_S,
        )

    async def greet(self, item: Item, code: str, receipt: Receipt) -> None:
        """Send the turn's words as the one message that *code* lets through."""
        if not receipt.replies:
            return
        seqs = [reply.seq for reply in receipt.replies]
        text = "\n\n".join(reply.text for reply in receipt.replies if reply.text)
        content = one_message(text, receipt.replies[-1].buttons, self._catalogue)
        if content is not None and await self._sent(code, item.id, content):
            await self._delivery.settle_passive(receipt.conversation_id, seqs)
        else:
            await self._delivery.drop_passive(receipt.conversation_id, seqs, "no_greeting")

    async def farewell(self, code: str, cause: str, text: str) -> bool:
        """One last message after a session ended, as long as its *code* lasts; whether it went out."""
        return await self._sent(code, cause, text_message(text))

    async def tell(self, to: Address, cause: str, text: str) -> None:
        """Say why the message *cause* was not taken. It is not stored, and so neither is this."""
        try:
            await self._api.send(to, _own_id(cause), text_message(text))
        except (ChannelBusy, ChannelRefused, OutcomeUnknown) as error:
            log.warning("kf_refusal_not_told", reason=str(error))

    async def _sent(self, code: str, cause: str, content: dict[str, object]) -> bool:
        for _ in range(2):
            try:
                await self._api.send_on_event(code, _own_id(cause), content)
            except ChannelBusy:
                continue  # nothing was sent, and there are some seconds left
            except (ChannelRefused, OutcomeUnknown) as error:
                log.info("kf_code_not_used", reason=str(error))
                return False
            return True
        return False


def _own_id(cause: str) -> str:
    """An id for what *cause* made us say: the same for the same cause, and none that an outbox row could have."""
    return f"e_{''.join(c for c in cause if c.isascii() and c.isalnum())}"[:OWN_ID_CHARS]
