"""What follows from what was written: derived bounds and names, the OWL 2 RL closure, and why.

Graphs are kept apart from the written ones. Those below ``graph/derived/`` come from the rules in ontology/rules/: the
days that a date allows, the names shown to readers. ``graph/inferred`` is the OWL 2 RL closure, without what cannot be
published as RDF or says nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox

from rrm_kg import closure as closures
from rrm_kg import graph as graphs
from rrm_kg import headers, parse, safety
from rrm_kg.errors import RrmError
from rrm_kg.terms import DERIVED, GRAPH, INFERRED, OWL, RDF, RDFS, SKOS, XSD

if TYPE_CHECKING:
    import rdflib

TRIPLE_BUDGET: Final = 2_000_000
TIME_BUDGET: Final = 600.0
_SAYS_NOTHING: Final = (OWL + "Thing", RDFS + "Resource")
_LANGUAGE_OF_LOGIC: Final = (RDF, RDFS, OWL, XSD)


@dataclass(frozen=True)
class Rule:
    """A derivation rule: a CONSTRUCT query and the triple patterns that it rests on.

    ``about`` is the variable of the thing that its results are about: what is derived about one rests on nothing
    that was derived about another by the same rule.
    """

    name: str
    query: str
    summary: dict[str, str]
    premises: tuple[tuple[str, str, str], ...]
    about: str

    @property
    def graph(self) -> str:
        """The IRI of the named graph that holds what the rule derives."""
        return f"{DERIVED}/{self.name}"

    def derive(self, store: ox.Store) -> Iterator[ox.Triple]:
        """The triples that follow in a store, all of its graphs together."""
        triples = store.query(self.query, use_default_graph_as_union=True)
        assert isinstance(triples, ox.QueryTriples)
        yield from triples


def rules(root: Path | None = None) -> tuple[Rule, ...]:
    """The derivation rules, in the order in which they run."""
    folder = (root or graphs.default_root()) / "ontology" / "rules"
    found = []
    for path in sorted(folder.glob("*.rq")):
        header, query = headers.read(path)
        premises = tuple(tuple(pattern.split()) for pattern in header["premises"])
        found.append(Rule(path.stem, query, header["summary"], premises, f"?{header['about']}"))
    return tuple(found)


def derive(quads: Iterable[ox.Quad], root: Path | None = None) -> list[ox.Quad]:
    """The derived quads, in one graph for each rule: each sees what the rules before it derived."""
    store = ox.Store()
    store.extend(quads)
    derived: list[ox.Quad] = []
    for rule in rules(root):
        target = ox.NamedNode(rule.graph)
        new = sorted({ox.Quad(t.subject, t.predicate, t.object, target) for t in rule.derive(store)}, key=str)
        store.extend(new)
        derived.extend(new)
    return sorted(set(derived), key=str)


def derive_bounds(graph: rdflib.Graph) -> rdflib.Graph:
    """The same rdflib graph with rrm:earliest and rrm:latest (xsd:date) added wherever a date allows it."""
    target = ox.NamedNode(GRAPH + "input")
    quads = [ox.Quad(_term(s), _term(p), _term(o), target) for s, p, o in graph]
    for quad in derive(quads):
        if quad.predicate.value.endswith(("#earliest", "#latest")):
            graph.add(graphs._rdflib_triple(quad))
    return graph


@dataclass(frozen=True)
class Closure:
    """The quads that follow from the ontology, and the contradictions met on the way."""

    quads: tuple[ox.Quad, ...]
    contradictions: tuple[str, ...]


def closure(
    quads: Iterable[ox.Quad],
    *,
    engine: str = "compiled",
    triples: int = TRIPLE_BUDGET,
    seconds: float = TIME_BUDGET,
) -> Closure:
    """The OWL 2 RL closure, as quads of ``graph/inferred`` that are not in the input.

    ``engine`` is ``compiled``, a worklist over the rules below, or ``reference``, owlrl; an axiom that the rules do
    not know is always left to owlrl. Literals say nothing that our axioms reach, so triples with a literal object stay
    out of the way. Raises RrmError E309 past a budget in triples or seconds.
    """
    known = {(q.subject, q.predicate, q.object) for q in quads}
    things = [triple for triple in known if not isinstance(triple[2], ox.Literal)]
    if engine == "compiled" and closures.unknown(things) is None:
        found, contradictions = closures.close(things, OWL_RULES, limit=triples, seconds=seconds)
    else:
        found, contradictions = _reference(things, triples, seconds)
    target = ox.NamedNode(INFERRED)
    new = {ox.Quad(*triple, target) for triple in found if _publishable(*triple) and triple not in known}
    return Closure(tuple(sorted(new, key=str)), tuple(sorted(contradictions)))


def _reference(
    things: list[tuple[Any, Any, Any]], triples: int, seconds: float
) -> tuple[set[tuple[Any, Any, Any]], list[str]]:
    safety.lock_rdflib()
    import owlrl

    working = graphs.to_rdflib_graph(ox.Triple(*triple) for triple in things)
    deadline = time.monotonic() + seconds

    class Bounded(owlrl.OWLRL_Semantics):  # type: ignore[misc]
        def flush_stored_triples(self) -> None:
            super().flush_stored_triples()
            if len(self.graph) > triples:
                raise RrmError("E309", detail=f"{triples:,} triples")

        def rules(self, t: Any, cycle_num: int) -> None:
            if time.monotonic() > deadline:
                raise RrmError("E309", detail=f"{seconds:g} s")
            super().rules(t, cycle_num)

    engine = Bounded(working, axioms=False, daxioms=False)
    engine.closure()
    return {(_term(s), _term(p), _term(o)) for s, p, o in working}, list(engine.error_messages)


def _term(term: Any) -> Any:
    return parse.from_rdflib(term)


def _publishable(s: Any, p: Any, o: Any) -> bool:
    """Whether a triple is RDF that somebody would want to read: no literal or blank subject, no truism."""
    if not isinstance(s, ox.NamedNode) or not isinstance(p, ox.NamedNode) or not isinstance(o, ox.NamedNode):
        return False
    if s.value.startswith(_LANGUAGE_OF_LOGIC) or p.value.startswith(XSD):
        return False
    if o.value in _SAYS_NOTHING or o.value == OWL + "Nothing":
        return False
    if s == o and p.value in _REFLEXIVE:
        return False
    return not (p.value == RDF + "type" and o.value.startswith((*_LANGUAGE_OF_LOGIC, SKOS)) and o.value in _META)


_REFLEXIVE: Final = frozenset(
    {
        OWL + "sameAs",
        OWL + "equivalentClass",
        OWL + "equivalentProperty",
        RDFS + "subClassOf",
        RDFS + "subPropertyOf",
    }
)
_META: Final = frozenset({RDFS + "Class", RDF + "Property", RDFS + "Datatype", OWL + "Ontology"})


@dataclass(frozen=True)
class Step:
    """One step of an explanation: a triple, the rule it follows by, and the steps it rests on.

    ``rule`` is None for a triple that was written; ``graph`` then says in which named graph.
    """

    triple: ox.Triple
    rule: str | None
    premises: tuple[Step, ...]
    graph: str | None = None


# The OWL 2 RL rules whose axioms the ontology may use, named as in the W3C profile specification, tables 4 to 9:
# premises, then the conclusion. https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules
OWL_RULES: Final[tuple[closures.Rule, ...]] = (
    ("cax-sco", ("?c rdfs:subClassOf ?o", "?s rdf:type ?c"), "?s rdf:type ?o"),
    ("prp-spo1", ("?q rdfs:subPropertyOf ?p", "?s ?q ?o"), "?s ?p ?o"),
    ("prp-symp", ("?p rdf:type owl:SymmetricProperty", "?o ?p ?s"), "?s ?p ?o"),
    ("prp-inv1", ("?q owl:inverseOf ?p", "?o ?q ?s"), "?s ?p ?o"),
    ("prp-inv2", ("?p owl:inverseOf ?q", "?o ?q ?s"), "?s ?p ?o"),
    ("prp-trp", ("?p rdf:type owl:TransitiveProperty", "?s ?p ?m", "?m ?p ?o"), "?s ?p ?o"),
    (
        "prp-spo2",
        (
            "?p owl:propertyChainAxiom ?l",
            "?l rdf:first ?q",
            "?l rdf:rest ?m",
            "?m rdf:first ?r",
            "?m rdf:rest rdf:nil",
            "?s ?q ?x",
            "?x ?r ?o",
        ),
        "?s ?p ?o",
    ),
    ("cax-eqc1", ("?c owl:equivalentClass ?o", "?s rdf:type ?c"), "?s rdf:type ?o"),
    ("cax-eqc2", ("?o owl:equivalentClass ?c", "?s rdf:type ?c"), "?s rdf:type ?o"),
    ("prp-eqp1", ("?q owl:equivalentProperty ?p", "?s ?q ?o"), "?s ?p ?o"),
    ("prp-eqp2", ("?p owl:equivalentProperty ?q", "?s ?q ?o"), "?s ?p ?o"),
    ("prp-dom", ("?p rdfs:domain ?o", "?s ?p ?x"), "?s rdf:type ?o"),
    ("prp-rng", ("?p rdfs:range ?o", "?x ?p ?s"), "?s rdf:type ?o"),
    ("scm-sco", ("?s rdfs:subClassOf ?m", "?m rdfs:subClassOf ?o"), "?s rdfs:subClassOf ?o"),
    ("scm-spo", ("?s rdfs:subPropertyOf ?m", "?m rdfs:subPropertyOf ?o"), "?s rdfs:subPropertyOf ?o"),
    ("scm-dom1", ("?s rdfs:domain ?c", "?c rdfs:subClassOf ?o"), "?s rdfs:domain ?o"),
    ("scm-dom2", ("?q rdfs:domain ?o", "?s rdfs:subPropertyOf ?q"), "?s rdfs:domain ?o"),
    ("scm-rng1", ("?s rdfs:range ?c", "?c rdfs:subClassOf ?o"), "?s rdfs:range ?o"),
    ("scm-rng2", ("?q rdfs:range ?o", "?s rdfs:subPropertyOf ?q"), "?s rdfs:range ?o"),
    ("eq-sym", ("?o owl:sameAs ?s",), "?s owl:sameAs ?o"),
    ("eq-trans", ("?s owl:sameAs ?m", "?m owl:sameAs ?o"), "?s owl:sameAs ?o"),
)
OWL_RULE_NAMES: Final = tuple(name for name, _, _ in OWL_RULES)
MAX_DEPTH: Final = 12


def explain(store: ox.Store, triple: ox.Triple, root: Path | None = None) -> Step | None:
    """The shortest reason for a triple: written, derived by a rule of ours, or by OWL 2 RL; None when it is not there.

    The depth of the search grows until a reason is found, so a reason never rests on itself.
    """
    if not list(store.quads_for_pattern(triple.subject, triple.predicate, triple.object)):
        return None
    search = _Explainer(store, root)
    for depth in range(MAX_DEPTH + 1):
        found = search.prove(triple, depth, frozenset())
        if found is not None:
            return found
    return None


class _Explainer:
    def __init__(self, store: ox.Store, root: Path | None) -> None:
        self.store = store
        self.root = root
        self.dead: set[tuple[ox.Triple, int]] = set()

    def prove(self, triple: ox.Triple, depth: int, above: frozenset[ox.Triple]) -> Step | None:
        graphs_of = {
            q.graph_name for q in self.store.quads_for_pattern(triple.subject, triple.predicate, triple.object)
        }
        written = sorted(
            g.value for g in graphs_of if isinstance(g, ox.NamedNode) and not g.value.startswith((DERIVED, INFERRED))
        )
        if written:
            return Step(triple, None, (), written[0])
        if depth == 0 or triple in above:
            return None
        if (triple, depth) in self.dead:
            return None
        if any(isinstance(g, ox.NamedNode) and g.value.startswith(DERIVED) for g in graphs_of):
            found = self._by_derivation(triple, depth, above)
            if found is not None:
                return found
        for name, premises, conclusion in OWL_RULES:
            for bound in self._matches(premises, conclusion, triple):
                steps = self._prove_all(bound, depth - 1, above | {triple})
                if steps is not None:
                    return Step(triple, name, steps)
        if not above:
            self.dead.add((triple, depth))
        return None

    def _prove_all(
        self, triples: tuple[ox.Triple, ...], depth: int, above: frozenset[ox.Triple]
    ) -> tuple[Step, ...] | None:
        steps = []
        for triple in triples:
            step = self.prove(triple, depth, above)
            if step is None:
                return None
            steps.append(step)
        return tuple(steps)

    def _matches(
        self, premises: tuple[str, ...], conclusion: str, triple: ox.Triple
    ) -> Iterator[tuple[ox.Triple, ...]]:
        bindings: dict[str, Any] = {}
        for part, term in zip(conclusion.split(), (triple.subject, triple.predicate, triple.object), strict=True):
            if part.startswith("?"):
                bindings[part[1:]] = term
            elif ox.NamedNode(_expand(part)) != term:
                return
        yield from self._solve(tuple(tuple(p.split()) for p in premises), bindings)

    def _solve(
        self, patterns: tuple[tuple[str, ...], ...], bindings: dict[str, Any]
    ) -> Iterator[tuple[ox.Triple, ...]]:
        if not patterns:
            yield ()
            return
        first, rest = patterns[0], patterns[1:]
        terms = [bindings.get(t[1:]) if t.startswith("?") else ox.NamedNode(_expand(t)) for t in first]
        if isinstance(terms[0], ox.Literal):
            return
        found = {ox.Triple(q.subject, q.predicate, q.object) for q in self.store.quads_for_pattern(*terms)}
        for triple in sorted(found, key=str):
            more = dict(bindings)
            values = (triple.subject, triple.predicate, triple.object)
            if all(not t.startswith("?") or more.setdefault(t[1:], v) == v for t, v in zip(first, values, strict=True)):
                for tail in self._solve(rest, more):
                    yield (triple, *tail)

    def _by_derivation(self, triple: ox.Triple, depth: int, above: frozenset[ox.Triple]) -> Step | None:
        for rule in rules(self.root):
            for template in _templates(rule.query):
                bindings: dict[ox.Variable, Any] = {}
                for part, term in zip(template, (triple.subject, triple.predicate, triple.object), strict=True):
                    if part.startswith("?"):
                        bindings[ox.Variable(part[1:])] = term
                    elif ox.NamedNode(_expand(part)) != term:
                        break
                else:
                    for bound in self._rule_matches(rule, bindings):
                        steps = self._prove_all(bound, depth - 1, above | {triple})
                        if steps is not None:
                            return Step(triple, rule.name, steps)
        return None

    def _rule_matches(self, rule: Rule, bindings: dict[ox.Variable, Any]) -> Iterator[tuple[ox.Triple, ...]]:
        start = rule.query.index("CONSTRUCT")
        where = rule.query.index("WHERE", start)
        select = rule.query[:start] + "SELECT * " + rule.query[where:]
        solutions = self.store.query(select, use_default_graph_as_union=True)
        assert isinstance(solutions, ox.QuerySolutions)
        for solution in solutions:
            if any(solution[name.value] != value for name, value in bindings.items()):
                continue
            terms = []
            for pattern in rule.premises:
                triple = [solution[t[1:]] if t.startswith("?") else ox.NamedNode(_expand(t)) for t in pattern]
                if None not in triple and not isinstance(triple[0], ox.Literal):
                    terms.append(ox.Triple(*triple))
            if terms:
                yield tuple(terms)


def _templates(query: str) -> tuple[tuple[str, str, str], ...]:
    head = query[query.index("{", query.index("CONSTRUCT")) + 1 : query.index("}")]
    triples: list[tuple[str, str, str]] = []
    subject = ""
    for part in head.split(";"):
        words = part.split()
        if len(words) == 3:
            subject = words[0]
        triples.append((subject, words[-2], words[-1]))
    return tuple(triples)


def _expand(name: str) -> str:
    from rrm_kg.terms import expand

    iri = expand(name)
    assert iri is not None
    return iri
