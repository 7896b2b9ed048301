"""``python -m benchmarks`` runs everything, one JSON line a figure."""

from benchmarks import conversation, parse, rest_turns, start, wechat

for module in (start, parse, conversation, rest_turns, wechat):
    module.main()
