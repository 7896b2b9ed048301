"""Brings one message into the one form that the rest reads: width, case, and traditional characters. Length never changes.

Because every character maps to exactly one, positions in the normalised text are positions in the original.
"""

import re

# Traditional characters that bank customers use, pairwise with the simplified ones.
_TRADITIONAL = (
    "銀行卡帳賬戶號碼錢轉匯兌貸還額債務網點櫃檯員務態業務辦處理訴議見問題詢查詢臺機壞們個這裡裏麼為時間後發現無論說話電聯繫係應該過進"
    "錯誤損失騙盜報警緊急凍結關閉開啟頁顯示麗讓給請謝對嗎還沒來東寫動態費減稅總認證據訊號簽單積換購買賣資訊險財產豐華僅從當與專"
    "業將屬實際級終於極慢點熱線門覺變複雜舊體驗慘氣憤煩擾騷罵聲誠懇禮貌親顧愛護歡樂優質環術師傳輸導鏈鎖輛運車飛農廣長數據備份維護"
)
_SIMPLIFIED = (
    "银行卡账账户号码钱转汇兑贷还额债务网点柜台员务态业务办处理诉议见问题询查询台机坏们个这里里么为时间后发现无论说话电联系系应该过进"
    "错误损失骗盗报警紧急冻结关闭开启页显示丽让给请谢对吗还没来东写动态费减税总认证据讯号签单积换购买卖资讯险财产丰华仅从当与专"
    "业将属实际级终于极慢点热线门觉变复杂旧体验惨气愤烦扰骚骂声诚恳礼貌亲顾爱护欢乐优质环术师传输导链锁辆运车飞农广长数据备份维护"
)
assert len(_TRADITIONAL) == len(_SIMPLIFIED)  # noqa: S101 -- a slip here would shift meanings silently

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_UPPER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
# Full-width capitals need both steps at once: a table is applied only once.
_FULL_UPPER = {code: code - 0xFEE0 + 32 for code in range(0xFF21, 0xFF3B)}
_CONTROL = dict.fromkeys((*range(32), 127, 8203, 8204, 8205, 8288, 65279), 32)
_SURROGATES = dict.fromkeys(range(55296, 57344), 32)
_TABLE: dict[int, int] = (
    _FULL_WIDTH
    | _UPPER
    | _FULL_UPPER
    | _CONTROL
    | _SURROGATES
    | {ord(old): ord(new) for old, new in zip(_TRADITIONAL, _SIMPLIFIED, strict=True)}
)
_CHANGING = re.compile(f"[{re.escape(''.join(map(chr, sorted(_TABLE))))}]")


def normalise(text: str) -> str:
    """*text* in half-width lower case, simplified characters, without control characters; as long as before."""
    return text.translate(_TABLE) if _CHANGING.search(text) else text
