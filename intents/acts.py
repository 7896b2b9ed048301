"""Short answers that mean one thing: yes, no, skip, cancel, withdraw. Whole messages only, so nothing else is taken for one."""

import re

from config.labels import DialogueAct

_TAIL = r"[\s。.!！~～,，呀啊哦的吧了呢嘛哈]*"
_ACTS: tuple[tuple[DialogueAct, re.Pattern[str]], ...] = tuple(
    (act, re.compile(rf"\s*(?:{pattern}){_TAIL}"))
    for act, pattern in (
        (
            DialogueAct.WITHDRAW,
            r"(?:我要|我想|帮我|申请)?(?:撤回|撤销|撤掉|撤诉|取消)(?:我的|这[个张条]|那[个张条]|之前的|上次的|刚才的?|刚刚的?|昨天的|今天的|提交的|登记的)*(?:投诉|工单|反馈|建议|诉求)(?:单)?|(?:我)?不(?:想)?投诉了?|撤诉|撤回|(?:投诉|工单|反馈)(?:我)?(?:撤回|撤了|撤销)",
        ),
        (
            DialogueAct.AFFIRM,
            r"是|是的|对|对的|没错|嗯+|嗯嗯|好|好的|可以|行|确认|确认提交|提交|没问题|正确|ok|okay|yes|y|对对|对头|要得|成|中|同意|无误|是这样|就是这样|没有错|准确|好嘞|好滴|没毛病|[系係](?:的|呀|啊|嘅)?|啱|冇问题|👌|👍|(?:嗯+|好的?|对的?|是的?|行|可以|没错|没问题|ok)[，,。\s]*(?:确认|提交|登记|就这样|这样|对|是|好|行|可以|确定)(?:提交|登记)?(?:吧|了|的)*",
        ),
        (
            DialogueAct.DENY,
            r"不是|不对|不|否|错|错了|有误|不正确|no|n|不可以|不行|不要|不同意|没有|不是这样|修改|改一下|要改|不准确|唔[系係啱]|冇",
        ),
        (
            DialogueAct.SKIP,
            r"跳过|略过|不说|不想说|不方便(?:说|透露|提供)?|不清楚|不知道|不记得|记不清|忘|忘记|不填|不提供|下一个|下一步|没有要求|没要求|无|没|随便|都行|说不上来|保密|不告诉你",
        ),
        (
            DialogueAct.CANCEL,
            r"算|算了|不弄|不弄了|不办了?|取消|不说了|不用了|不提交了?|放弃|退出|结束|不反馈了?|别弄|停|先不|先不弄|当我没说|不反映了?",
        ),
    )
)


def act_of(text: str) -> DialogueAct | None:
    """The act that the whole normalised *text* is, if it is one."""
    if len(text) > 16:  # noqa: PLR2004 -- no such answer is longer
        return None
    return next((act for act, pattern in _ACTS if pattern.fullmatch(text)), None)
