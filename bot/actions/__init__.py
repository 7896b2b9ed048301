"""The bot's actions, written for ``rasa-sdk``: the same code runs inside a turn and behind ``/actions/webhook``."""

from collections.abc import Callable

from rasa_sdk import Action

from bot.actions.forms import ValidateComplaintForm
from bot.actions.people import ActionAnswerFaq, ActionHandOff
from bot.actions.tickets import ActionFileTicket, ActionSupplementTicket, ActionTicketStatus, ActionWithdrawTicket
from config.catalogue import Catalogue


def all_actions(catalogue: Catalogue, text: Callable[..., str], answer: Callable[[str], str | None]) -> list[Action]:
    """Every action, with the words and answers that it needs."""
    return [
        ActionFileTicket(catalogue, text),
        ActionTicketStatus(catalogue, text),
        ActionWithdrawTicket(),
        ActionSupplementTicket(),
        ActionHandOff(text),
        ActionAnswerFaq(answer),
        ValidateComplaintForm(),
    ]
