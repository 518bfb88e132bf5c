"""What the signalling process tells Prometheus (text exposition format 0.0.4)."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bingjian.signalling.platform import Platform

GAUGES = {
    "devices": "Devices assigned",
    "registered": "Devices registered",
    "online": "Devices online",
    "calls": "Calls under way",
    "transactions": "Transactions remembered",
    "subscriptions": "Subscriptions at devices",
    "connections": "TCP and TLS connections open",
    "queries": "Questions to devices under way",
    "tasks": "Tasks of the event loop",
}
COUNTERS = {
    "received": "SIP messages that could be read",
    "keep_alives": "Of these, keep-alives",
    "sent": "SIP messages sent",
    "malformed": "Messages that could not be read",
    "refused": "Requests of strangers, and refused registrations",
    "tls_refused": "TLS connections that came to nothing",
    "lost": "Datagrams that could not be sent",
    "alarms_refused": "Alarms not told on: more than 120 of one device in a minute",
    "positions_refused": "Positions outside the world, without a fix, or too many",
    "positions_unasked": "Messages with positions of devices whose positions nobody wants",
    "faults": "Faults of ours, each a bug",
}


def exposition(platform: Platform) -> str:
    """All metrics, as of now."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Signal(platform))
    return generate_latest(registry).decode()


class _Signal(Collector):
    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def collect(self) -> Iterator[Metric]:
        state, certificate = self._platform.state(), self._platform.certificate
        if certificate is not None:
            name, text = "bingjian_signal_tls_certificate_ends_seconds", "Its end, in Unix seconds"
            yield GaugeMetricFamily(name, text, certificate.ends.timestamp())
        for name, text in GAUGES.items():
            yield GaugeMetricFamily(f"bingjian_signal_{name}", text, state[name])
        for name, text in COUNTERS.items():
            yield CounterMetricFamily(f"bingjian_signal_{name}", text, state[name])
