"""How many cases there were by year, quarter and sector, and how long they took."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from rrm_kg import questions as catalogue
from rrm_kg.publish.docket import RAPID, Case, docket
from rrm_kg.publish.home import by_year
from rrm_kg.publish.pictures.bars import bar, columns, span
from rrm_kg.publish.questions import answer
from rrm_kg.publish.sheet import by_name, sheet
from rrm_kg.publish.site import SUFFIX, File, Site
from rrm_kg.publish.words import say
from rrm_kg.query import Row


def files(site: Site) -> Iterator[File]:
    """The page in both languages."""
    for lang in sorted(SUFFIX, key=lambda lang: f"over-time{SUFFIX[lang]}"):
        cases = [case for case in docket(site, lang) if case.mechanism == RAPID]
        years, quarters = by_year(cases), by_quarter(cases)
        labelled = [(name.replace("-1", "") if name.endswith("-1") else "", number) for name, number in quarters]
        yield sheet(
            site,
            "over_time.html.jinja",
            "over-time",
            lang,
            "over",
            number=len(cases),
            undated=sum(not case.quarter for case in cases),
            years=years,
            year_chart=columns("by-year", say("home-chart", lang), years, width=64),
            quarters=quarters,
            quarter_chart=columns("by-quarter", say("over-quarter-chart", lang), labelled, width=32),
            sectors=by_sector(cases),
            stages=_rows(site, "cq15", lang),
            decisions=_rows(site, "cq25", lang),
            linked=by_name(site, lang),
            bar=bar,
            span=span,
        )


def _rows(site: Site, question: str, lang: str) -> tuple[Row, ...]:
    found = catalogue.find(site.graph.sources.root, question)
    defaults = {one.name: one.default for one in found.parameters if one.default is not None}
    return answer(site, found, lang, defaults).rows


def by_quarter(cases: Iterable[Case]) -> list[tuple[str, int]]:
    """The number of cases in each quarter from the first to the last, such as ``2024-2``."""
    found = Counter(case.quarter for case in cases if case.quarter)
    first, last = (int(name[:4]) * 4 + int(name[5]) - 1 for name in (min(found), max(found)))
    names = (f"{place // 4}-{place % 4 + 1}" for place in range(first, last + 1))
    return [(name, found[name]) for name in names]


def by_sector(cases: Iterable[Case]) -> list[tuple[str, Counter[str]]]:
    """Sectors with their number of cases in each year, the most frequent sector first."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for case in cases:
        for sector in case.sectors:
            found[sector][case.year] += 1
    return sorted(found.items(), key=lambda one: (-one[1].total(), one[0]))
