"""MANSCDP: the XML messages of GB/T 28181, both editions, both ways.

``parse`` reads what devices send, forgiving all that can be forgiven; ``build`` writes what the other side's
edition can read. Each message is a frozen dataclass whose fields say where they stand (``binding``).
"""

from lxml import etree

from bingjian.protocols.errors import PeerError
from bingjian.protocols.gb28181 import Edition, ids
from bingjian.protocols.gb28181.manscdp import (
    binding,
    catalog,
    configuration,
    controls,
    notifies,
    queries,
    responses,
    text,
    values,
)
from bingjian.protocols.gb28181.manscdp.message import CLASSES, MAX_SN, NAMES, ROOTS, Message, Unknown
from bingjian.protocols.gb28181.manscdp.text import Charset

CONTENT_TYPE = "Application/MANSCDP+xml"
ENVELOPE = frozenset({"cmdtype", "sn", "deviceid"})
PARTS = (catalog, configuration, controls, notifies, queries, responses)  # where the messages stand


def parse(body: bytes) -> Message:
    """One message; of a kind unknown to us, ``Unknown``. Raises PeerError if it is none at all."""
    root = text.read(body)
    name = binding.local_name(root)
    if name.capitalize() not in ROOTS:
        raise PeerError("a MANSCDP message with a root that is none of the four")
    children = binding.children_of(root)
    command = _envelope("CmdType", root, children)
    if not command:
        raise PeerError("a MANSCDP message without CmdType")
    number = values.whole(_envelope("SN", root, children)) or 0
    sn = number if 0 < number <= MAX_SN else 0
    device_id = ids.cleaned(_envelope("DeviceID", root, children))
    cls = CLASSES.get((name.lower(), command.lower()))
    rest = binding.others(cls or Message, root, ENVELOPE)
    if cls is None:
        return Unknown(sn=sn, device_id=device_id, others=rest, root=name.capitalize(), command=command)
    return cls(sn=sn, device_id=device_id, others=rest, **binding.read_fields(cls, root))


def build(message: Message, *, edition: Edition = Edition.V2016, charset: Charset = Charset.GB) -> bytes:
    """The body of a MESSAGE, SUBSCRIBE or NOTIFY. What the edition does not know is left out.

    Raises:
        KeyError: an ``Unknown``; we only write what we know. Ours to prevent.
    """
    name, command = NAMES[type(message)]
    root = etree.Element(name)
    for tag, value in (("CmdType", command), ("SN", str(message.sn)), ("DeviceID", message.device_id)):
        if value:
            etree.SubElement(root, tag).text = text.legal(value)
    binding.write_fields(root, message, edition)
    return text.write(root, charset)


def _envelope(name: str, root: "etree._Element", children: binding.Children) -> str:
    """A value of the envelope: a child, or an attribute of the root as some peers have it."""
    for node in children.get(name.lower(), []):
        if value := binding.value_of(node):
            return value
    wanted = name.lower()
    return next((str(held).strip() for key, held in root.attrib.items() if str(key).lower() == wanted), "")
