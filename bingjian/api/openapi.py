"""``python -m bingjian.api.openapi > openapi.json``: the API's description, without starting anything."""

import json
import sys
from typing import Any

from bingjian.api.app import create_app, describe


def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document of this version."""
    return describe(create_app(None))


if __name__ == "__main__":
    json.dump(document(), sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")
