"""What went wrong, as RFC 9457 says it: problem+json with the code, the place and a hint in the client's language."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from rrm_kg.errors import RrmError
from rrm_kg.serve import media
from rrm_kg.serve.work import told
from rrm_kg.terms import BASE

MEDIA_TYPE = "application/problem+json"


def problem(
    request: Request, status: int, error: RrmError | dict[str, Any], headers: dict[str, str] | None = None
) -> Response:
    """The answer to a request that cannot be fulfilled; ``error`` may be one that a process told."""
    said = told(error) if isinstance(error, RrmError) else error
    lang = media.language(request)
    body = {
        "type": f"{BASE}errors#{said['code']}",
        "title": said["message"][lang],
        "status": status,
        "detail": said["hint"][lang],
        "code": said["code"],
        **({"where": said["where"]} if said.get("where") else {}),
    }
    return Response(
        json.dumps(body, ensure_ascii=False, indent=1) + "\n",
        status,
        {"Content-Language": lang, "Vary": "Accept-Language", **(headers or {})},
        MEDIA_TYPE,
    )
