"""Where the npm packages lie that a release can be built with, if they are there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

_INSTALLED: Final = Path(__file__).parent / "client" / "node_modules"


def folder() -> Path | None:
    """The folder with the npm packages: RRM_KG_ASSETS, or what ``make client`` installed; None where there is none.

    Whoever uses a package must do without it: ask whether its own folder is there.
    """
    named = os.environ.get("RRM_KG_ASSETS")
    found = Path(named) if named else _INSTALLED
    return found if found.is_dir() else None
