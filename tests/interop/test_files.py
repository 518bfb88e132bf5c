"""Our files in programs that we did not write: ffprobe, ffmpeg, PyAV and Chromium."""

import base64
import json
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import pytest

from bingjian.formats import h264, h265, mp4, mp4_reader
from bingjian.formats.access_unit import Codec, VideoConfig
from tests.unit.formats.material import Stream, coded_g711, encoded_aac, encoded_video, movie

pytestmark = pytest.mark.interop

H264 = "preset=ultrafast,g=25,bf=0"
H264_WITH_B = "preset=veryfast,g=25,bf=3"
SAMPLE_TAGS = {"libx264": "avc1", "libx265": "hvc1"}
H265 = "preset=ultrafast,x265-params=log-level=none:keyint=25:bframes=2"


def streams(name: str) -> list[Stream]:
    """The makers run in the test, not while tests are collected."""
    return {
        "H.264": lambda: [encoded_video("libx264", H264)],
        "H.264 with B-frames": lambda: [encoded_video("libx264", H264_WITH_B)],
        "H.264 full HD": lambda: [encoded_video("libx264", H264, 1920, 1080, 25)],
        "H.264 main profile": lambda: [encoded_video("libx264", H264 + ",profile=main")],
        "H.264 baseline": lambda: [encoded_video("libx264", H264 + ",profile=baseline")],
        "H.265": lambda: [encoded_video("libx265", H265)],
        "AAC": lambda: [encoded_aac()],
        "AAC 96 kHz stereo": lambda: [encoded_aac(96_000, 2)],
        "A-law": lambda: [coded_g711()],
        "H.264 and AAC": lambda: [encoded_video("libx264", H264), encoded_aac()],
        "H.264 and A-law": lambda: [encoded_video("libx264", H264_WITH_B), coded_g711()],
        "H.265 and AAC 44.1 kHz": lambda: [encoded_video("libx265", H265), encoded_aac(44_100, 2)],
        "H.265 and µ-law": lambda: [encoded_video("libx265", H265), coded_g711(Codec.PCMU)],
    }[name]()


NAMES = [
    *("H.264", "H.264 with B-frames", "H.264 full HD", "H.264 main profile", "H.264 baseline", "H.265"),
    *("AAC", "AAC 96 kHz stereo", "A-law", "H.264 and AAC", "H.264 and A-law"),
    *("H.265 and AAC 44.1 kHz", "H.265 and µ-law"),
]


@pytest.fixture(params=NAMES)
def material(request: pytest.FixtureRequest) -> list[Stream]:
    return streams(request.param)


@pytest.fixture
def file(material: list[Stream], tmp_path: Path) -> Path:
    path = tmp_path / "segment.mp4"
    path.write_bytes(movie(material, identity=b"camera, volume, segment, epoch"))
    return path


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_ffprobe_has_nothing_to_say(file):
    result = run("ffprobe", "-v", "error", file)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_ffprobe_reads_every_packet(file, material):
    asked = run(
        *("ffprobe", "-v", "error", "-show_packets", "-show_streams", "-of", "json"),
        *("-show_entries", "packet=stream_index,pts,dts,size,flags:stream=codec_name,width,height"),
        file,
    )
    found = json.loads(asked.stdout)
    for track, stream in enumerate(material):
        packets = [packet for packet in found["packets"] if packet["stream_index"] == track]
        assert [_as_probed(packet) for packet in packets] == [
            _as_written(sample) for sample in stream.samples
        ]
        if isinstance(stream.config, VideoConfig):
            size = (found["streams"][track]["width"], found["streams"][track]["height"])
            assert size == (stream.config.width, stream.config.height)


def _as_probed(packet: dict[str, Any]) -> tuple[int, int, int, bool]:
    """Without the duration: ffprobe leaves out that of the first AAC packet, in FFmpeg's own files too."""
    return (int(packet["pts"]), int(packet["dts"]), int(packet["size"]), "K" in packet["flags"])


def _as_written(sample: mp4.Sample) -> tuple[int, int, int, bool]:
    return (sample.pts, sample.dts, len(sample.data), sample.sync)


def test_ffmpeg_decodes_every_picture(file, material):
    result = run(
        *("ffmpeg", "-v", "error", "-xerror", "-i", file),
        *("-map", "0", "-fps_mode", "passthrough", "-f", "null", "-progress", "-", "-"),
    )
    assert (result.returncode, result.stderr) == (0, "")
    if isinstance(material[0].config, VideoConfig):
        assert f"frame={len(material[0].samples)}\n" in result.stdout


def test_pyav_seeks_on_the_absolute_timeline(file, material):
    with av.open(file) as container:
        track, stream = container.streams[0], material[0]
        latest = [sample for sample in stream.samples if sample.sync][-1]
        container.seek(latest.pts, stream=track)
        packet = next(container.demux(track))
        assert packet.is_keyframe
        assert packet.pts <= latest.pts
        assert bytes(packet) == next(s.data for s in stream.samples if s.pts == packet.pts)


