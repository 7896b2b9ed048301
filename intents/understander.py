"""One message understood: the model, the nets and the entities put together."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from operator import itemgetter
from pathlib import Path
from typing import Any

from config.labels import DialogueAct, Emotion, EscalationSign, Kind, Product
from intents.acts import act_of
from intents.amounts import number_of
from intents.emotion import emotion_heard, signs_heard
from intents.english import is_english
from intents.english import understood as english
from intents.entities import entities, without_tokens
from intents.features import model_text
from intents.holidays import last_holiday
from intents.irony import is_ironic
from intents.lexicon import Lexicon
from intents.matters import Judged, several
from intents.model import MODEL_FILE, Model, Scores
from intents.normalise import normalise
from intents.person import wants_person
from intents.redact import redact
from intents.segment import Segmenter
from intents.semantic import KIND_WEIGHT, PRODUCT_WEIGHT, Opinion
from intents.sieve import warm
from intents.signals import numbers_of
from intents.understanding import Reason, Redacted, Understanding
from intents.urgency import alarming, heard, words_of
from intents.word_vectors import WordVectors

# Below these the bot says honestly that it did not understand; chosen on the development figures of `huiyin nlu evaluate`.
MIN_CONFIDENCE = 0.28
MIN_MARGIN = 0.04
# Chosen by leaving out one style, and one author, after the other. Below these a word of the nets, or the model alone, raises no alarm.
NET_URGENT = 0.15
MODEL_URGENT = 0.2
DOUBTFUL_URGENT = 0.5
# Of 27 alarms in left-out styles whose likeliest kind was no report, 8 of the 12 with a less sure kind were reports, and 2 of 2 where the
# head of urgency was as sure as this; of the 13 others 2.
SURE_KIND = 0.6
SURE_URGENT = 0.7
# What the nets say of a person decides the kind only with some consent of the model: 打人工没人接，给我转人工 is a complaint.
SURE_WISH = 0.2
MAX_RANKED = 10  # as Rasa does
NET_CHARS = 20_000  # nets and entities read this much; more is no message but a file
CRY_CHARS = 4
SURE_CRY = 0.5
_HAN = re.compile(r"[\u4e00-\u9fff]")
_WORDS = re.compile(r"[\u4e00-\u9fff]{2}")
_WANT = r"(?:你好|您好)?[,，\s]*我?(?:想|要|来|有)?(?:要|提|说)?(?:一?[个点些])?"
_END = r"(?:一下|一个|个|点|些)?(?:问题|情况|意见)?[了吧呢啊。.!！~\s]*"
# Whole messages that only announce a matter: few characters, and one meaning.
_OPENER = re.compile(rf"{_WANT}(?:(?P<complaint>投诉|反馈|反映|意见)|(?P<suggestion>建议)|(?P<praise>表扬|点赞)){_END}")
_TAKES_BACK = re.compile(r"撤|收回|取消|不(?:想)?(?:投诉|追究|告|要|用)|算了")
# A report is urgent, and a complaint is where money is blocked that an emergency needs; nothing else ever is.
_CANNOT_WAIT = (Kind.URGENT_REPORT.value, Kind.COMPLAINT.value)


class Understander:
    """Understands messages; pure once loaded. Some 30 MB, 110 with jieba's dictionary: make one a process."""

    def __init__(self, model: Model, segmenter: Segmenter, lexicon: Lexicon | None = None) -> None:
        self._model = model
        self._words = WordVectors()
        self._segmenter = segmenter
        self._lexicon = lexicon or Lexicon()

    @classmethod
    def load(cls, *, cache_dir: Path | None = None, own: Path | None = None) -> "Understander":
        """The model, warmed up: the one in the folder *own*, if a bank trained one there, else the packaged one.

        *cache_dir* keeps jieba's cache private to this deployment.
        """
        understander = cls(_model(own), Segmenter(cache_dir), Lexicon.load(own))
        understander.understand(redact("昨天在朝阳支行取款机取了500元，卡被吞了"), datetime(2026, 1, 1, tzinfo=UTC))
        return understander

    @property
    def fingerprint(self) -> str:
        """Of the training files that the model was trained on."""
        return self._model.fingerprint

    def understand(
        self, redacted: Redacted, now: datetime, *, expecting: str | None = None, opinion: Opinion | None = None
    ) -> Understanding:
        """What the message means, with the second *opinion* of the embeddings where there is one.

        Never raises, and takes time linear in its length.
        """
        text = normalise(redacted.text)
        if not text.strip():
            return _nothing(redacted.text)
        read = text[:NET_CHARS]
        if is_english(without_tokens(read, redacted) if redacted.found else read):
            found = entities(redacted, read, now, self._lexicon, expecting=expecting)
            return english(redacted, without_tokens(read, redacted), now, found)
        caught, qualifiers = heard(read)
        wants = wants_person(read)
        scores = self._model.scores(model_text(text), numbers_of(read, caught, qualifiers, wants=wants), self._words.vector(text))
        if opinion is not None:
            scores = self._mixed(scores, opinion)
        ranking = sorted(zip(self._model.intent.labels, scores.intents, strict=True), key=itemgetter(1), reverse=True)
        kinds = sorted(zip(scores.kinds, self._model.kind.labels, strict=True), reverse=True)
        product_confidence, product = max(zip(scores.products, self._model.product.labels, strict=True))
        likelihood = {label: chance for chance, label in kinds}
        # Two heads were asked much the same; their mean is wrong less often than either.
        reasons = _reasons(read, caught, qualifiers, (scores.urgent + likelihood[Kind.URGENT_REPORT]) / 2)
        act = act_of(read)
        if act is not None and reasons == ("model",):
            reasons = ()  # 撤回投诉 and 不知道 are plain answers, whatever they resemble
        matters = several(read, self._judge)
        is_cry = bool(reasons) and _is_cry(read, qualifiers)
        kind_confidence, kind = kinds[0]
        if reasons and not is_cry:
            kind_confidence, kind, reasons = _agreeing(kinds, scores.urgent, reasons)
        # What speaks against an alarm in one matter says nothing of another one.
        urgent_matter = None if reasons else next((matter for matter in matters if matter.urgent), None)
        if urgent_matter is not None:
            reasons, kind = urgent_matter.urgent_reasons, urgent_matter.kind.value
        elif kind == Kind.URGENT_REPORT and not reasons:
            kind_confidence, kind = kinds[1]
        elif is_cry:
            kind, kind_confidence = Kind.URGENT_REPORT.value, max(scores.urgent, SURE_CRY)
        elif wants and not reasons and likelihood[Kind.HUMAN_REQUEST] >= SURE_WISH:
            kind, kind_confidence = Kind.HUMAN_REQUEST.value, max(likelihood[Kind.HUMAN_REQUEST], kind_confidence)
        emotion, shown_by = emotion_heard(read)
        signs = signs_heard(read)
        result = Understanding(
            text=redacted.text,
            intent=ranking[0][0],
            confidence=ranking[0][1],
            intent_ranking=tuple(ranking),
            kind=Kind(kind),
            kind_confidence=kind_confidence,
            product=Product(product),
            product_confidence=product_confidence,
            urgent=bool(reasons),
            urgent_reasons=reasons,
            wants_person=wants,
            understood=ranking[0][1] >= MIN_CONFIDENCE and ranking[0][1] - ranking[1][1] >= MIN_MARGIN,
            emotion=emotion,
            escalation_signs=tuple(sign for sign, _ in signs),
            entities=entities(redacted, read, now, self._lexicon, expecting=expecting, is_praise=kind == Kind.PRAISE),
            reasons=_words(read, reasons, emotion, shown_by, signs),
            matters=matters,
        )
        return _with_nets(result, act)

    def _judge(self, text: str) -> Judged:
        """What the linear model says of a part of a message."""
        caught, qualifiers = heard(text)
        signs = numbers_of(text, caught, qualifiers, wants=wants_person(text))
        scores = self._model.scores(model_text(text), signs, self._words.vector(text))
        ranking = sorted(zip(scores.kinds, self._model.kind.labels, strict=True), reverse=True)
        # 转人工！年费乱扣: the wish for a person is heard elsewhere, here it is the matter that counts.
        ranking = [(chance, kind) for chance, kind in ranking if kind != Kind.HUMAN_REQUEST]
        likely = next(chance for chance, kind in ranking if kind == Kind.URGENT_REPORT)
        reasons = _reasons(text, caught, qualifiers, (scores.urgent + likely) / 2)
        # Without an alarm it is no urgent report: the likeliest kind beside it speaks.
        chance, kind = ranking[1] if ranking[0][1] == Kind.URGENT_REPORT and not reasons else ranking[0]
        if reasons:
            chance, kind, reasons = _agreeing(ranking, scores.urgent, reasons)
        product_chance, product = max(zip(scores.products, self._model.product.labels, strict=True))
        return Judged(Kind(kind), chance, Product(product), product_chance, reasons)

    def _mixed(self, scores: Scores, opinion: Opinion) -> Scores:
        """*scores* with the opinion weighed in; what the intent head gives to dialogue acts stays as it is."""
        said = dict(zip(self._model.kind.labels, opinion.kinds, strict=True))
        intents = dict(zip(self._model.intent.labels, scores.intents, strict=True))
        mass = sum(intents[kind] for kind in said)
        intents |= {kind: _weighed(intents[kind], mass * chance, KIND_WEIGHT) for kind, chance in said.items()}
        return Scores(
            list(intents.values()),
            [_weighed(own, other, KIND_WEIGHT) for own, other in zip(scores.kinds, opinion.kinds, strict=True)],
            [_weighed(own, other, PRODUCT_WEIGHT) for own, other in zip(scores.products, opinion.products, strict=True)],
            scores.urgent,
        )

    def warm(self) -> None:
        """Load what only some messages need, half a second in all, so that none has to wait for it. Any thread may call this."""
        warm()
        number_of("一百")
        last_holiday("春节", datetime(2026, 1, 1, tzinfo=UTC).date())

    @property
    def knows_words(self) -> bool:
        """Whether ``parse_result`` need not load jieba's dictionary first, which takes a second."""
        return self._segmenter.is_ready

    def load_words(self) -> None:
        """Load jieba's dictionary now. Any thread may call this."""
        self._segmenter.warm()

    def parse_result(self, u: Understanding) -> dict[str, Any]:
        """*u* in the shape of Rasa's ``/model/parse``, with our own ``feedback`` beside it."""
        return {
            "text": u.text,
            "intent": {"name": u.intent, "confidence": round(u.confidence, 6)},
            "entities": [
                {
                    "entity": item.entity,
                    "start": item.start,
                    "end": item.end,
                    "value": item.text if item.entity == "phone" else item.value,
                    "extractor": item.extractor,
                    **({"details": item.details} if item.details else {}),
                }
                for item in u.entities
            ],
            "text_tokens": [list(span) for span in self._segmenter.spans(u.text)],
            "intent_ranking": [{"name": name, "confidence": round(score, 6)} for name, score in u.intent_ranking[:MAX_RANKED]],
            "feedback": {
                "kind": u.kind.value,
                "kind_confidence": round(u.kind_confidence, 4),
                "product": u.product.value,
                "product_confidence": round(u.product_confidence, 4),
                "urgent": u.urgent,
                "urgent_reasons": list(u.urgent_reasons),
                "wants_person": u.wants_person,
                "understood": u.understood,
                "emotion": u.emotion.value,
                "escalation_signs": [sign.value for sign in u.escalation_signs],
                "reasons": [
                    {"rule": item.rule, "start": item.start, "end": item.end, "text": u.text[item.start : item.end]}
                    for item in u.reasons
                ],
                "matters": [
                    {
                        "start": item.start,
                        "end": item.end,
                        "text": u.text[item.start : item.end],
                        "kind": item.kind.value,
                        "product": item.product.value,
                        "urgent": item.urgent,
                    }
                    for item in u.matters
                ],
                "slots": {item.entity: item.text if item.entity == "phone" else item.value for item in reversed(u.entities)},
            },
        }


