"""How far apart the training data lies: the same utterance twice teaches nothing and flatters every figure."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

NEAR_DUPLICATE = 0.8  # Jaccard similarity of character bigrams from which on two utterances count as one
MAX_SAME_SKELETON = 5

_NOT_WORDS = re.compile(r"[\W_]+")
_NUMBERS = re.compile(r"[0-9零〇一二两三四五六七八九十百千万亿半]+")
_UNITS = re.compile(r"0(?:年|月份?|日|号|点钟?|分钟?|秒|小时|个?星期|周|天|元|块钱?|毛|k|w|笔|次|遍|张|台)+")
_TIMES = re.compile(r"今天|昨天|前天|刚才|刚刚|早上|上午|中午|下午|晚上|凌晨|上周|上个?月|去年|今年|前几天|最近")
_PRODUCTS = re.compile(
    r"信用卡|储蓄卡|借记卡|银行卡|工资卡|社保卡|医保卡|手机银行|掌上银行|网上银行|网银|理财|基金|贷款|房贷|车贷|存款|定期|保险|黄金|卡"
)
_BRANCHES = re.compile(r"[一-龥]{2,6}(?:支行|分行|营业部|网点|分理处)")


def bigrams(text: str) -> frozenset[str]:
    """The character bigrams of *text* without punctuation and blanks; of a single character, the character."""
    bare = _NOT_WORDS.sub("", text.lower())
    return frozenset(bare[i : i + 2] for i in range(len(bare) - 1)) or frozenset(bare)


def near_duplicates(texts: Sequence[str]) -> Iterator[tuple[int, int, float]]:
    """Pairs of positions in *texts* whose bigrams overlap by ``NEAR_DUPLICATE`` or more, with the overlap."""
    sets = [bigrams(text) for text in texts]
    by_bigram: dict[str, list[int]] = defaultdict(list)
    for later, grams in enumerate(sets):
        shared: dict[int, int] = defaultdict(int)
        for gram in grams:
            for earlier in by_bigram[gram]:
                shared[earlier] += 1
            by_bigram[gram].append(later)
        for earlier, count in shared.items():
            overlap = count / (len(grams) + len(sets[earlier]) - count)
            if overlap >= NEAR_DUPLICATE:
                yield earlier, later, overlap


def skeleton(text: str) -> str:
    """*text* without what fills its slots: numbers, times, amounts, branches and products."""
    bare = _BRANCHES.sub("B", _TIMES.sub("T", _PRODUCTS.sub("P", text.lower())))
    return re.sub(r"([BPT0])\1+", r"\1", _NOT_WORDS.sub("", _UNITS.sub("0", _NUMBERS.sub("0", bare))))


def worn_skeletons(texts: Sequence[str]) -> dict[str, list[int]]:
    """The skeletons that more than ``MAX_SAME_SKELETON`` of *texts* share, with the positions of those texts."""
    groups: dict[str, list[int]] = defaultdict(list)
    for position, text in enumerate(texts):
        groups[skeleton(text)].append(position)
    return {shape: positions for shape, positions in groups.items() if len(positions) > MAX_SAME_SKELETON}
