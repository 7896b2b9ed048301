"""Customers keep to no order. Whatever is said after whatever, the bot answers it, and never with an error."""

from dataclasses import replace

import pytest
from dialogue.talking import FACTS, Chat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.effects import HandOff

# fmt: off
SAID = (
    "在吗", "？", "喂", "你是不是傻", "哦", "好", "对", "不对", "算了", "取消", "转人工", "投诉", "我要投诉", "查进度", "FB202611230000017", "8888",
    "13800138000", "昨天下午", "朝阳支行", "退钱", "没有", "谢谢", "再见", "登记", "确认", "修改", "不知道", "跳过", "撤回投诉", "补充：还有一件事", "怎么办", "余额",
    "我不想活了", "密码123456", "盗刷！！！", "卡被吞了", "别打电话", "就这样", "可以", "500元", "金额是300", "诉求改成退款", "时间是前天", "不是建设路是建国路", "人呢",
    "78岁", "hello", "1", "2", "继续", "重新登记", "留言", "我要表扬", "app又好了 谢谢", "昨天在ATM取500，没吐钱还扣了", "你们app老是闪退，登不上去",
    "昨天申请的贷款一直没人打电话", "柜台小李特别耐心，帮我妈弄了半天", "信用卡年费怎么免", "建议首页加个记账", "被骗了两万，刚转过去", "工单号我忘了", "钱没到", "苹果手机", "上个月的事了",
)
# fmt: on


@pytest.mark.parametrize("on_duty", [0, 1])
@given(lines=st.lists(st.sampled_from(SAID), min_size=2, max_size=9))
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_said_after_whatever_is_answered(parts, on_duty, lines):
    chat = Chat(parts, replace(FACTS, agents_on_duty=on_duty, open_now=True))
    for line in lines:
        assert chat.say(line), (chat.state.get("form"), lines)
        if chat.did(HandOff):
            return
