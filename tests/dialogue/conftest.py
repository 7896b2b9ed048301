"""Understanding and dialogue, loaded once for all conversations."""

import pytest

from bot.dialogue import Dialogue
from intents.understander import Understander


@pytest.fixture(scope="session")
def parts(tmp_path_factory: pytest.TempPathFactory) -> tuple[Dialogue, Understander]:
    return Dialogue.load(), Understander.load(cache_dir=tmp_path_factory.mktemp("jieba"))