def _weighed(own: float, other: float, weight: float) -> float:
    """The model's *own* probability with that of the second opinion weighed in."""
    return (1 - weight) * own + weight * other


def _model(own: Path | None) -> Model:
    packaged = Model()
    path = None if own is None else own / MODEL_FILE.name
    if path is None or not path.exists():
        return packaged
    model = Model(path)
    if model.base == packaged.base:
        return model
    import structlog  # half as long to load as all the rest, and hardly ever needed

    # It was trained for another version of this software, whose features may differ.
    structlog.get_logger(__name__).warning("own_model_outdated", hint="run: huiyin nlu train")
    return packaged


def _reasons(text: str, caught: tuple[str, ...], qualifiers: tuple[str, ...], likely: float) -> tuple[str, ...]:
    """Why it is urgent: what the nets heard, unless the model is sure that it is nothing; or the model alone."""
    alarm = alarming(caught, qualifiers)
    if alarm and likely >= NET_URGENT:
        return alarm
    # Numbers alone tell nothing, and what is settled, long ago, only feared or a fee has to look very much like an alarm.
    return ("model",) if likely >= MODEL_URGENT and (likely >= DOUBTFUL_URGENT or not _is_doubtful(text, qualifiers)) else ()


def _is_doubtful(text: str, qualifiers: tuple[str, ...]) -> bool:
    return bool(qualifiers) or not _WORDS.search(text)


