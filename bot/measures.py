"""Requests by route and status for ``/metrics``, counted where counting costs least and written out when somebody asks."""

from bisect import bisect_left
from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

UP_TO_S = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
_BOUNDS = (*(str(bound) for bound in UP_TO_S), "+Inf")


class _Times:
    """How long requests of one route took: how many within each bound and no earlier one, and all together."""

    __slots__ = ("counts", "total_s")

    def __init__(self) -> None:
        self.counts = [0] * len(_BOUNDS)
        self.total_s = 0.0


class Measures(Collector):
    """Counters and histograms by route template: never by what stands in a path or a query.

    Only the event loop counts, so nothing is locked: the library's own counters take two locks a request.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._answered: dict[tuple[str, int], int] = {}
        self._times: dict[str, _Times] = {}
        registry.register(self)

    def observe(self, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        key = route, status
        self._answered[key] = self._answered.get(key, 0) + 1
        times = self._times.get(route)
        if times is None:
            times = self._times[route] = _Times()
        times.counts[bisect_left(UP_TO_S, seconds)] += 1
        times.total_s += seconds

    def collect(self) -> Iterator[CounterMetricFamily | HistogramMetricFamily]:
        """What was counted so far. Called in another thread."""
        answered, seconds = _requests(), _seconds()
        for (route, status), count in list(self._answered.items()):
            answered.add_metric([route, str(status)], count)
        for route, times in list(self._times.items()):
            within, buckets = 0, []
            for bound, count in zip(_BOUNDS, list(times.counts), strict=True):
                within += count
                buckets.append((bound, within))
            seconds.add_metric([route], buckets, times.total_s)
        yield answered
        yield seconds

    def describe(self) -> Iterator[CounterMetricFamily | HistogramMetricFamily]:
        """The same without figures."""
        yield _requests()
        yield _seconds()


def _requests() -> CounterMetricFamily:
    return CounterMetricFamily("huiyin_requests", "Requests answered.", labels=["route", "status"])


def _seconds() -> HistogramMetricFamily:
    return HistogramMetricFamily("huiyin_request_seconds", "Time to answer.", labels=["route"])
