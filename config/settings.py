"""Everything an operator may set, in one frozen tree.

Order of precedence: values given in code, environment (``HUIYIN__SERVER__PORT=8080``), the YAML file named on the command
line, then the packaged ``default.yaml``. Secrets come from the environment or from files, never from ``default.yaml``.
"""

from importlib.resources import files
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from config.labels import FeedbackChannel


class Section(BaseModel):
    """A part of the settings: frozen, and a misspelt name is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Server(Section):
    """The HTTP side."""

    host: str = "127.0.0.1"
    port: int = 8080
    public_url: str | None = Field(None, description="How customers reach us; links and widget origins are made from it.")
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = Field(
        (), description="Networks of our own proxies. Only from there X-Forwarded-For and X-Forwarded-Proto are believed."
    )
    idle_connection_s: float = Field(
        75.0, gt=0, description="A connection that brings no whole request for so long is closed; above that of proxies in front."
    )
    shutdown_grace_s: float = Field(10.0, description="Running turns may finish this long after a stop signal.")
    max_body_bytes: int = Field(2 * 1024 * 1024, description="Largest JSON body; uploads have their own limits.")


class Database(Section):
    """Where rows live."""

    url: str | None = Field(None, description="SQLAlchemy URL. None: SQLite at data_dir/huiyin.db.")
    writers: int = Field(4, description="Writer threads on PostgreSQL; SQLite always has exactly one.")
    readers: int = Field(2, description="Reader threads, one connection each.")
    max_pending_writes: int = Field(2000, description="More than this and we answer 503 instead of queueing.")


class Turn(Section):
    """Limits of one turn of the bot."""

    budget_s: float = Field(2.0, description="WeChat gives up after 5 s; the rest is for commit and network.")
    max_text_chars: int = Field(8000, description="Longer messages are refused with an explanation, never cut.")
    max_failures: int = Field(2, description="After this many failed turns a person takes over.")
    person_within_s: float = Field(10.0, description="At the latest after this, however few turns have failed.")
    on_emotion: Literal["offer", "go", "off"] = Field(
        "offer",
        description="An angry or distressed customer is told that a person may take over, is put through at once, or neither.",
    )


class Understanding(Section):
    """How messages are understood."""

    semantic: Literal["auto", "always", "off"] = Field(
        "auto", description="Ask embeddings, where installed, about doubtful messages, about all but plain answers, or never."
    )
    semantic_deadline_s: float = Field(0.15, description="Later than this, the linear model's answer stands.")


class Life(Section):
    """How long conversations stay open."""

    bot_idle_h: float = 24
    human_idle_h: float = 48


class RestChannel(Section):
    """Rasa-shaped programs: /webhooks/rest, /model/parse, /actions/webhook, /api/v1/feedback."""

    api_keys: tuple[SecretStr, ...] = ()
    open: bool = Field(False, description="No key asked. Only the demo sets this.")


class InAppChannel(Section):
    """The chat widget."""

    account: str = "in_app:main"
    identity_secret: SecretStr | None = Field(
        None, min_length=32, description="HS256 key shared with the bank's app to sign who a visitor is; 32 characters or more."
    )
    identity_public_key: str | None = Field(None, description="RS256: the public key (PEM) of the bank's app; only it can sign.")
    identity_audience: str | None = Field(
        None, description="What 'aud' of a login must name. None: logins that are meant for somebody ('aud') are not for us."
    )
    identity_longest_h: float = Field(
        744,
        gt=0,
        description="A login whose end lies further off is refused: it would be as good as a password that never changes.",
    )
    identifier_secret: SecretStr | None = Field(
        None,
        min_length=32,
        description="Also take an id with its HMAC-SHA256 under this key, as other chats do. Such a proof never expires.",
    )
    frames_per_s: float = Field(
        10.0,
        ge=0,
        description="Of one customer; who sends more is read that fast, after five seconds' worth at once. 0: no limit.",
    )
    frames_per_s_per_address: float = Field(
        100.0, ge=0, description="Of all customers at one address; see server.trusted_proxies. 0: no limit."
    )
    allowed_origins: tuple[str, ...] = Field((), description="Sites that may embed the widget; ours is always allowed.")

    @model_validator(mode="after")
    def _one_key_one_use(self) -> "InAppChannel":
        # Who may choose what they are called could have the beginning of a login hashed: its hash would be the login's signature.
        if self.identifier_secret is not None and self.identifier_secret == self.identity_secret:
            raise ValueError("identifier_secret must be another than identity_secret")
        return self


AccountName = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9_\-]{1,32}$", description="Ours for it: it stands in the callback's path.")
]


class Notice(Section):
    """A template or subscription message: what the platform lets us send when the customer has not written lately."""

    template_id: str
    kind: Literal["template", "subscription"] = "template"
    data: dict[str, str] = Field(description="Its fields, filled in from {ticket_no} {state} {time} {summary}.")
    url: str | None = Field(None, description="The page that a template opens; may hold the same names.")
    page: str | None = Field(None, description="The Mini Program's page that it opens.")
    miniprogram_appid: str | None = None

    @model_validator(mode="after")
    def _only_known_names(self) -> "Notice":
        try:
            for pattern in (*self.data.values(), self.url or ""):
                pattern.format(ticket_no="", state="", time="", summary="")
        except (KeyError, IndexError, ValueError):
            raise ValueError("a field holds another name than ticket_no, state, time and summary") from None
        return self


class _Platform(Section):
    """An account with an appid: what its console at the platform shows, and whom of ours it stands for."""

    name: AccountName
    appid: str
    secret: SecretStr
    token: SecretStr
    aes_key: SecretStr | None = Field(None, description="EncodingAESKey, 43 characters. None: plain mode.")
    accept_plain: bool = Field(False, description="Take unencrypted pushes although an AES key is set (compatible mode).")
    branch: str | None = Field(None, description="The branch that this account belongs to; a branch's own code outranks it.")
    brand: str | None = Field(None, description="The brand that this account speaks for, shown to agents.")
    notices: dict[Literal["ticket", "message"], Notice] = Field(
        {}, description="For a ticket that moved on, and for a message that waits until the customer writes."
    )


class OfficialAccount(_Platform):
    """One WeChat Official Account. Its callback is /wechat/official/{name}."""

    staffed_in_wechat: bool = Field(False, description="People answer at WeChat's own desk: who asks for one is passed on to it.")
    operator: str | None = Field(
        None, description="Whom staffed_in_wechat passes customers to (kf_account). None: whoever is free."
    )


class TicketCard(Section):
    """What follows a message that names a ticket. It costs one of the five messages that answer a customer's."""

    page: str | None = Field(None, description="A page of the Mini Program: pages/ticket?no={ticket_no}. Needs the image.")
    image: Path | None = Field(None, description="The picture on that card, JPEG or PNG, 5:4.")
    image_url: str | None = Field(None, description="Without a page: the picture on a link to the status page in the message.")

    @model_validator(mode="after")
    def _whole(self) -> "TicketCard":
        if (self.page is None) != (self.image is None):
            raise ValueError("a page needs an image, and an image a page")
        return self


