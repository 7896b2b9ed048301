"""Hears thanks and praise that mean their opposite: 真是谢谢你们了，存三年还亏两千. Asked only of what looks like praise."""

import re

_IRONY = re.compile(
    # What came of it, beside the kind words.
    r"(?:谢谢|感谢|多谢|真好|真棒|厉害|优秀|专业|佩服|点赞|五星|满分|好样的).{0,40}(?:还|倒|反而|反倒|净|硬是|愣是|结果)(?:给我)?(?:亏|赔了|少了|倒贴|倒扣|白跑|被骗|丢了)"
    r"|(?:还|倒|反而|反倒|净|硬是|愣是|结果)(?:给我)?(?:亏|赔了|少了|倒贴|倒扣|白跑|被骗|丢了).{0,30}(?:谢谢|感谢|真好|真棒|厉害|优秀|专业|佩服|点赞|满分|好样的)"
    r"|(?:谢谢|感谢|多谢)(?:你们|贵行|银行)?(?:了)?[啊哈]?[，,！!\s]*(?:让我|害我|把我|坑|教会我|给我上了)"
    r"|可真(?:有你的|会(?:玩|做生意|赚)|能(?:耐|折腾)|行)|真有你们?的|(?:服|跪)了你们|我谢谢你全家|呵呵哒|优秀得很"
)
_KEEPS_WORD = re.compile(
    r"(?:没|没有|不|未|从不|从没|不会|帮|替|给我(?:追|要|挽))(?:.{0,3})(?:亏|赔|少|贴|扣|跑|骗|丢)|追回|挽回|避免|拦(?:住|下)|差点"
)


def is_ironic(text: str) -> bool:
    """Whether the kind words of the normalised *text* stand beside what contradicts them."""
    return bool(_IRONY.search(text)) and not _KEEPS_WORD.search(text)
