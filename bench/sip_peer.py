"""Kamailio as a registrar that answers the same keep-alives: the usual C SIP server, one worker on one core.

It looks each device up among those that registered and answers 200, as a platform does; it neither reads the
body nor minds when a device falls silent. Debian has it as ``kamailio``; without it there is no peer.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.report import pinned
from bench.worker import free_port

_CONFIG = """
debug=0
log_stderror=yes
fork=yes
children=1
disable_tcp=yes
listen=udp:127.0.0.1:{port}
mpath="{modules}"
loadmodule "pv.so"
loadmodule "sl.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "siputils.so"
modparam("usrloc", "db_mode", 0)
modparam("usrloc", "hash_size", 16)
request_route {{
    if (method=="REGISTER") {{ save("location"); exit; }}
    if (method=="MESSAGE") {{
        if (registered("location", "$fu")) {{ sl_send_reply("200", "OK"); }}
        else {{ sl_send_reply("404", "No"); }}
        exit;
    }}
    sl_send_reply("200", "OK");
}}
"""


def installed() -> bool:
    return shutil.which("kamailio") is not None


def version() -> str:
    told = subprocess.run(["kamailio", "-v"], capture_output=True, text=True, check=True).stdout
    return " ".join(told.split()[1:3])


@contextmanager
def kamailio(core: int) -> Iterator[int]:
    """Its UDP port, while it runs."""
    port = free_port()
    modules = next(Path("/usr/lib").glob("*/kamailio/modules"))
    with tempfile.TemporaryDirectory(prefix="bingjian-bench-") as place:
        config = Path(place) / "kamailio.cfg"
        config.write_text(_CONFIG.format(port=port, modules=modules))
        command = ["kamailio", "-DD", "-m", "1024", "-M", "64", "-Y", place, "-f", str(config)]
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        process = subprocess.Popen(pinned(core, command), **silent)
        try:
            yield port
        finally:
            process.terminate()
            process.wait(20)
