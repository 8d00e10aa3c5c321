"""A knowledge graph of trade-labor disputes: every answer with the source that proves it."""

from __future__ import annotations

TYPE_CHECKING = False  # importing it would take as long as all else here
if TYPE_CHECKING:
    from typing import Any

    from rrm_kg.errors import RrmError as RrmError
    from rrm_kg.pipeline import KnowledgeGraph as KnowledgeGraph
    from rrm_kg.pipeline import open_graph as open_graph

__version__ = "0.2.0"
__all__ = ["KnowledgeGraph", "RrmError", "open_graph"]


def __getattr__(name: str) -> Any:
    # The engines load when they are first needed.
    if name in ("KnowledgeGraph", "open_graph"):
        from rrm_kg import pipeline

        return getattr(pipeline, name)
    if name == "RrmError":
        from rrm_kg.errors import RrmError

        return RrmError
    raise AttributeError(name)
