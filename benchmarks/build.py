"""One synthetic case: its parties, events, records and evidence, drawn along an outline and a mechanism."""

from __future__ import annotations

import math
import random
from collections import Counter
from datetime import date, timedelta
from typing import Final

from benchmarks import procedure
from benchmarks.case import Case, Thing, both, day, describe, short
from benchmarks.world import PUBLISHERS, World

BLOCK: Final = 1000
_LATE: Final = 0.06
_AGENCIES: Final = {
    "screening-body": ("agency:ilc", "agency:otla"),
    "complainant-agent": ("agency:ustr", "agency:us-dol"),
    "respondent-investigator": ("agency:stps", "agency:stps"),
    "respondent-trade-authority": ("agency:se", "agency:se"),
    "secretariat": ("agency:usmca-secretariat", "agency:usmca-secretariat"),
    "mediator": ("agency:cfcrl", "agency:cfcrl"),
}
KEPT: Final = frozenset(name for pair in _AGENCIES.values() for name in pair)
_UNION_ROLES: Final = ("petitioner", "incumbent-union", "challenger-union", "employer-favoured-union", "affected-union")


def _pools(size: int) -> tuple[int, int, int]:
    """How many companies, groups of companies and unions a block of cases shares."""
    return max(1, math.ceil(0.8 * size)), max(1, math.ceil(0.25 * size)), max(6, math.ceil(0.6 * size))


def parties(block: int, size: int) -> dict[str, Thing]:
    """The companies, groups and unions of a block of cases."""
    things: dict[str, Thing] = {}
    companies, owners, unions = _pools(size)
    for n in range(owners):
        describe(
            things,
            f"company:group-{block}-{n}",
            "Company",
            rdfs__label=both(f"Group {block}-{n}", f"Grupo {block}-{n}"),
        )
    for n in range(companies):
        describe(
            things,
            f"company:synthetic-{block}-{n}",
            "Company",
            rdfs__label=f'"Compañía Sintética {block}-{n}, S.A. de C.V."@es',
            org__subOrganizationOf=f"company:group-{block}-{n % owners}",
        )
    for n in range(unions):
        describe(things, f"union:synthetic-{block}-{n}", "Union", rdfs__label=f'"Sindicato Sintético {block}-{n}"@es')
    return things


def case(known: World, seed: int, index: int, total: int) -> Case:
    """The case with a number, of a set of so many; it depends on nothing but these.

    A number past the set gives a case that could be added to it.
    """
    chance = random.Random(f"{seed} {index}")
    outline = chance.choice(known.outlines)
    return _Builder(known, outline, index, total, chance).build()


