"""One form for every message: width, case and traditional characters, place by place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.normalise import normalise
from intents.traditional import PAIRS, SIMPLIFIED, TRADITIONAL


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("帳單寄錯地址，櫃檯職員態度惡劣", "账单寄错地址,柜台职员态度恶劣"),
        ("應用程式閃退，驗證碼收不到", "应用程式闪退,验证码收不到"),
        ("儲蓄戶口無緣無故被凍結，急著領藥費", "储蓄户口无缘无故被冻结,急著领药费"),
        ("贖回黃金積存，淨值跌", "赎回黄金积存,净值跌"),
        ("部機食咗我張信用咭", "部机食咗我张信用卡"),
        ("帐户里的ＡＰＰ余额", "账户里的app余额"),
    ],
)
def test_traditional_characters_are_read_as_simplified_ones(written: str, read: str):
    assert normalise(written) == read


@given(st.text(alphabet=st.one_of(st.sampled_from(TRADITIONAL), st.characters())))
def test_every_character_keeps_its_place(text: str):
    assert len(normalise(text)) == len(text)
    assert normalise(normalise(text)) == normalise(text)


def test_no_traditional_character_stands_for_itself_or_for_another_traditional_one():
    assert len(TRADITIONAL) == len(set(TRADITIONAL)) == len(SIMPLIFIED) > 2000
    assert not set(PAIRS) & set(PAIRS.values())


def test_what_simplified_texts_write_stays_as_it_is():
    text = "显著提高，乾隆年间的存折，征收手续费，凭借信用，覆盖面广，瞭望"
    assert normalise(text) == text.replace("，", ",")
