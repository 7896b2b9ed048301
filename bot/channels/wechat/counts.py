"""Pushes by kind for ``/metrics``, the unanswered, unknown and refused ones too."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector


class PushCounts(Collector):
    """What channels have seen, read when somebody asks for the figures."""

    def __init__(self, seen: Mapping[str, Counter[str]]) -> None:
        """*seen*: by channel, such as ``official``."""
        self._seen = seen

    def collect(self) -> Iterator[CounterMetricFamily]:
        """One counter, by channel and kind."""
        yield self._family((channel, what, n) for channel, seen in self._seen.items() for what, n in sorted(seen.items()))

    def describe(self) -> Iterator[CounterMetricFamily]:
        """The same without figures."""
        yield self._family(())

    def _family(self, counts: Iterable[tuple[str, str, int]]) -> CounterMetricFamily:
        family = CounterMetricFamily(
            "huiyin_wechat_pushes", "Pushes by kind; rejected:<reason> for refused ones.", labels=["channel", "what"]
        )
        for channel, what, n in counts:
            family.add_metric([channel, what], n)
        return family
