"""Where those who read a release can write to: an address of e-mail or of a page, as ``rrm-kg publish`` is given it."""

from __future__ import annotations

import re
from typing import Final

from rrm_kg.errors import RrmError

_MAIL: Final = "mailto:"
_HOST: Final = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]"
_TEXT: Final = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*"
_ADDRESS: Final = re.compile(
    rf"mailto:(?:[A-Za-z0-9._~!$'*+-]|%[0-9A-Fa-f]{{2}})+@{_HOST}(?:\?{_TEXT})?"  # RFC 6068, one recipient
    rf"|https://{_HOST}(?::[0-9]{{1,5}})?(?:[/?]{_TEXT})?(?:#{_TEXT})?"
)


def checked(given: str) -> str:
    """The address as it was given. Raises RrmError E231 where it is neither a mailto: nor an https: address."""
    if not _ADDRESS.fullmatch(given):
        raise RrmError("E231", given=given)
    return given


def name(address: str) -> str:
    """What people read: of a mailto: address the address of e-mail alone, of a page all of it."""
    return address.removeprefix(_MAIL).partition("?")[0] if address.startswith(_MAIL) else address