class MiniProgram(_Platform):
    """One Mini Program. Its callback is /wechat/mini/{name}; pushes may come as XML or JSON, told apart by what they hold."""

    ticket_card: TicketCard | None = None


class KfDesk(Section):
    """One address of WeChat Customer Service (an ``open_kfid``), and whom of ours it stands for."""

    open_kfid: str
    branch: str | None = None
    brand: str | None = None
    servicer: str | None = Field(None, description="Whom staffed_in_wecom hands customers to (a userid). None: WeCom's queue.")


class KfCorp(Section):
    """A WeCom corporation with WeChat Customer Service. Its callback is /wechat/kf/{name}; pushes are always encrypted."""

    name: AccountName
    corp_id: str
    secret: SecretStr
    token: SecretStr
    aes_key: SecretStr
    desks: tuple[KfDesk, ...] = Field((), description="Addresses with a branch or brand of their own; others are served too.")
    staffed_in_wecom: bool = Field(False, description="People answer in WeCom: our desk only reads once a person is asked for.")
    poll_s: float = Field(60.0, description="Look for messages this often without being told: a callback may get lost.")
    keep_recalled: bool = Field(True, description="Keep what a customer took back, marked so. False: empty it.")


class WeChat(Section):
    """WeChat channels and where the platform lives."""

    official: tuple[OfficialAccount, ...] = ()
    mini: tuple[MiniProgram, ...] = ()
    kf: tuple[KfCorp, ...] = ()
    api_base: str = "https://api.weixin.qq.com"
    fallback_api_base: str | None = "https://api2.weixin.qq.com"
    qyapi_base: str = "https://qyapi.weixin.qq.com"
    max_body_bytes: int = Field(64 * 1024, description="A push is a few KB; parsing 1 MB of tags would cost half a second.")
    body_within_s: float = Field(3.0, description="A push that has not come whole after this is hung up on.")
    clock_skew_s: int = Field(300, description="Pushes with a timestamp further off are refused.")
    passive_reply_s: float = Field(4.5, description="WeChat waits 5 s; after this the answer goes out through the API.")

    @property
    def api_bases(self) -> tuple[str, ...]:
        """Hosts of Official Accounts and Mini Programs, in the order they are tried."""
        return tuple(filter(None, (self.api_base, self.fallback_api_base)))

    def staffed_elsewhere(self, account: str) -> bool:
        """Whether people answer for *account* at the platform's own desk."""
        return any(corp.staffed_in_wecom and account == f"kf:{corp.name}" for corp in self.kf) or any(
            one.staffed_in_wechat and account == f"official:{one.name}" for one in self.official
        )

    @model_validator(mode="after")
    def _each_name_once(self) -> "WeChat":
        for kind in (self.official, self.mini, self.kf):
            names = [account.name for account in kind]
            if len(set(names)) < len(names):
                raise ValueError("two accounts of a kind have the same name")
        return self


