"""``python -m benchmarks`` runs everything, one JSON line a figure."""

from benchmarks import conversation, parse, rest_turns, start

for module in (start, parse, conversation, rest_turns):
    module.main()
