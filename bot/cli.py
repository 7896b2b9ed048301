"""The command ``huiyin``: one subcommand a task. Settings are loaded here and nowhere else."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import ValidationError

from config.labels import Scope
from config.own_rules import use_rules_in
from config.settings import Settings, load_settings

MAX_KEY_NAME_CHARS = 64
MAX_KEY_DAYS = 3650

Command = Callable[[argparse.Namespace, Settings], int]


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line; exits with 0, or with 1 and one line that says what is wrong."""
    arguments = _parser().parse_args(argv)
    try:
        settings = load_settings(arguments.config)
        use_rules_in(settings.rules_dir)
        code = arguments.run(arguments, settings)
    except ValidationError as error:
        for problem in error.errors():
            where = ".".join(str(part) for part in problem["loc"])
            print(f"huiyin: setting {where}: {problem['msg']}", file=sys.stderr)
        code = 1
    except (OSError, ValueError, RuntimeError) as error:
        print(f"huiyin: {error}", file=sys.stderr)
        code = 1
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="huiyin", description="回音 huiyin: customer feedback by chat, filed, handed over, answered."
    )
    parser.add_argument("--config", type=Path, help="YAML file with settings")
    parser.set_defaults(run=lambda *_: _help(parser))
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    serve = commands.add_parser("serve", help="run the service")
    serve.add_argument("--host")
    serve.add_argument("--port", type=int)
    serve.set_defaults(run=_serve)

    demo = commands.add_parser("demo", help="run everything on this machine with made-up settings")
    demo.add_argument("--port", type=int, default=8080)
    demo.add_argument("--data-dir", type=Path, default=Path("var/demo"))
    demo.set_defaults(run=_demo)

    commands.add_parser("migrate", help="bring the database to this version's schema").set_defaults(run=_migrate)
    commands.add_parser("check-config", help="say whether serve could start").set_defaults(run=_check_config)

    keys = commands.add_parser("keys", help="make a key ring").add_subparsers(required=True, metavar="ACTION")
    keys.add_parser("new", help="write a fresh key ring where the settings expect it").set_defaults(run=_new_keys)

    user = commands.add_parser("user", help="staff accounts").add_subparsers(required=True, metavar="ACTION")
    add = user.add_parser("add", help="add a member of staff; the password is read from standard input or asked for")
    add.add_argument("login")
    add.add_argument("--name", required=True)
    add.add_argument("--role", choices=["agent", "supervisor", "administrator"], default="agent")
    add.add_argument("--department")
    add.add_argument("--capacity", type=int, default=5)
    add.add_argument("--skill", action="append", default=[], help="what they know (config/queue.yaml); none: everything")
    add.set_defaults(run=_add_user)

    codes = commands.add_parser("branch-codes", help="write QR codes to print, one a branch: they open the feedback form")
    codes.add_argument("branch", nargs="*", help="names of branches; none: one a line from standard input")
    codes.add_argument("--to", type=Path, default=Path("branch-codes"), help="folder for the SVG files")
    codes.set_defaults(run=_branch_codes)

    kept = commands.add_parser("retention", help="how long things are kept").add_subparsers(required=True, metavar="ACTION")
    forget = kept.add_parser("run", help="forget what was kept for as long as the settings under retention say")
    forget.add_argument("--dry-run", action="store_true", help="only say how much that is")
    forget.set_defaults(run=_forget)

    _wechat_commands(commands.add_parser("wechat", help="WeChat").add_subparsers(required=True, metavar="ACTION"))
    _key_commands(commands.add_parser("key", help="API keys of programs").add_subparsers(required=True, metavar="ACTION"))
    _nlu_commands(commands.add_parser("nlu", help="understanding").add_subparsers(required=True, metavar="ACTION"))
    return parser


def _help(parser: argparse.ArgumentParser) -> int:
    parser.print_help()
    return 0


