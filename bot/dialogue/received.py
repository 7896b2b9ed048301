"""What is no text: a picture, a voice, a location, somebody who follows. It is kept with the conversation either way."""

from bot.dialogue import draft as drafts
from bot.dialogue import forms, small_talk, supplement
from bot.dialogue.turn_context import Turn


def take(turn: Turn) -> bool:
    """Acknowledge it and put the open question again. False for a voice whose words are known: they are heard like others."""
    memory, kind = turn.memory, turn.inbound.type
    if kind == "event":
        small_talk.answer(turn, greet=True)
        return True
    if turn.inbound.payload.get("media_failed"):
        turn.say("utter_file_lost")
    elif kind == "voice" and not turn.u.text.strip():
        turn.say("utter_got_voice")
    elif kind == "voice":
        return False
    else:
        turn.say("utter_got_file", thing=turn.replies.thing(kind))
    if memory.draft is not None and memory.form in forms.ASKING:
        if drafts.take_location(memory.draft, turn.inbound):
            forms.go_on(turn)
        else:
            forms.ask(turn)
    elif own := supplement.open_tickets(turn):
        memory.ticket_no = own[0]
        turn.run("action_supplement_ticket")
        memory.ticket_no = None
    elif memory.form is None:
        turn.say("utter_greet")
    return True
