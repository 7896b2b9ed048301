"""``python -m benchmarks`` runs everything, one JSON line a figure."""

from benchmarks import (
    conversation,
    loading,
    parse,
    rest_turns,
    start,
    training,
    wechat,
    wechat_out,
    wechat_refusals,
    widget,
)

for module in (start, loading, parse, training, conversation, rest_turns, wechat, wechat_out, wechat_refusals, widget):
    module.main()