class _Builder:
    def __init__(self, known: World, outline: procedure.Outline, index: int, total: int, chance: random.Random) -> None:
        self.world, self.outline, self.chance = known, outline, chance
        self.mechanism = known.mechanisms[outline.mechanism]
        self.index, self.slug = index, f"synthetic-{index:06}"
        self.case = Case(self.slug)
        self.dispute = f"case:{self.slug}"
        block = min(index, total - 1) // BLOCK
        companies, owners, unions = _pools(min(BLOCK, total - block * BLOCK))
        place = index % BLOCK
        self.company = f"company:synthetic-{block}-{place % companies}"
        self.owner = f"company:group-{block}-{place % companies % owners}"
        self.unions = [f"union:synthetic-{block}-{(place + n) % unions}" for n in range(len(_UNION_ROLES))]
        parties = list(self.mechanism.parties)
        if self.mechanism.of_facilities:
            self.complainant, self.respondent = "state:us", "state:mx"
        else:
            self.respondent, self.complainant = (short(p) for p in chance.sample(parties, 2))
        self.passages = [f"evidence:{self.slug}-{n:03}" for n in range(outline.counts.get("Evidence", 8))]
        self.cited = 0

    def build(self) -> Case:
        steps = procedure.path(self.mechanism, self.outline, self.chance)
        on = procedure.days(self.mechanism, steps, self.chance, _LATE)
        self.first, self.last = min(on), max(on)
        self._dispute()
        self._parties()
        self._events(steps, on)
        self._records()
        self._gaps(steps)
        self._evidence()
        return self.case

    def cite(self) -> list[str]:
        """One to four passages; the next ones in turn, so that each proves something."""
        count = min(len(self.passages), 1 + int(self.chance.random() ** 2 * 4))
        chosen = [self.passages[(self.cited + n) % len(self.passages)] for n in range(count)]
        self.cited += count
        return chosen

    def record(self, kind: str, name: str, of: str, /, **properties: str | list[str]) -> str:
        """A record of the case: its dispute, its properties and its evidence."""
        return self.case.add(kind, name, of, inDispute=self.dispute, **properties, evidence=self.cite())

    def code(self, scheme: str) -> str:
        return self.chance.choice(self.world.codes[scheme])

    def _dispute(self) -> None:
        n = self.index
        subject = self.respondent
        if self.mechanism.of_facilities:
            subject = self.case.add(
                "facility",
                "plant",
                "Facility",
                rdfs__label=both(f"Synthetic facility {n}", f"Instalación sintética {n}"),
                locatedIn=self.chance.choice(self.world.places),
                sector=self.code("sector"),
                evidence=self.cite(),
            )
            self.case.add("ownership", "plant", "Ownership", facility=subject, owner=self.owner, evidence=self.cite())
        self.case.add(
            "case",
            "",
            "Dispute",
            rdfs__label=both(f"Synthetic dispute {n}", f"Controversia sintética {n}"),
            mechanism=short(self.mechanism.iri),
            subject=subject,
            evidence=self.cite(),
        )
        for k in range(self.outline.counts.get("Identifier", 0)):
            number = str(n + 1) if k == 0 else f"{n + 1}-{k}"
            self.record(
                "identifier",
                f"us-invocation-{k}",
                "Identifier",
                skos__notation=f'"{number}"',
                identifierScheme="c-identifier-scheme:us-invocation",
                by="agency:ustr",
            )

    def _agent(self, role: str, place: int) -> str | None:
        if role in _AGENCIES:
            return _AGENCIES[role][not self.mechanism.of_facilities]
        if role in _UNION_ROLES:
            return self.unions[_UNION_ROLES.index(role)] if place == 0 else self.world.publishers[place % PUBLISHERS]
        if role in ("panel", "chair", "panelist"):
            return None
        known = {
            "complainant": self.complainant,
            "respondent": self.respondent,
            "employer": self.company,
            "client": self.owner,
        }
        return known.get(role, self.world.publishers[(self.index + place) % PUBLISHERS])

    def _parties(self) -> None:
        held: Counter[str] = Counter()
        for role in self.outline.roles:
            agent = self._agent(role, held[role])
            if agent is None or (held[role] and role != "petitioner"):
                continue
            self._participation(role, f"{role}-{held[role]}", agent)
            held[role] += 1
        if "panel" in self.outline.roles:
            n = self.index
            panel = self.case.add(
                "panel", "", "Panel", rdfs__label=both(f"Synthetic panel {n}", f"Panel sintético {n}")
            )
            self._participation("panel", "panel", panel)
            for k, role in enumerate(("chair", "panelist", "panelist")):
                person = self.case.add("person", str(k), "Person", rdfs__label=f'"Persona Sintética {n}-{k}"@es')
                self._participation(role, f"{role}-{k}", person)

    def _participation(self, role: str, name: str, agent: str) -> None:
        self.record("participation", name, "Participation", agent=agent, role=f"c-role:{role}")

    def _events(self, steps: list[procedure.Step], on: list[date]) -> None:
        for n, (step, when) in enumerate(zip(steps, on, strict=True)):
            event = self.record(
                "event",
                f"{step.iri.rsplit('/', 1)[-1]}-{n}",
                "ProcedureEvent",
                step=short(step.iri),
                **self._date(when),
                actor=self.chance.choice((self.complainant, self.respondent)),
                summary=both(
                    f"Event {n + 1} of the synthetic dispute {self.index}: {step.names[0]}, as the sources report it.",
                    f"Acto {n + 1} de la controversia sintética {self.index}: {step.names[1]}, según las fuentes.",
                ),
            )
            self.case.days[event], self.case.steps[event] = when, step

    def _date(self, when: date) -> dict[str, str]:
        """A day in most cases, else a month or two bounds, as public records have them."""
        drawn = self.chance.random()
        if drawn < 0.06:
            return {"date": f'"{when:%Y-%m}"^^xsd:gYearMonth'}
        if drawn < 0.14:
            return {"onOrAfter": day(when - timedelta(7)), "onOrBefore": day(when + timedelta(7))}
        return {"date": day(when)}

    def _said(self, what: str, was: str, n: int) -> str:
        return both(
            f"According to the source, {what} number {n} of the synthetic dispute {self.index} is about the facility.",
            f"Según la fuente, {was} número {n} de la controversia sintética {self.index} se refiere a la instalación.",
        )

    def _times(self, name: str) -> range:
        return range(self.outline.counts.get(name, 0))

    def _records(self) -> None:
        speakers = [self.complainant, self.respondent, self.unions[0], *self.world.publishers]
        closing = next((s.stage for s in reversed(list(self.case.steps.values())) if s.stage), None)
        stage = short(closing) if closing else "c-stage:complaint"
        for n in self._times("Allegation"):
            self.record(
                "allegation", str(n), "Allegation", by=self.complainant, modality="c-modality:alleges",
                conduct=self.code("conduct"), right=self.code("right"),
                summary=self._said("allegation", "la alegación", n),
            )  # fmt: skip
        for n in self._times("Position"):
            self.record(
                "position", str(n), "Position", by=self.complainant, modality="c-modality:alleges",
                issue=self.code("issue"), stage="c-stage:state-request",
                summary=self._said("position", "la postura", n),
            )  # fmt: skip
        for n in self._times("Finding"):
            self.record(
                "finding", str(n), "Finding", by=self.respondent, modality="c-modality:finds",
                issue="c-issue:denial-of-rights", stage="c-stage:review-reported",
                conclusion="c-conclusion:denial-found", summary=self._said("finding", "la conclusión", n),
            )  # fmt: skip
        for n in self._times("Claim"):
            self.record(
                "claim", str(n), "Claim", by=self.chance.choice(speakers), modality="c-modality:asserts",
                summary=self._said("statement", "la declaración", n),
            )  # fmt: skip
        for n in self._times("Measure"):
            self.record(
                "measure", str(n), "Measure", measureKind="c-measure-kind:suspension-of-liquidation",
                by=self.complainant,
                onOrAfter=day(self.first), onOrBefore=day(self.last), summary=self._said("measure", "la medida", n),
            )  # fmt: skip
        plans = [
            self.record(
                "plan",
                str(n),
                "RemediationPlan",
                planKind="c-plan-kind:agreed-course",
                onOrBefore=day(self.last),
                summary=self._said("plan", "el plan", n),
            )
            for n in self._times("RemediationPlan")
        ]
        for n in self._times("Commitment"):
            if plans:
                self.record(
                    "commitment", str(n), "Commitment", inPlan=plans[n % len(plans)], action=self.code("action"),
                    obligor=self.company, commitmentStatus=self.code("commitment-status"), by=self.complainant,
                    summary=self._said("commitment", "el compromiso", n),
                )  # fmt: skip
        for n in self._times("Outcome"):
            self.record(
                "outcome", str(n), "Outcome", by=(self.complainant, self.respondent)[n % 2], stage=stage,
                outcomeKind="c-outcome:course-completed", date=day(self.last),
            )  # fmt: skip
        self._counts()

    def _counts(self) -> None:
        counts, values = [], []
        for n in self._times("Count"):
            values.append(str(self.chance.randint(1, 5000)))
            counts.append(
                self.record(
                    "count",
                    str(n),
                    "Count",
                    counted=self.code("counted"),
                    value=values[n],
                    qualifier=self.code("qualifier"),
                    unit="c-unit:persons",
                    by=self.world.publishers[(self.index + n) % PUBLISHERS],
                    asOf=day(self.last),
                    countingRule=both(
                        f"Persons as the source counts them, count {n}.",
                        f"Personas según la cuenta de la fuente, conteo {n}.",
                    ),
                )
            )
        for n in range(min(self.outline.counts.get("Assertion", 0) // 2, len(counts))):
            for standing, value in (("accepted", values[n]), ("disputed", str(int(values[n]) + 100))):
                self.record(
                    "assertion", f"{n}-{standing}", "Assertion", about=counts[n], property="rrm:value", value=value,
                    by=self.chance.choice(self.world.publishers), modality="c-modality:asserts",
                    standing=f"c-standing:{standing}",
                    reason=both("The source that counts exactly is followed.", "Se sigue la fuente exacta."),
                )  # fmt: skip

    def _gaps(self, steps: list[procedure.Step]) -> None:
        there = {step.iri for step in steps}
        missing = sorted({before for step in steps for before in step.before} - there)
        others = sorted(set(self.mechanism.steps) - there - set(missing))
        wanted = self.outline.counts.get("GapMarker", 0)
        missing += self.chance.sample(others, min(max(0, wanted - len(missing)), len(others)))
        for n, step in enumerate(missing):
            self._gap(str(n), expectedStep=short(step))
        if "complainant" not in self.outline.roles:
            self._gap("complainant", expectedProperty="rrm:agent")
        if not self.outline.counts.get("Identifier"):
            self._gap("number", expectedProperty="skos:notation")

    def _gap(self, name: str, **expected: str) -> None:
        self.case.add(
            "gap", name, "GapMarker", inDispute=self.dispute, about=self.dispute, **expected,
            gapReason=self.code("gap-reason"),
            summary=both(f"No source read says it (gap {name}).", f"Ninguna fuente leída lo dice (vacío {name})."),
        )  # fmt: skip

    def _evidence(self) -> None:
        left = self.passages[self.cited :]
        self.case.things[self.dispute]["rrm:evidence"] += [
            p for p in left if p not in self.case.things[self.dispute]["rrm:evidence"]
        ]
        count = max(1, min(self.outline.documents, len(self.passages)))
        documents = [f"document:{self.slug}-{n:02}" for n in range(count)]
        for n, passage in enumerate(self.passages):
            language = ("en", "es")[n % count % 2]
            words = ("the workers at the facility", "las personas trabajadoras de la planta")[language == "es"]
            describe(
                self.case.things, passage, "Evidence", document=documents[n % count],
                locator=both("passage quoted", "pasaje citado"), quote=f'"{words}, {self.index}, {n}"@{language}',
            )  # fmt: skip
        for n, document in enumerate(documents):
            language = ("en", "es")[n % 2]
            describe(
                self.case.things, document, "Document",
                rdfs__label=f'"Document {n} on the synthetic dispute {self.index}"@{language}',
                dcterms__publisher=self.world.publishers[(self.index * 9 + n) % PUBLISHERS],
                dcterms__language=f'"{language}"', dcterms__issued=day(self.last),
                documentKind=self.code("document-kind"),
                url=f'"https://example.org/{self.slug}/{n}"^^xsd:anyURI', consultedOn=day(procedure.LAST_DAY),
            )  # fmt: skip
