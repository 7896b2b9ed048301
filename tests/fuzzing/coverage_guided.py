"""One target under atheris, which looks for inputs that reach new code: ``python -m fuzzing.coverage_guided TARGET [libFuzzer options]``."""

import sys

import atheris

with atheris.instrument_imports(include=["bot.channels.wechat", "xmltodict", "wechatpy.crypto", "json"]):
    from fuzzing.targets import TARGETS

name, *options = sys.argv[1:]
atheris.Setup([sys.argv[0], *options], TARGETS[name][0])
atheris.Fuzz()