@pytest.mark.parametrize("material", [name for name in NAMES if "-law" not in name], indirect=True)
def test_ffmpeg_copies_a_file_that_we_read(file, material, tmp_path):
    """Another writer's fragments: FFmpeg uses tfhd and trex defaults where we state everything.

    Not with G.711, which FFmpeg reads from MP4 but does not write.
    """
    copied = tmp_path / "copied.mp4"
    flags = "+empty_moov+default_base_moof+frag_keyframe+omit_tfhd_offset"
    result = run(
        *("ffmpeg", "-v", "error", "-copyts", "-i", file, "-map", "0", "-c", "copy", "-movflags", flags),
        *("-video_track_timescale", "90000", copied),
    )
    assert result.returncode == 0, result.stderr
    data = copied.read_bytes()
    defaults = mp4_reader.read_init(data).defaults
    fragments = [box.start for box in mp4_reader.boxes(data) if box.type == b"moof"]
    sizes: dict[int, list[int]] = {}
    for start in fragments:
        for track_run in mp4_reader.read_fragment(data[start:], defaults).runs:
            sizes.setdefault(track_run.track, []).extend(entry.size for entry in track_run.samples)
    assert sizes == {n: [len(sample.data) for sample in stream.samples] for n, stream in enumerate(material)}


@pytest.mark.parametrize(("encoder", "options"), [("libx264", H264), ("libx265", H265)])
def test_decoder_configurations_are_those_of_ffmpeg(encoder, options, tmp_path):
    """FFmpeg's own muxer writes the same avcC; its hvcC also knows frame rates and segmentation."""
    stream, path = encoded_video(encoder, options), tmp_path / "ours.mp4"
    path.write_bytes(movie([stream]))
    copied = tmp_path / "theirs.mp4"
    tag = SAMPLE_TAGS[encoder]
    run("ffmpeg", "-v", "error", "-i", path, "-c", "copy", "-tag:v", tag, copied)
    with av.open(copied) as container:
        theirs = bytes(container.streams.video[0].codec_context.extradata or b"")
    assert isinstance(stream.config, VideoConfig)
    codec = h264 if encoder == "libx264" else h265
    assert codec.config_from(codec.parameter_sets_of(theirs)) == stream.config
    if codec is h264:
        assert h264.decoder_configuration(stream.config.parameter_sets) == theirs


# --- Chromium ----------------------------------------------------------------------------------------------

PLAY = """
async ([mime, first, rest]) => {
  const bytes = text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
  const video = document.createElement('video');
  video.muted = true;
  document.body.append(video);
  const source = new MediaSource();
  video.src = URL.createObjectURL(source);
  await new Promise(done => source.addEventListener('sourceopen', done, {once: true}));
  const buffer = source.addSourceBuffer(mime);
  for (const piece of [first, ...rest]) {
    buffer.appendBuffer(bytes(piece));
    await new Promise((done, failed) => {
      buffer.addEventListener('updateend', done, {once: true});
      const why = () => new Error(video.error?.message ?? 'append');
      buffer.addEventListener('error', () => failed(why()), {once: true});
    });
  }
  source.endOfStream();
  video.currentTime = buffer.buffered.start(0);
  await video.play();
  await new Promise(done => video.addEventListener('ended', done, {once: true}));
  const quality = video.getVideoPlaybackQuality();
  return {
    spans: buffer.buffered.length, start: buffer.buffered.start(0), end: buffer.buffered.end(0),
    frames: quality.totalVideoFrames, width: video.videoWidth, height: video.videoHeight,
    error: video.error?.message ?? null,
  };
}
"""


@pytest.mark.browser
@pytest.mark.parametrize(
    "name", ["H.264", "H.264 with B-frames", "H.264 main profile", "AAC", "H.264 and AAC", "H.264 and A-law"]
)
async def test_chromium_plays_fragments(name):
    """Through Media Source Extensions, on the absolute timeline; a G.711 track is hidden and skipped."""
    material = streams(name)
    whole = movie(material)
    init = mp4_reader.hide_g711(mp4_reader.read_init(whole).raw)
    ends = [0, *(box.end for box in mp4_reader.boxes(whole) if box.type == b"mdat")]
    pieces = [
        init,
        whole[len(init) : ends[1]],
        *(whole[start:end] for start, end in pairwise(ends[1:])),
    ]
    encoded = [base64.b64encode(piece).decode() for piece in pieces]
    played = await play(mp4.mime_type([stream.config for stream in material]), encoded)

    config, samples = material[0].config, material[0].samples
    assert played["error"] is None
    assert played["spans"] == 1
    assert abs(played["start"] - min(sample.pts for sample in samples) / config.clock_rate) < 0.1
    assert played["end"] - played["start"] > 1.8
    if isinstance(config, VideoConfig):
        assert (played["width"], played["height"]) == (config.width, config.height)
        assert played["frames"] > 25


async def play(mime: str, pieces: list[str]) -> dict[str, Any]:
    from playwright.async_api import async_playwright

    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("Debian's Chromium is not installed")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        try:
            page = await browser.new_page()
            return await page.evaluate(PLAY, [mime, pieces[0], pieces[1:]])
        finally:
            await browser.close()