class Desk(Section):
    """Agents and their pages."""

    session_h: float = 12
    presence_timeout_s: float = Field(
        15,
        description="An agent unseen for this long counts as gone; with the time it takes to notice a dead line, 30 s at most.",
    )
    assignment: Literal["pulled", "automatic", "both"] = Field(
        "pulled", description="Agents fetch conversations themselves, are given them, or both. Supervisors may always fetch."
    )
    ask_satisfaction: bool = Field(True, description="Ask the customer once how content they were when a person has served them.")
    blind_reply: Literal["staff", "anybody", "off"] = Field(
        "staff",
        description="Refuse a reply (409) while the page has not shown what a colleague, or anybody, has said in the meantime.",
    )
    opening_hours: str = Field(
        "09:00-18:00", description="Shanghai time on working days; several intervals: 09:00-12:00,13:00-18:00."
    )
    open_every_day: bool = Field(False, description="Ignore the calendar: the demo is always open.")
    failed_sign_ins_per_15min: int = Field(
        10,
        ge=1,
        description="Of a login, on a device where it signed in before or from one network; six times as many an hour in all.",
    )


class Uploads(Section):
    """Files that customers send by the chat and by forms."""

    max_image_bytes: int = 10 * 1024 * 1024
    max_video_bytes: int = 50 * 1024 * 1024
    max_video_s: float = Field(60, description="Longer ones are refused; needs ffprobe, without it length isn't known.")
    max_bytes_at_once: int = Field(
        512 * 1024 * 1024,
        description="In memory, of files being taken in; half of it for one address. When it is full, others come later.",
    )
    max_bytes_an_hour: int = Field(
        4 * 1024 * 1024 * 1024,
        ge=0,
        description="Of files kept from one address; see server.trusted_proxies. 0: no limit.",
    )
    unused_h: float = Field(
        24,
        ge=1,
        le=24 * 366,
        description="So long a file that was sent can be used in a message or form; if it was not, `retention run` removes it.",
    )
    scanner: str | None = Field(
        None,
        description="ClamAV's clamd: unix:/path or tcp:host:port. Once set, what it can't scan is refused.",
    )


class Webhooks(Section):
    """What other systems are told."""

    networks: tuple[IPv4Network | IPv6Network, ...] = Field(
        (),
        description="Private networks where receivers may be, as 10.0.0.0/8. Public addresses need no word; this machine does.",
    )


class WebForm(Section):
    """The hosted feedback form."""

    per_address_per_h: int = Field(100, description="Forms and files that one address may send; behind a proxy all share one.")


class StatusPage(Section):
    """The customer's own page of a ticket, reached by a link."""

    link_valid_days: int = Field(180, description="A link dies this long after the ticket's last change.")
    additions_per_h: int = Field(20, description="So many additions a ticket takes from its page within an hour.")


