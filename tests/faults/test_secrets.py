"""A password or one-time code that a customer types is nowhere on disk: not in the database, its log, the blobs, or our logs."""

from pathlib import Path

import pytest
from making_services import Process

SECRETS = ("Hunter2abc", "839201", "774466", "zhang1990", "556677")
CARD, PHONE = "6222021234567890123", "13812345678"


@pytest.mark.timeout(120)
def test_secrets_typed_by_a_customer_are_found_nowhere_on_disk(tmp_path: Path):
    service = Process(tmp_path / "data")
    service.start()
    try:
        answers = service.say("s1", "我的密码是Hunter2abc，登不上去")
        assert any("密码" in item.get("text", "") and "屏蔽" in item.get("text", "") for item in answers)
        service.say("s1", "验证码 839201")
        service.say("s2", "774466")
        service.say("s2", "支付密码我设的是zhang1990")
        service.say("s3", f"卡号{CARD}被盗刷，电话{PHONE}，验证码我告诉他了是556677")
        service.say("s3", "转人工")
    finally:
        service.kill()
    everything = b"".join(path.read_bytes() for path in [*tmp_path.rglob("*")] if path.is_file())
    assert b"huiyin" in everything
    for secret in (*SECRETS, CARD, PHONE):
        assert secret.encode() not in everything, secret
