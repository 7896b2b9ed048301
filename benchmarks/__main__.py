"""``python -m benchmarks`` runs everything, one JSON line a figure."""

from benchmarks import conversation, parse, rest_turns, start, wechat, wechat_out, wechat_refusals, widget

for module in (start, parse, conversation, rest_turns, wechat, wechat_out, wechat_refusals, widget):
    module.main()