def _agreeing(kinds: Sequence[tuple[float, str]], urgent: float, reasons: tuple[str, ...]) -> tuple[float, str, tuple[str, ...]]:
    """How likely the kind is, the kind, and the reasons of the alarm that go with it: only a report or a complaint cannot wait.

    转账转错了怎么办 asks, but reports a transfer gone wrong all the same; 卡被吞了一般咋拿回来 does nothing but ask. *kinds* has the likeliest first.
    """
    chance, kind = kinds[0]
    if kind in _CANNOT_WAIT:
        return chance, kind, reasons
    if chance >= SURE_KIND and urgent < SURE_URGENT and kind != Kind.HUMAN_REQUEST:
        return chance, kind, ()
    chance, kind = next(item for item in kinds if item[1] in _CANNOT_WAIT)
    return max(chance, urgent), kind, reasons


def _words(
    text: str,
    urgent: tuple[str, ...],
    emotion: Emotion,
    shown_by: re.Match[str] | None,
    signs: tuple[tuple[EscalationSign, re.Match[str]], ...],
) -> tuple[Reason, ...]:
    """Which words of *text* spoke for the urgency, the emotion and the signs."""
    found = [(f"urgent.{reason}", match) for reason, match in words_of(text, urgent)] if urgent else []
    if shown_by is not None:
        found.append((f"emotion.{emotion}", shown_by))
    found += [(f"sign.{sign}", match) for sign, match in signs]
    return tuple(Reason(rule, *match.span()) for rule, match in found)


