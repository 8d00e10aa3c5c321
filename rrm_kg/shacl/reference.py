"""What pySHACL finds, told as the compiled shapes tell it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox

from rrm_kg import graph as graphs
from rrm_kg import parse, safety
from rrm_kg.errors import RrmError
from rrm_kg.shacl.compile import Result
from rrm_kg.terms import SH

if TYPE_CHECKING:
    import rdflib

_BLANK: Final = re.compile(r"\{[$?](\w+)\}")
_TAG: Final = re.compile(r"(?:en|es)\|")
_NAMED: Final = ("this", "value", "path")
_OBJECT: Final = "\x1f"  # before the wrong term, behind a message


def results(shapes: Iterable[ox.Quad], store: ox.Store) -> Iterator[Result]:
    """The results of pySHACL for shapes and the quads of a store. Raises RrmError E403 when it fails."""
    safety.lock_rdflib()
    import pyshacl
    import rdflib
    from rdflib.namespace import SH as SHACL

    repair_messages()
    shapes_graph = _tagged(graphs.to_rdflib_graph(shapes))
    try:
        _, results, _ = pyshacl.validate(
            graphs.to_rdflib_graph(store),
            shacl_graph=shapes_graph,
            inplace=True,
            inference="none",
            advanced=False,
            do_owl_imports=False,
            allow_warnings=True,
        )
    except Exception as error:
        raise RrmError("E403", detail=f"{type(error).__name__}: {error}") from error
    finally:
        safety.lock_rdflib()  # pySHACL lets rdflib rewrite literals again when it is done
    if not isinstance(results, rdflib.Graph):
        raise RrmError("E403", detail=str(results))
    for result in results.subjects(rdflib.RDF.type, SHACL.ValidationResult):
        one = _one(results, result)
        path = one["resultPath"]
        texts = [str(m).partition(_OBJECT) for m in results.objects(result, SHACL.resultMessage)]
        yield Result(
            str(one["sourceShape"]),
            str(one["sourceConstraintComponent"]).removeprefix(SH),
            parse.from_rdflib(one["focusNode"]),
            parse.from_rdflib(path) if isinstance(path, rdflib.URIRef) else path,
            None if one["value"] is None else parse.from_rdflib(one["value"]),
            dict([("object", object_) for _, sign, object_ in texts if sign][:1]),
            dict(said.split("|", 1) for said, _, _ in texts if _TAG.match(said)),
        )


def _tagged(shapes_graph: rdflib.Graph) -> rdflib.Graph:
    """The shapes with each message's language written in front of it: pySHACL loses the tags of SPARQL messages."""
    import rdflib
    from rdflib.namespace import SH as SHACL

    for node, _, message in list(shapes_graph.triples((None, SHACL.message, None))):
        shapes_graph.remove((node, SHACL.message, message))
        shapes_graph.add(
            (node, SHACL.message, rdflib.Literal(f"{getattr(message, 'language', None) or 'en'}|{message}"))
        )
    return shapes_graph


def repair_messages() -> None:
    """Let pySHACL fill messages with any text, and hand on ?object behind them: its own way fails on a backslash.

    ``{$this}``, ``{$value}`` and ``{?path}`` are left for names in the reader's language.
    """
    from pyshacl.constraints.constraint_component import ConstraintComponent

    def fill(self: Any, message: str, bound: Any) -> str:
        values = bound[3] if isinstance(bound, (tuple, list)) and len(bound) == 4 else bound
        if not isinstance(values, dict):
            return message
        texts = {str(name): str(term) for name, term in values.items() if str(name) not in _NAMED}
        filled = _BLANK.sub(lambda blank: texts.get(blank[1], blank[0]), message)
        return f"{filled}{_OBJECT}{texts['object']}" if "object" in texts else filled

    setattr(ConstraintComponent, "_format_sparql_based_result_message", fill)  # noqa: B010 (a method is replaced)


def _one(results: rdflib.Graph, result: Any) -> dict[str, Any]:
    from rdflib.namespace import SH as SHACL

    names = ("sourceShape", "focusNode", "resultPath", "value", "sourceConstraintComponent", "resultSeverity")
    return {name: results.value(result, SHACL[name]) for name in names}
