"""What a process does for one message: a task by its name, over the graph that it was forked with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from rrm_kg import graph as graphs
from rrm_kg.errors import LANGUAGES, RrmError
from rrm_kg.findings import Report
from rrm_kg.pipeline import KnowledgeGraph, open_graph
from rrm_kg.serve import ask, editing, evaluate, tasks
from rrm_kg.serve.held import Held, held
from rrm_kg.serve.zygote import Work, loaded_apart

Task = Callable[[KnowledgeGraph, Mapping[str, Any], bytes], tuple[dict[str, Any], bytes]]


def loader(root: Path | None, release: Path) -> Callable[[], Work]:
    """The function with which a zygote loads the graph: it gives what the processes do for each message.

    ``root`` is the folder with ontology/, data/ and queries/, None for that of the package; ``release`` that of the
    release that is served, whose graph answers. Files are checked in the context of the graph at the root.
    """

    def load() -> Work:
        checkout = _opened(root)
        answering = held(release, checkout)
        _ = checkout.resident, ask.site_of(answering.graph, release.name).things  # made once, for all of them
        return lambda head, body: served(answering, checkout, head, body)

    return load


def served(
    answering: Held, checkout: KnowledgeGraph, head: Mapping[str, Any], body: bytes
) -> tuple[dict[str, Any], bytes]:
    """The answer to a message: from the checkout whether a file passes, from the release all else."""
    if head["task"] == "check":
        return worked(checkout, head, body)
    return answering.outward(*worked(answering.graph, *answering.inward(head, body)))


def _opened(root: Path | None) -> KnowledgeGraph:
    """The checked graph, without the threads that a kept graph on disk comes with. Raises RrmError E101."""

    def kept() -> tuple[dict[str, Any], bytes]:
        graph = open_graph(root)
        if graph.report is None or not graph.checked:
            raise RrmError("E101")
        return graph.report.as_dict(), ox.serialize(graph.store, format=ox.RdfFormat.N_QUADS) or b""

    report, quads = loaded_apart(kept)
    store = ox.Store()
    store.extend(ox.parse(quads, format=ox.RdfFormat.N_QUADS))
    return KnowledgeGraph(graphs.read_sources(root), store, Report.from_dict(report), True)


def worked(graph: KnowledgeGraph, head: Mapping[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
    """The answer to a message; of an error, its code and what it says in each language."""
    try:
        return TASKS[head["task"]](graph, head, body)
    except RrmError as error:
        return {"error": told(error)}, b""
    except MemoryError:
        raise
    except Exception as error:  # a fault of ours, which must not end the process without a word
        return {"error": told(RrmError("E404", detail=f"{type(error).__name__}: {error}"[:300]))}, b""


def told(error: RrmError) -> dict[str, Any]:
    """An error as it travels between processes: code, place, and message and hint in each language."""
    return {
        "code": error.code,
        "where": error.where,
        "message": {lang: error.message(lang) for lang in LANGUAGES},
        "hint": {lang: error.hint(lang) for lang in LANGUAGES},
    }


def health(graph: KnowledgeGraph, head: Mapping[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
    """How many disputes a query finds: the proof that queries are answered."""
    found = graph.query("SELECT (COUNT(DISTINCT ?case) AS ?count) WHERE { ?case a rrm:Dispute }")
    return {"cases": found.rows[0]["count"]}, b""


TASKS: Final[dict[str, Task]] = {
    "health": health,
    "query": evaluate.query,
    "question": tasks.question,
    "choices": tasks.choices,
    "check": tasks.check,
    "ask": ask.catalogue,
    "ask-question": ask.question,
    "editor": editing.page,
    "editor-data": editing.data,
}
