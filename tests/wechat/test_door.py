"""What all callbacks share: envelopes and fields as XML and as JSON, whoever the receiver is, and several accounts by name."""

import json

import pytest
from pydantic import SecretStr, ValidationError

from bot.channels.wechat.fake import FakeAccount, seal, sign
from bot.channels.wechat.fields import fields_of, text_field
from bot.channels.wechat.signing import Envelope, Rejected, encrypted_part
from config.settings import KfCorp, KfDesk, MiniProgram, WeChat

AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
ACCOUNT = FakeAccount("main", "ww1", "s", "token", "", AES_KEY)


@pytest.mark.parametrize(
    "shape",
    [
        "<xml><ToUserName>x</ToUserName><Encrypt><![CDATA[{}]]></Encrypt></xml>",
        "<xml><Encrypt>{}</Encrypt></xml>",
        "<?xml version='1.0'?>\n<xml>\n  <Encrypt>\n <![CDATA[\n{}\n]]>\n</Encrypt>\n</xml>\n",
        '{{"ToUserName": "gh_1", "Encrypt": "{}"}}',
        '\n{{"Encrypt" : "{}"}}',
    ],
)
def test_the_sealed_part_is_found_in_every_shape_of_envelope(shape):
    sealed = seal(ACCOUNT, "你好")
    found = encrypted_part(shape.format(sealed).encode())
    assert found == sealed
    envelope = Envelope("token", AES_KEY, "ww1")
    assert envelope.open(found, sign("token", "1", "n", sealed), "1", "n") == "你好"


def test_slashes_that_json_escapes_are_read_as_slashes():
    assert encrypted_part(json.dumps({"Encrypt": "a/b+c=="}).replace("/", "\\/").encode()) == "a/b+c=="


@pytest.mark.parametrize(
    "body", ['{"Encrypt":"YQ==","a":{"Encrypt":"Yg=="}}', "<xml><Encrypt>YQ==</Encrypt><Encrypt>Yg==</Encrypt></xml>"]
)
def test_two_sealed_parts_are_refused(body):
    with pytest.raises(Rejected, match="bad_envelope"):
        encrypted_part(body.encode())


@pytest.mark.parametrize(
    "body",
    [
        b"<xml><MsgType><![CDATA[text]]></MsgType><MsgId>7</MsgId><Content><![CDATA[ a\n]]></Content></xml>",
        b'<?xml version="1.0" encoding="UTF-8"?>\n<xml>\n <MsgType>text</MsgType>\n<MsgId>7</MsgId><Content> a\n</Content></xml>\n\n',
        b"\xef\xbb\xbf<xml><!-- <Content>b</Content> --><MsgType>text</MsgType><MsgId>7</MsgId><Content> a\n</Content></xml>",
        b'{"MsgType":"text","MsgId":7,"Content":" a\\n"}',
        b'\xef\xbb\xbf {"Content":" a\\n","MsgId":"7","MsgType":"text"}\n',
    ],
)
def test_the_same_fields_are_read_from_xml_and_json_whatever_surrounds_them(body):
    fields = fields_of(body)
    assert [text_field(fields, name, limit=9) for name in ("MsgType", "MsgId", "Content")] == ["text", "7", " a\n"]


@pytest.mark.parametrize(
    "body",
    [
        b"<xml><Content><![CDATA[\x0b\xe5\x8d\xa1\x08\xe4\xb8\xa2\x1f\xe4\xba\x86\xef\xbf\xbf]]></Content></xml>",
        b"<xml><Content>\xe5\x8d\xa1\x01\xe4\xb8\xa2\xe4\xba\x86</Content></xml>",
        b'{"Content":"\xe5\x8d\xa1\\u0000\xe4\xb8\xa2\x08\xe4\xba\x86\\ud83d"}',
    ],
)
def test_characters_that_nobody_sees_cost_no_message(body):
    assert text_field(fields_of(body), "Content", limit=9) == "卡丢了"


def test_markup_does_not_come_about_by_leaving_characters_out():
    for hidden in (b"<\x01!DOCTYPE xml><xml><a>1</a></xml>", b"<xml><!\x0b[CDATA[a]]></xml>", b"<xml><\x02?php ?></xml>"):
        with pytest.raises(Rejected):
            fields_of(hidden)


@pytest.mark.parametrize(
    "body",
    [
        "<xml><Content>卡丢了</Content></xml>".encode("utf-16"),
        '<?xml version="1.0" encoding="UTF-16"?><xml><Content>卡丢了</Content></xml>'.encode("utf-16-le"),
        '<?xml version="1.0" encoding="GBK"?><xml><Content>卡丢了</Content></xml>'.encode("gbk"),
        '{"Content":"卡丢了"}'.encode("utf-16"),
        '{"Content":"卡丢了"}'.encode("gbk"),
        b"",
        b"[]",
        b"{",
        b'{"a":' * 3000,
        b"null",
        b'"text"',
        b'{"a":"\xff"}',
        b"<xml>",
        b"<xml/>",
        b"<a></a>",
        b"<!DOCTYPE xml><xml><a>1</a></xml>",
        b'<?xml version="1.0"?><!DOCTYPE xml [<!ENTITY a "b">]><xml><a>&a;</a></xml>',
        b"<xml><!-- <![CDATA[ --><!DOCTYPE a><a>1</a><!-- ]]> --></xml>",
        b"<xml><![CDATA[ <!-- ]]><!ENTITY a 'b'><a>-->1</a></xml>",
        b"<xml><?php evil ?><a>1</a></xml>",
        b"<xml><!-- never closed <a>1</a></xml>",
    ],
)
def test_anything_else_is_refused_with_one_kind_of_error(body):
    with pytest.raises(Rejected):
        fields_of(body)


@pytest.mark.parametrize("body", [b'{"a":"1","a":"2"}', b"<xml><a>1</a><a>2</a></xml>"])
def test_a_field_given_twice_is_no_text(body):
    with pytest.raises(Rejected, match="bad_field"):
        text_field(fields_of(body), "a", limit=9)


def keys(name: str) -> dict[str, object]:
    return {"name": name, "secret": SecretStr("s"), "token": SecretStr("t"), "aes_key": SecretStr(AES_KEY)}


def test_several_accounts_of_each_kind_may_stand_beside_each_other_under_names_of_their_own():
    minis = tuple(MiniProgram(appid=f"wx{n}", branch=f"支行{n}", **keys(f"m{n}")) for n in range(3))
    corp = KfCorp(corp_id="ww1", desks=(KfDesk(open_kfid="wk1", branch="朝阳支行"), KfDesk(open_kfid="wk2")), **keys("m0"))
    wechat = WeChat(mini=minis, kf=(corp,))
    assert [account.branch for account in wechat.mini] == ["支行0", "支行1", "支行2"]
    with pytest.raises(ValidationError, match="same name"):
        WeChat(mini=(minis[0], minis[0]))
    with pytest.raises(ValidationError):
        KfCorp(corp_id="ww1", **keys("a/b"))
