"""What a media worker tells Prometheus (text exposition format 0.0.4)."""

import asyncio
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bingjian.streaming.http_server import HttpServer
from bingjian.streaming.hub import Hub
from bingjian.streaming.stream import Stream, StreamState

LABELS = ("camera", "role")


def exposition(hub: Hub, server: HttpServer) -> str:
    """All metrics, as of now."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Worker(hub, server))
    return generate_latest(registry).decode()


class _Worker(Collector):
    """Reads the hub when asked; nothing is counted twice."""

    def __init__(self, hub: Hub, server: HttpServer) -> None:
        self._hub = hub
        self._server = server

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("bingjian_media_cameras", "Cameras assigned", len(self._hub.cameras))
        yield GaugeMetricFamily(
            "bingjian_media_connections", "Open connections", len(self._server.connections)
        )
        yield GaugeMetricFamily("bingjian_media_tasks", "Tasks of the event loop", len(asyncio.all_tasks()))
        yield from self._volumes()
        yield from self._streams()

    def _volumes(self) -> Iterator[Metric]:
        free = GaugeMetricFamily("bingjian_volume_free_bytes", "Room left for footage", labels=("path",))
        fine = GaugeMetricFamily("bingjian_volume_ok", "1 while footage is accepted", labels=("path",))
        written = CounterMetricFamily("bingjian_volume_written_bytes", "To files", labels=("path",))
        for volume in self._hub.volumes:
            labels = (str(volume.path),)
            free.add_metric(labels, volume.free_bytes())
            fine.add_metric(labels, volume.trouble is None)
            written.add_metric(labels, volume.written_bytes())
        yield from (free, fine, written)

    def _streams(self) -> Iterator[Metric]:
        live = GaugeMetricFamily("bingjian_stream_live", "1 while pictures come", labels=LABELS)
        rate = GaugeMetricFamily("bingjian_stream_bits_per_second", "Received", labels=LABELS)
        viewers = GaugeMetricFamily("bingjian_stream_viewers", "Who watch live", labels=LABELS)
        lost = CounterMetricFamily("bingjian_stream_packets_lost", "Never came", labels=LABELS)
        sent = CounterMetricFamily("bingjian_stream_sent_bytes", "To live viewers", labels=LABELS)
        skips = CounterMetricFamily("bingjian_stream_skips", "Slow viewers moved on", labels=LABELS)
        for stream in self._all():
            labels = (stream.camera, stream.role)
            live.add_metric(labels, stream.condition.state is StreamState.LIVE)
            rate.add_metric(labels, stream.bit_rate_bps)
            viewers.add_metric(labels, len(stream.broadcast.viewers))
            lost.add_metric(labels, stream.packets_lost)
            sent.add_metric(labels, stream.broadcast.bytes_sent)
            skips.add_metric(labels, stream.broadcast.skips)
        yield from (live, rate, viewers, lost, sent, skips)

    def _all(self) -> Iterator[Stream]:
        for camera in self._hub.cameras.values():
            yield from (stream for stream in (camera.main, camera.sub) if stream is not None)