def _wechat_commands(wechat: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    fake = wechat.add_parser("fake", help="run a WeChat platform of our own, to try a service against")
    fake.add_argument("--host", default="127.0.0.1")
    fake.add_argument("--port", type=int, default=8090)
    fake.add_argument(
        "--accounts", type=Path, help="YAML or JSON list of accounts; else those of the settings, else a made-up one"
    )
    fake.add_argument("--callback", default="http://127.0.0.1:8080", help="where the service listens")
    fake.add_argument(
        "--lenient", action="store_true", help="send customers anything at any time, without 48 hours and five messages"
    )
    fake.set_defaults(run=_wechat_fake)
    menu = wechat.add_parser("menu", help="an Official Account's menu: make ours, show or delete the one that is there")
    menu.add_argument("action", choices=("create", "show", "delete"))
    menu.add_argument("--account", help="its name in the settings, where there are several")
    menu.add_argument("--file", type=Path, help="YAML with a menu of your own, in the platform's form")
    menu.set_defaults(run=_wechat_menu)
    qr = wechat.add_parser("qr", help="make a branch's code: who scans it talks to us as a customer of that branch")
    qr.add_argument("branch")
    qr.add_argument("--account", help="its name in the settings, where there are several")
    qr.add_argument("--days", type=int, help="how long it works, 1 to 30; without this, for ever")
    qr.set_defaults(run=_wechat_qr)


def _key_commands(key: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    add = key.add_parser("add", help="make a key; it is printed once and stored nowhere")
    add.add_argument("name", type=_key_name, help="which program it is for")
    add.add_argument(
        "--scope", action="append", required=True, choices=[scope.value for scope in Scope], help="may be given several times"
    )
    add.add_argument("--as", dest="login", metavar="LOGIN", help="the member of staff in whose name it acts at the desk")
    add.add_argument("--days", type=_days_of_key, help="how long it is good for; without this, until it is revoked")
    add.set_defaults(run=_add_key)
    key.add_parser("list", help="all keys and when they were used").set_defaults(run=_list_keys)
    revoke = key.add_parser("revoke", help="let a key in no more")
    revoke.add_argument("id")
    revoke.set_defaults(run=_revoke_key)


def _nlu_commands(nlu: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parse = nlu.add_parser("parse", help="understand one JSON object a line from standard input")
    parse.add_argument("--jsonl", action="store_true", required=True)
    parse.set_defaults(run=_nlu_parse)
    train = nlu.add_parser("train", help="train the model from intents/nlu (needs the extra 'train')")
    train.set_defaults(run=_nlu_train)
    export = nlu.add_parser("export", help="write messages that were hardly understood, one JSON object a line, to be labelled")
    export.add_argument("--days", type=int, default=30, help="how far back to look")
    export.add_argument("--limit", type=int, default=1000)
    export.set_defaults(run=_nlu_export)
    taught = nlu.add_parser("import", help="turn labelled lines into training files of your own")
    taught.add_argument("file", type=Path)
    taught.add_argument("--author", type=_author, default="bank", help="who labelled them (letters and digits)")
    taught.set_defaults(run=_nlu_import)
    evaluate = nlu.add_parser("evaluate", help="figures by leaving out a style or an author at a time (needs the extra 'train')")
    evaluate.add_argument("--leave-out", choices=("style", "author"), default="style")
    evaluate.add_argument("--on", type=Path, metavar="PATH", help="judge the packaged model on this file or folder instead")
    evaluate.add_argument("--semantic", action="store_true", help="ask the embeddings as well (needs the extra 'semantic')")
    evaluate.add_argument("--slots", type=Path, metavar="PATH", help="judge slots on this file or folder of annotated messages")
    evaluate.add_argument("--errors", type=int, default=0, metavar="N", help="with --slots: show up to N errors of each kind")
    evaluate.add_argument("--plots", type=Path, metavar="FOLDER", help="draw the figures here as SVG")
    evaluate.add_argument("--curves", action="store_true", help="a learning curve for every style instead; takes minutes")
    evaluate.set_defaults(run=_nlu_evaluate)


def _key_name(text: str) -> str:
    if not 0 < len(text) <= MAX_KEY_NAME_CHARS:
        raise argparse.ArgumentTypeError(f"1 to {MAX_KEY_NAME_CHARS} characters")
    return text


def _days_of_key(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= MAX_KEY_DAYS):
        raise argparse.ArgumentTypeError(f"a number of days from 1 to {MAX_KEY_DAYS}")
    return int(text)


def _author(text: str) -> str:
    if not text.isalnum():
        raise argparse.ArgumentTypeError("letters and digits only")
    return text


def _serve(arguments: argparse.Namespace, settings: Settings) -> int:
    from bot.serving import serve

    server = settings.server.model_copy(
        update={name: value for name in ("host", "port") if (value := getattr(arguments, name)) is not None}
    )
    return serve(settings.model_copy(update={"server": server}))


def _demo(arguments: argparse.Namespace, settings: Settings) -> int:
    from bot.demo import run_demo

    return run_demo(settings, data_dir=arguments.data_dir, port=arguments.port)


def _migrate(_arguments: argparse.Namespace, settings: Settings) -> int:
    from store.migrate import migrate

    print(f"huiyin: the database is at revision {migrate(settings.database_url)}")
    return 0


def _check_config(_arguments: argparse.Namespace, settings: Settings) -> int:
    from bot.serving import reasons_not_to_start

    reasons = asyncio.run(reasons_not_to_start(settings))
    for reason in reasons:
        print(f"huiyin: {reason}", file=sys.stderr)
    if not reasons:
        print("huiyin: ready to serve")
    return 1 if reasons else 0


def _new_keys(_arguments: argparse.Namespace, settings: Settings) -> int:
    from store.crypto import write_key_ring

    path = settings.keys_file or settings.data_dir / "keys.json"
    write_key_ring(path)
    print(f"huiyin: wrote {path}; keep a copy in a safe place, without it nothing can be read")
    return 0


def _add_user(arguments: argparse.Namespace, settings: Settings) -> int:
    from bot.staff import add_user, read_password

    return asyncio.run(
        add_user(
            settings,
            login=arguments.login,
            name=arguments.name,
            role=arguments.role,
            department=arguments.department,
            capacity=arguments.capacity,
            skills=tuple(arguments.skill),
            password=read_password(),
        )
    )


def _branch_codes(arguments: argparse.Namespace, settings: Settings) -> int:
    from bot.branch_codes import write_codes

    for file in write_codes(settings, arguments.branch or sys.stdin.read().splitlines(), arguments.to):
        print(file)
    return 0


def _forget(arguments: argparse.Namespace, settings: Settings) -> int:
    from bot.retention import run_retention

    return asyncio.run(run_retention(settings, dry=arguments.dry_run))


def _wechat_menu(arguments: argparse.Namespace, settings: Settings) -> int:
    from bot.channels.wechat.commands import menu, read_menu

    own = read_menu(arguments.file) if arguments.file is not None else None
    print(asyncio.run(menu(settings, arguments.account, arguments.action, own)))
    return 0


def _wechat_qr(arguments: argparse.Namespace, settings: Settings) -> int:
    from bot.channels.wechat.commands import branch_code

    print(asyncio.run(branch_code(settings, arguments.account, arguments.branch, arguments.days)))
    return 0


def _wechat_fake(arguments: argparse.Namespace, settings: Settings) -> int:
    from bot.channels.wechat.fake.command import run_fake

    return run_fake(
        settings,
        host=arguments.host,
        port=arguments.port,
        accounts=arguments.accounts,
        callback=arguments.callback.rstrip("/"),
        strict=not arguments.lenient,
    )


def _add_key(arguments: argparse.Namespace, settings: Settings) -> int:
    from bot.programs import add_key

    login, days = arguments.login, arguments.days
    return asyncio.run(add_key(settings, name=arguments.name, scopes=arguments.scope, login=login, days=days))


def _list_keys(_arguments: argparse.Namespace, settings: Settings) -> int:
    from bot.programs import list_keys

    return asyncio.run(list_keys(settings))


def _revoke_key(arguments: argparse.Namespace, settings: Settings) -> int:
    from bot.programs import revoke_key

    return asyncio.run(revoke_key(settings, arguments.id))


def _nlu_parse(_arguments: argparse.Namespace, settings: Settings) -> int:
    from intents.commands import parse_jsonl

    asks = settings.understanding.semantic
    return parse_jsonl(sys.stdin, sys.stdout, cache_dir=settings.data_dir / "cache", own=settings.nlu_dir, semantic=asks)


def _nlu_train(_arguments: argparse.Namespace, settings: Settings) -> int:
    from intents.commands import train

    return train(settings.nlu_dir)


def _nlu_export(arguments: argparse.Namespace, settings: Settings) -> int:
    from bot.teaching import export_doubtful

    return asyncio.run(export_doubtful(settings, sys.stdout, days=arguments.days, limit=arguments.limit))


def _nlu_import(arguments: argparse.Namespace, settings: Settings) -> int:
    from config.clock import SystemClock, in_shanghai
    from intents.commands import import_labelled

    stamp = in_shanghai(SystemClock().now()).strftime("%Y%m%d_%H%M%S")
    with arguments.file.open(encoding="utf-8") as source:
        return import_labelled(source, settings.nlu_dir, author=arguments.author, stamp=stamp)


def _nlu_evaluate(arguments: argparse.Namespace, settings: Settings) -> int:
    from intents.commands import evaluate, evaluate_curves, evaluate_slots

    if arguments.curves:
        return evaluate_curves(arguments.plots)
    if arguments.slots is not None:
        return evaluate_slots(
            arguments.slots, errors=arguments.errors, cache_dir=settings.data_dir / "cache", own=settings.nlu_dir
        )
    return evaluate(leave_out=arguments.leave_out, on=arguments.on, plots=arguments.plots, semantic=arguments.semantic)


if __name__ == "__main__":
    main()
