"""A bank's year of conversations as rows of PostgreSQL: the same seed makes the same ones."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from store import customers as customer_rows
from store.crypto import Crypto
from store.grams import grams
from store.model import Customer
from store.search_index import GRAM_BITS, RANDOM_BITS, code_of, day_of, first_id, number_of
from store.tables import EPOCH, MICROSECOND

DAYS = 365
OPEN = {"queued": 300, "human": 400, "bot": 300}
SPEAKERS = ("customer", "bot", "customer", "bot", "customer", "bot", "customer", "bot", "agent", "agent")
ASKED = "请问是什么时候、在哪个网点发生的？"
PLACES = ("朝阳支行", "人民路支行", "高新区支行", "火车站自助银行", "手机银行", "滨江支行", "大学城支行", "开发区支行")
SURNAMES = "王李张刘陈杨赵黄周吴徐孙"
KINDS, PRODUCTS = ("complaint", "enquiry"), ("loan", "debit_card", "mobile_app")
EMOTIONS = ("calm", "calm", "calm", "dissatisfied")
DEPARTMENTS = (None, None, None, None, "operations", "branch_mgmt", "product_rd", "wealth")
TICKET_EVERY = 10  # so many conversations to one that became a ticket
RARE_EVERY = 50_000  # so many conversations to one that is about an odd product
Row = tuple[Any, ...]


def micros(moment: datetime) -> int:
    """The moment as the database has it."""
    return (moment - EPOCH) // MICROSECOND


def utterances() -> list[str]:
    """What customers say, from the training data."""
    found: list[str] = []
    for path in sorted(Path(str(files("intents") / "nlu")).glob("*.yml")):
        for entry in yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader).get("nlu", []):
            lines = str(entry.get("examples", "")).splitlines()
            found += [line.strip().removeprefix("- ") for line in lines if line.strip().startswith("- ")]
    return found


def key(n: int) -> str:
    """The id of the conversation with that number, and of its customer."""
    return f"{n:032x}"


def ticket_no(n: int) -> str:
    """The number of the ticket of that conversation."""
    return f"FB20250101{n // TICKET_EVERY:06d}X"


class Year:
    """Conversations spread over the year before *now*; the last ones are open."""

    def __init__(self, conversations: int, now: datetime) -> None:
        self.count = conversations
        self._start, self._step = micros(now - timedelta(days=DAYS)), timedelta(days=DAYS) / MICROSECOND / conversations
        self._said = utterances()
        self._holders = [holder for holder, count in OPEN.items() for _ in range(count)]

    def at(self, n: int) -> int:
        """When a conversation began."""
        return self._start + int(self._step * n)

    def open_ones(self) -> list[tuple[str, str]]:
        """The ids of those that are not over, and who holds them."""
        return [(key(self.count - 1 - n), holder) for n, holder in enumerate(self._holders)]

    def customers(self, crypto: Crypto) -> Iterator[Row]:
        """A third of them with a name."""
        chance = random.Random(1)
        for n in range(self.count):
            name = chance.choice(SURNAMES) + f"客户{n}" if n % 3 == 0 else None
            row = customer_rows.sealed_row(crypto, Customer(key(n), "in_app:main", f"c{n}", name=name))
            yield (*(row[column] for column in CUSTOMER), self.at(n))

    def conversations(self) -> Iterator[Row]:
        """All of them ended."""
        chance = random.Random(2)
        for n in range(self.count):
            at, preview = self.at(n), chance.choice(self._said)[:60]
            product = "wealth_fund" if n % RARE_EVERY == 0 else chance.choice(PRODUCTS)
            understood = chance.choice(KINDS), product, chance.choice(EMOTIONS), preview, chance.choice(DEPARTMENTS)
            number = ticket_no(n) if n % TICKET_EVERY == 0 else None
            fixed = key(n), "in_app:main", "in_app", key(n), "ended", 3, len(SPEAKERS), "x", None, number, n % 9 == 0
            yield (*fixed, *understood, at, at + 500_000_000, at, at + 600_000_000)

    def tickets(self) -> Iterator[Row]:
        """One in a hundred still waits for somebody to begin."""
        chance = random.Random(5)
        for n in range(0, self.count, TICKET_EVERY):
            at, state = self.at(n), "pending" if n % (TICKET_EVERY * 100) == 0 else "closed"
            matter = chance.choice(PRODUCTS), "transaction", chance.choice(DEPARTMENTS) or "operations", self._matter(chance)
            kept = ticket_no(n), "complaint", state, "normal", 1, "in_app", "in_app:main", key(n), key(n), *matter
            yield (*kept, "{}", "", at, at + 600_000_000, at + 600_000_000)

    def _matter(self, chance: random.Random) -> str:
        return f"{chance.choice(self._said)}，{chance.choice(PLACES)}"

    def messages(self) -> Iterator[tuple[int, int, str, str, int]]:
        """Conversation, number in it, speaker, text and moment of each message."""
        chance = random.Random(3).random
        said, places = self._said, PLACES
        for n in range(self.count):
            at = self.at(n)
            for seq, speaker in enumerate(SPEAKERS, 1):
                text = ASKED
                if speaker != "bot":
                    text = f"{said[int(chance() * len(said))]}，{places[int(chance() * len(places))]}"
                yield n, seq, speaker, text, at + seq * 1_000_000


class Documents:
    """Messages as rows of the word index, as the indexer would have made them, in the text format of COPY."""

    def __init__(self) -> None:
        self._grams: dict[str, list[int]] = {}
        self._day = 0
        self._numbers: dict[int, str] = {}
        self._random = random.Random(4)

    def ticket_line(self, number: str, text: str, at: int) -> str:
        """One row of a ticket."""
        document = first_id(EPOCH + MICROSECOND * at) + self._random.getrandbits(RANDOM_BITS)
        listed = ",".join(str(number_of(gram, day_of(document), is_ticket=True)) for gram in grams(text))
        return f"{document}\t{number}\t0\t{{{listed}}}\n"

    def line(self, n: int, seq: int, text: str, at: int) -> str:
        """One row of a message."""
        document = first_id(EPOCH + MICROSECOND * at) + self._random.getrandbits(RANDOM_BITS)
        if (day := day_of(document)) != self._day:
            self._day, self._numbers = day, {}
        numbers, first = self._numbers, day << GRAM_BITS
        codes = self._grams.get(text)
        if codes is None:
            codes = self._grams[text] = [code_of(gram) for gram in grams(text)]
        try:
            listed = ",".join([numbers[code] for code in codes])
        except KeyError:
            numbers.update({code: str(first | code) for code in codes})
            listed = ",".join([numbers[code] for code in codes])
        return f"{document}\t{key(n)}\t{seq}\t{{{listed}}}\n"


def message_line(n: int, seq: int, speaker: str, text: str, at: int) -> str:
    """A row of the messages, in the text format of COPY."""
    return f"{key(n)}\t{seq}\tin_app:main\t{speaker}\ttext\tall\t{text}\t{at}\n"


CUSTOMER = ("id", "account", "external_hmac", "external_enc", "signed_hmac", "profile_enc", "phone_hmac", "name_hmac")
COLUMNS = {
    "customers": (*CUSTOMER, "created_at"),
    "conversations": (
        *("id", "account", "channel", "customer_id", "holder", "version", "last_seq", "state_enc", "agent_id", "ticket_no"),
        *("urgent", "kind", "product", "emotion", "preview", "department"),
        *("created_at", "updated_at", "last_customer_at", "ended_at"),
    ),
    "tickets": (
        *("no", "kind", "state", "priority", "version", "channel", "account", "customer_id", "conversation_id"),
        *("product", "nature", "department", "content", "record", "confirmed_text", "received_at", "due_at", "updated_at"),
    ),
    "messages": ("conversation_id", "seq", "account", "speaker", "type", "audience", "text", "at"),
    "search_documents": ("id", "subject", "seq", "grams"),
}
