"""A WeChat platform of our own, for tests, the demo and whoever connects something: the same protocol over real HTTP.

It serves the API, pushes to the service's callback as WeChat does, and writes down what every customer got to see, in order; and
it can be told to misbehave. ``huiyin wechat fake`` runs it as a server, docs/wechat-fake.md tells how to use it.
"""

from bot.channels.wechat.fake.accounts import FakeAccount
from bot.channels.wechat.fake.calls import Misstep
from bot.channels.wechat.fake.deliveries import AlreadyAnswered, Push
from bot.channels.wechat.fake.phones import Seen
from bot.channels.wechat.fake.platform import FakeWeChat
from bot.channels.wechat.fake.reading import read_answer, text_in_answer
from bot.channels.wechat.fake.sealing import BadAnswer, seal, sign, signed_request, to_xml, unseal
from bot.channels.wechat.fake.timing import HeldTimer

__all__ = [
    "AlreadyAnswered",
    "BadAnswer",
    "FakeAccount",
    "FakeWeChat",
    "HeldTimer",
    "Misstep",
    "Push",
    "Seen",
    "read_answer",
    "seal",
    "sign",
    "signed_request",
    "text_in_answer",
    "to_xml",
    "unseal",
]
