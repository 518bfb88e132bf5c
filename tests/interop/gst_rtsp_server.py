"""GStreamer's RTSP server, for Debian's own Python (``/usr/bin/python3``): PORT open|secret.

``secret`` asks for Digest, user ``camera``, password ``p@ss:w``.

Mounts: /h264 (with AAC), /h265 (with A-law), /b (B-frames, G.711 mu-law), /udp (UDP only), /tcp (TCP only),
/sound (no video), /mjpeg (a codec nobody stores).
"""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402 (the versions come first)

PICTURE = "videotestsrc is-live=1 ! video/x-raw,width=320,height=240,framerate=25/1"
SOUND = "audiotestsrc is-live=1 ! audio/x-raw,rate={rate},channels=1"
X264 = "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=25"
H264 = f"{PICTURE} ! {X264} ! rtph264pay name=pay0 pt=96"
PIPELINES = {
    "/h264": f"{H264} {SOUND.format(rate=44100)} ! voaacenc ! rtpmp4gpay name=pay1 pt=97",
    "/h265": f"{PICTURE} ! x265enc tune=zerolatency speed-preset=ultrafast key-int-max=25 "
    f"! rtph265pay name=pay0 pt=96 {SOUND.format(rate=8000)} ! alawenc ! rtppcmapay name=pay1 pt=8",
    "/b": f"{PICTURE} ! x264enc bframes=2 rc-lookahead=5 speed-preset=superfast key-int-max=25 "
    f"! video/x-h264,profile=high ! rtph264pay name=pay0 pt=96 "
    f"{SOUND.format(rate=8000)} ! mulawenc ! rtppcmupay name=pay1 pt=0",
    "/udp": H264,
    "/tcp": H264,
    "/sound": f"{SOUND.format(rate=8000)} ! alawenc ! rtppcmapay name=pay0 pt=8",
    "/mjpeg": f"{PICTURE},format=I420 ! jpegenc ! rtpjpegpay name=pay0 pt=26",
}
LOWER = {"/udp": GstRtsp.RTSPLowerTrans.UDP, "/tcp": GstRtsp.RTSPLowerTrans.TCP}


def main() -> None:
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(sys.argv[1])
    if sys.argv[2] == "secret":
        server.set_auth(keeper())
    for path, pipeline in PIPELINES.items():
        server.get_mount_points().add_factory(path, factory(path, pipeline))
    server.attach(None)
    print("ready", flush=True)
    GLib.MainLoop().run()


def keeper() -> GstRtspServer.RTSPAuth:
    """Lets in who knows the password."""
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    owner = GstRtspServer.RTSPToken()
    owner.set_string("media.factory.role", "owner")
    auth.add_digest("camera", "p@ss:w", owner)
    return auth


def factory(path: str, pipeline: str) -> GstRtspServer.RTSPMediaFactory:
    made = GstRtspServer.RTSPMediaFactory()
    made.set_launch(f"( {pipeline} )")
    made.set_shared(True)
    if path in LOWER:
        made.set_protocols(LOWER[path])
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_role("owner")
    for right in ("media.factory.access", "media.factory.construct"):
        permissions.add_permission_for_role("owner", right, True)
    made.set_permissions(permissions)
    return made


main()