class Retention(Section):
    """How many days something is kept; ``huiyin retention run`` forgets what is older. None: for ever."""

    conversations_days: int | None = Field(
        None,
        ge=1,
        description="After a conversation's end: words, files, numbers. While its ticket is open it is kept in any case.",
    )
    customers_days: int | None = Field(
        None,
        ge=1,
        description="After a customer first came: name and numbers, once no conversation and no ticket of theirs is kept.",
    )
    requests_days: int | None = Field(
        30, ge=1, description="Answers to programs' requests: the same Idempotency-Key means the same request for this long."
    )

    platforms_days: int | None = Field(
        180,
        ge=1,
        description="What platforms told: pushes of unknown kinds, what became of notices.",
    )

    def days_of(self, name: str) -> int | None:
        """How long rows of that kind are kept."""
        days: int | None = getattr(self, f"{name}_days")
        return days


class Bell(Section):
    """How processes tell each other that there is news."""

    redis_url: SecretStr | None = Field(None, description="None: the bell rings inside this process only.")
    poll_s: float = Field(2.0, description="A lost ring delays news by at most this.")


class Logging(Section):
    """Structured logs without personal data."""

    format: Literal["json", "console"] = "json"
    level: str = "INFO"


class Settings(BaseSettings):
    """The whole tree."""

    model_config = SettingsConfigDict(
        env_prefix="HUIYIN__", env_nested_delimiter="__", frozen=True, extra="forbid", nested_model_default_partial_update=True
    )

    data_dir: Path = Path("var/huiyin")
    keys_file: Path | None = Field(None, description="Key ring (JSON). None: data_dir/keys.json; HUIYIN__KEYS holds it inline.")
    keys: SecretStr | None = None
    rules_dir: Path | None = Field(
        None, description="A bank's own queue.yaml, routing.yaml, departments.yaml ...: each in the place of the packaged one."
    )
    demo: bool = False
    privacy_notice_version: str = Field("2026-11", description="A new version is shown to everybody once more.")
    server: Server = Server()
    database: Database = Database()
    turn: Turn = Turn()
    understanding: Understanding = Understanding()
    life: Life = Life()
    rest: RestChannel = RestChannel()
    in_app: InAppChannel = InAppChannel()
    wechat: WeChat = WeChat()
    desk: Desk = Desk()
    webhooks: Webhooks = Webhooks()
    web_form: WebForm = WebForm()
    status_page: StatusPage = StatusPage()
    uploads: Uploads = Uploads()
    bell: Bell = Bell()
    retention: Retention = Retention()
    logging: Logging = Logging()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Code and environment before anything from files; the YAML file arrives as lowest-priority values."""
        del dotenv_settings
        return (init_settings, env_settings, file_secret_settings, _FileValues(settings_cls))

    @property
    def database_url(self) -> str:
        """The SQLAlchemy URL in force."""
        return self.database.url or f"sqlite:///{self.data_dir / 'huiyin.db'}"

    @property
    def nlu_dir(self) -> Path:
        """Where a bank keeps training files of its own, and the model trained with them."""
        return self.data_dir / "nlu"

    def channel_of(self, account: str) -> FeedbackChannel:
        """The feedback channel that a channel account belongs to, by the prefix of its name."""
        return ACCOUNT_CHANNELS[account.partition(":")[0]]


ACCOUNT_CHANNELS = {
    "official": FeedbackChannel.WECHAT_OFFICIAL,
    "mini": FeedbackChannel.WECHAT_MINI,
    "kf": FeedbackChannel.WECHAT_KF,
    "in_app": FeedbackChannel.IN_APP,
    "rest": FeedbackChannel.API,
}


class _FileValues(PydanticBaseSettingsSource):
    """Values of the packaged defaults with the operator's YAML file laid over them."""

    values: ClassVar[dict[str, Any]] = {}

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        """Unused: the whole tree is handed over at once."""
        del field
        return self.values.get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        return self.values


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """*over* laid on *base*, section by section."""
    result = dict(base)
    for key, value in over.items():
        below = result.get(key)
        result[key] = _merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return result


def load_settings(path: Path | None = None, **overrides: Any) -> Settings:
    """The settings in force. Raises ``pydantic.ValidationError`` naming every wrong field, or ``OSError`` for the file."""
    packaged = yaml.safe_load((files("config") / "default.yaml").read_text("utf-8")) or {}
    own = yaml.safe_load(path.read_text("utf-8")) or {} if path else {}
    _FileValues.values = _merged(packaged, own)
    try:
        return Settings(**overrides)
    finally:
        _FileValues.values = {}