def _is_cry(text: str, qualifiers: tuple[str, ...]) -> bool:
    """盗刷！！！ -- nothing but the alarm itself, not asked and not supposed."""
    return len(_HAN.findall(text)) <= CRY_CHARS and not qualifiers and "?" not in text and "？" not in text


def _with_nets(u: Understanding, act: DialogueAct | None) -> Understanding:
    """What is certain overrules the model: fraud, the wish for a person, plain yes and no."""
    if act is not None and not u.urgent_reasons:
        u = replace(u, intent=act.value, confidence=1.0, understood=True)
    if u.intent == DialogueAct.WITHDRAW and not _TAKES_BACK.search(u.text):
        # 我想投诉 and 撤回投诉 share most of their characters: taking something back needs a word for it.
        u = replace(u, intent=u.kind.value, confidence=u.kind_confidence, understood=u.kind_confidence > 0)
    if u.kind is Kind.PRAISE and is_ironic(normalise(u.text)):
        u = replace(u, kind=Kind.COMPLAINT, intent=Kind.COMPLAINT.value, understood=True)
    if (opener := _OPENER.fullmatch(u.text.strip())) is not None:
        opened = Kind(str(opener.lastgroup))
        u = replace(u, intent=opened.value, kind=opened, confidence=1.0, kind_confidence=1.0, understood=True)
    if u.urgent_reasons:
        ranking = (("urgent_report", max(0.9, u.confidence)), *(item for item in u.intent_ranking if item[0] != "urgent_report"))
        u = replace(
            u,
            intent="urgent_report",
            confidence=ranking[0][1],
            intent_ranking=ranking,
            understood=True,
        )
    elif u.intent == "urgent_report":
        # Without a reason there is no alarm: the likeliest kind beside it speaks.
        u = replace(u, intent=u.kind.value, confidence=u.kind_confidence)
    if u.entities and u.first("ticket_no") and not u.urgent and _says_little(u):
        u = replace(u, intent="ticket_status", kind=Kind.TICKET_STATUS, confidence=max(0.9, u.confidence), understood=True)
    if u.wants_person and not u.urgent:
        u = replace(u, intent="human_request", confidence=max(0.9, u.confidence), understood=True)
    if u.kind is Kind.HUMAN_REQUEST and u.product is Product.OTHER:
        u = replace(u, product=Product.HOTLINE)
    return u


def _says_little(u: Understanding) -> bool:
    return u.intent in ("inform", "other", "enquiry", "greeting_chitchat") or not _WORDS.search(u.text)


def _nothing(text: str) -> Understanding:
    """A message without words: an emoji, blanks, nothing."""
    return Understanding(
        text=text,
        intent="other",
        confidence=0.0,
        intent_ranking=(("other", 0.0),),
        kind=Kind.OTHER,
        kind_confidence=0.0,
        product=Product.OTHER,
        product_confidence=0.0,
        urgent=False,
        urgent_reasons=(),
        wants_person=False,
        understood=False,
        emotion=Emotion.CALM,
        escalation_signs=(),
        entities=(),
    )
