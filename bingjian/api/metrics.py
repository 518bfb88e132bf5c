"""Prometheus numbers, computed when they are asked for."""

from collections import Counter

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from bingjian.api.platform import Platform


def exposition(platform: Platform) -> bytes:
    """The platform's numbers as Prometheus text."""
    registry = CollectorRegistry()
    cameras = Gauge("bingjian_cameras", "Cameras by state of the main stream", ["state"], registry=registry)
    for state, count in Counter(platform.workers.states()).items():
        cameras.labels(state).set(count)
    up = Gauge("bingjian_worker_up", "Whether the media worker answers", ["worker"], registry=registry)
    for report in platform.workers.reports():
        up.labels(report["name"]).set(int(bool(report["up"])))
    free = Gauge("bingjian_volume_free_bytes", "Room left on a volume", ["path"], registry=registry)
    size = Gauge("bingjian_volume_size_bytes", "Size of a volume", ["path"], registry=registry)
    for volume in platform.workers.volumes():
        free.labels(volume["path"]).set(volume["free_bytes"])
        size.labels(volume["path"]).set(volume["size_bytes"])
    entries = Gauge("bingjian_journal_entries", "Entries in the journal", registry=registry)
    entries.set(platform.journal.length)
    writable = Gauge("bingjian_journal_writable", "Whether the journal can be written", registry=registry)
    writable.set(int(platform.journal.writable))
    return generate_latest(registry)
