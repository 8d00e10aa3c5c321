"""A case as Turtle terms, and how they are written."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Final

from benchmarks.procedure import Step
from rrm_kg.terms import CODE, ID, OWL, RRM, SKOS, graph_iri

Thing = dict[str, list[str]]
_PREFIXES: Final = {
    "rrm": RRM,
    "dcterms": "http://purl.org/dc/terms/",
    "org": "http://www.w3.org/ns/org#",
    "owl": OWL,
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": SKOS,
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


@dataclass
class Case:
    """A case as Turtle terms: things by subject, each with its properties; the exact days of its events."""

    slug: str
    things: dict[str, Thing] = field(default_factory=dict)
    days: dict[str, date] = field(default_factory=dict)
    steps: dict[str, Step] = field(default_factory=dict)

    def add(self, kind: str, name: str, of: str, /, **properties: str | list[str]) -> str:
        """Describe a thing and give its IRI; ``name`` follows the slug of the case."""
        return describe(self.things, f"{kind}:{self.slug}{name and '-' + name}", of, **properties)

    def of_class(self, name: str) -> list[str]:
        """The subjects of a class, in the order in which they were written."""
        return [subject for subject, thing in self.things.items() if thing["a"] == [f"rrm:{name}"]]

    @property
    def path(self) -> str:
        """The file that holds the case, below the root."""
        return f"data/cases/{self.slug}.ttl"

    @property
    def turtle(self) -> str:
        """The case as a Turtle file."""
        return turtle(self.things, self.path, f"The synthetic case {self.slug}", f"El caso sintético {self.slug}")


def describe(things: dict[str, Thing], subject: str, of: str, /, **properties: str | list[str]) -> str:
    """Add a thing; a property is named ``rrm`` where it has no prefix (``dcterms__issued`` has one)."""
    thing: Thing = {"a": [f"rrm:{of}"]}
    for key, value in properties.items():
        prefix, _, local = key.rpartition("__")
        thing[f"{prefix or 'rrm'}:{local}"] = [value] if isinstance(value, str) else value
    things[subject] = thing
    return subject


def turtle(things: dict[str, Thing], path: str, english: str, spanish: str) -> str:
    """Things as Turtle, with the heading that every file has."""
    blocks = [
        f"{_prefixes(things)}\n<{graph_iri(path)}> a owl:Ontology ;\n"
        f"    dcterms:title {both(english, spanish)} ;\n"
        "    dcterms:license <https://creativecommons.org/licenses/by/4.0/> .\n"
    ]
    for subject, thing in things.items():
        lines = [f"{predicate} {' , '.join(values)}" for predicate, values in thing.items() if values]
        blocks.append(f"{subject} " + " ;\n    ".join(lines) + " .\n")
    return "\n".join(blocks)


def triples(things: dict[str, Thing]) -> int:
    """How many triples a file with these things has."""
    return 4 + sum(len(values) for thing in things.values() for values in thing.values())


def both(english: str, spanish: str) -> str:
    """A text in both languages."""
    return f'"{english}"@en , "{spanish}"@es'


def day(value: date) -> str:
    """A day as a typed literal."""
    return f'"{value.isoformat()}"^^xsd:date'


def short(iri: str) -> str:
    """An IRI of ours as a prefixed name: ``case:x`` for things, ``c-role:x`` for codes; others in angle brackets."""
    for base, mark in ((ID, ""), (CODE, "c-")):
        kind, _, local = iri.removeprefix(base).partition("/")
        if iri.startswith(base) and local:
            return f"{mark}{kind}:{local}"
    return f"<{iri}>"


def full(name: str) -> str:
    """The IRI behind a prefixed name of ours."""
    kind, _, local = name.partition(":")
    return _PREFIXES.get(kind, f"{CODE}{kind[2:]}/" if kind.startswith("c-") else f"{ID}{kind}/") + local


def _prefixes(things: dict[str, Thing]) -> str:
    names = {name for thing in things.values() for values in thing.values() for name in values} | set(things)
    used = {name.partition(":")[0] for name in names if name[0] not in '"<' and ":" in name} - set(_PREFIXES)
    return "".join(f"@prefix {kind}: <{full(kind + ':')}> .\n" for kind in (*_PREFIXES, *sorted(used)))
