"""The questions of the catalogue and the gate, in the process that works on them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Final

from rrm_kg import questions, reports, rulebook, safety, several
from rrm_kg.errors import RrmError
from rrm_kg.findings import Report, Severity
from rrm_kg.graph import Source, Sources
from rrm_kg.pipeline import KnowledgeGraph
from rrm_kg.query import Value
from rrm_kg.serve import evaluate, media, resultset
from rrm_kg.shapes import Shape

FILES: Final = {  # what may be handed in, and the ending by which the gate knows it
    "text/turtle": ".ttl",
    "application/n-triples": ".nt",
    "application/ld+json": ".jsonld",
    "text/csv": ".csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}
REPORTS: Final = {  # media type, and the form of a report
    "application/json": "json",
    "text/html": "html",
    "text/turtle": "turtle",
    "application/ld+json": "jsonld",
    "application/sarif+json": "sarif",
    "application/xml": "junit",
    "text/markdown": "markdown",
    "text/csv": "csv",
    "text/plain": "text",
}
_OWN: Final = "application/json"


def question(graph: KnowledgeGraph, head: Mapping[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
    """The answer to a question, as JSON with typed rows or in a form of the W3C.

    ``head``: ``id``, ``given`` parameters as texts or lists of texts, ``lang``, ``accept`` and ``form``. Raises as
    KnowledgeGraph.ask does.
    """
    asked = questions.find(graph.sources.root, head["id"])
    given, lang = head["given"], head["lang"]
    bound = several.bind(asked, given, lang, graph.store)
    offered = (
        _OWN,
        "application/sparql-results+json",
        "application/sparql-results+xml",
        "text/csv",
        "text/tab-separated-values",
        resultset.TYPE,
    )
    liked = media.best(head["accept"], offered) if head["form"] is None else None
    if head["form"] == "turtle" or liked == resultset.TYPE:
        answer = graph.ask(asked.id, lang=lang, **given)
        data, rows = resultset.turtle(answer, safety.MAX_RESULT_BYTES)
        kind = f"{resultset.TYPE}; charset=utf-8"
        return {"type": kind, "truncated": rows < len(answer), "rows": rows, "download": f"{asked.id}.ttl"}, data
    if head["form"] != "rows" and liked != _OWN:
        plain = {"default": [], "named": [], "form": head["form"], "accept": head["accept"]}
        if several.listed(given):
            said, data = evaluate.written(graph.ask(asked.id, lang=lang, **given), plain)
        else:
            text = safety.bind(asked.query, {name: str(term) for name, term in bound[0].items()})
            said, data = evaluate.query(graph, plain, text.encode())
        if said["download"]:
            said["download"] = said["download"].replace("answer", asked.id)
        return said, data
    answer = graph.ask(asked.id, lang=lang, **given)
    types = {column.name: column.type for column in asked.columns} | dict.fromkeys(
        several.named_by(asked, given), "iri"
    )
    labels = several.labels(asked, given, lang)
    values = {name: [str(getattr(terms[name], "value", terms[name])) for terms in bound] for name in bound[0]}
    tree = {
        "question": asked.question[lang],
        "id": asked.id,
        "parameters": {
            name: list(dict.fromkeys(found)) if name in several.listed(given) else found[0]
            for name, found in values.items()
            if name != "lang"
        },
        "asOf": str(answer.as_of),
        "columns": [
            {"name": name, "type": types[name], "label": labels[name]} for name in answer.columns if name in types
        ],
        "rows": [{name: _plain(row[name]) for name in answer.columns} for row in answer],
    }
    data = (json.dumps(tree, ensure_ascii=False, indent=1) + "\n").encode()
    return {"type": _OWN, "truncated": False, "rows": len(answer), "download": ""}, data


def _plain(value: Value) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date) else value


def check(graph: KnowledgeGraph, head: Mapping[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
    """The report of the gate on a file that was handed in, in its context; nothing of it is kept.

    ``head``: ``name`` of the file, which tells what it is, ``lang``, ``accept`` and ``form``. A file that cannot be
    read is a finding like others. Raises RrmError E208 for a form of report that does not exist.
    """
    from rrm_kg import intake

    form = head["form"] or REPORTS.get(media.best(head["accept"], REPORTS) or "")
    if form not in reports.FORMATS:
        raise RrmError("E208", form=head["form"] or head["accept"], fitting=", ".join(REPORTS))
    source = Source(f"submission/{head['name']}", body)
    shapes = _rules(graph.sources)
    assert graph.report is not None
    try:
        file = replace(source, path=head["name"])
        verdict = graph.resident.check([file], strict=True)
        report = Report(verdict.told, verdict.report.validated)
    except RrmError as error:
        if error.exit_code not in (2, 3):
            raise
        report = Report(intake.refusals(error, head["name"]), graph.report.validated)
        shapes = shapes | intake.rules(report.findings)
    written = reports.render(
        form, report, head["lang"], limit=1000, shapes=shapes, checked=[replace(source, path=head["name"])]
    )
    counts = {severity.label: report.count(severity) for severity in Severity}
    kind = {**{name: kind for kind, name in REPORTS.items()}, "github": "text/plain"}[form]
    charset = "; charset=utf-8" if kind.startswith("text/") else ""
    return {"type": kind + charset, "conforms": report.conforms, "counts": counts}, written.encode()


@cache
def _rules(sources: Sources) -> dict[str, Shape]:
    return rulebook.described(sources)


def choices(graph: KnowledgeGraph, head: Mapping[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
    """What may be chosen for each parameter of a question that is a thing: short names with labels, by label."""
    asked = questions.find(graph.sources.root, head["id"])
    found = {parameter.name: listed(graph, parameter.type, head["lang"]) for parameter in asked.parameters}
    return {"choices": {name: values for name, values in found.items() if values}}, b""


def listed(graph: KnowledgeGraph, kind: str, lang: str) -> list[tuple[str, str]]:
    """The things of a kind such as ``case``, as slug and name in a language, in the order of their names."""
    from rrm_kg import show

    if kind in ("date", "integer", "string"):
        return []
    found = [
        (iri.rsplit("/", 1)[-1], show.page_name(graph, iri, lang))
        for iri in questions.things(graph.store, kind.split("|"))
    ]
    return sorted(found, key=lambda pair: (pair[1].casefold(), pair[0]))
