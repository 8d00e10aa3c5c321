"""Findings as the sender of a file reads them: without what only follows from others, and of a table in its own words.

The gate speaks of properties, codes and IRIs. Who fills in a workbook knows its sheets, columns, rows and lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from rrm_kg import graph as graphs
from rrm_kg.errors import LANGUAGES, RrmError, text
from rrm_kg.findings import Finding, Fix, Severity, Where
from rrm_kg.nearest import nearest
from rrm_kg.tables import Table
from rrm_kg.tabular.sheets import Column, heading, sheet_title
from rrm_kg.tabular.sheets import sheet as sheet_of
from rrm_kg.terms import BASE, CODE, ID, PREFIXES, RDF_TYPE, shorten
from rrm_kg.vocabulary import folded

_ENOUGH: Final = 3
_MOST_LOOKED_UP: Final = 100  # names of a table for which the nearest are looked for; each takes milliseconds
_UNKNOWN: Final = (  # shapes that find a name that nothing has, the most telling first
    "Thing-code-of-scheme",
    "Thing-reference-foreign",
    "Document-publisher-agent",
    "Thing-reference-described",
)
_OF_A_CLASS: Final = ("Thing-property-domain",)  # what cannot be said of a thing whose class is not known
_VALUE_FORM: Final = "Thing-value-form"
_CLOSENESS: Final = {"triple": 0, "property": 1, "subject": 2, "file": 3}
_LANGUAGE: Final = re.compile(r"-(?:english|spanish)$")
_LABELED: Final = re.compile(r" <((?:id|code):[^<>\s]+)>")
_TERM: Final = re.compile(
    r"<?\b((?:"
    + "|".join([*PREFIXES, "role", "step", "prov"])
    + r"):(?!/)[^\s<>'\"«»,;:)]*\w|"
    + re.escape(BASE)
    + r"[^\s<>'\"«»,;)]*\w)>?"
)
_NAME: Final = re.compile(r"\b(?:id|code):[^\s<>'\"«»]+")
_TAG: Final = re.compile(r" (?:with the language tag|con la etiqueta de idioma) @(en|es)\b")
_IRIS: Final = {"en": re.compile(r"\bthe IRI\b"), "es": re.compile(r"\bel IRI\b")}
_QUOTED_ROW: Final = re.compile(r"['«]((?:row|la fila) \d+(?: (?:of '[^']*'|de «[^»]*»))?)['»]")
_SIGNS: Final = re.compile(r"(?<=['’\"»])@(?:en|es)\b| \((?:xsd|rdf):\w+\)| \(@(?:en|es)\)")


def told(findings: Iterable[Finding], files: Iterable[graphs.Source]) -> tuple[Finding, ...]:
    """The findings without those that only follow from others (causes), those in tables in the words of the table.

    ``files`` are those that were checked.
    """
    tables = {file.path: _Words(file) for file in files if file.path.lower().endswith((".csv", ".xlsx"))}

    def reworded(one: Finding) -> Finding:
        words = tables.get(one.where.file) if one.where else None
        return words.reworded(one) if words else one

    return tuple(map(reworded, causes(findings)))


# Causes and consequences


def causes(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings but for those that only follow from another one, which is as grave and tells more.

    One mistake makes several findings: a name that nothing has is no code, no step of the mechanism and nothing that
    is described; a date that cannot be read leaves its act undated. Whoever mends the cause mends them all.
    """
    all_ = list(findings)
    unknown: dict[str, list[Finding]] = {}  # by the term that nothing describes
    written: dict[tuple[object, ...], list[Finding]] = {}  # about a value, by its place
    wrong: dict[str, list[str]] = {}  # values of each thing that are wrong where they stand
    typed: set[str] = set()  # things of no class that is known
    missing = {(one.focus, one.path) for one in all_ if one.component == "MinCountConstraintComponent"}
    for one in all_:
        if _name(one) in _UNKNOWN and one.value:
            unknown.setdefault(one.value, []).append(one)
        if one.where and one.where.located_by == "triple":
            written.setdefault(_spot(one.where), []).append(one)
            wrong.setdefault(one.focus, []).append(one.where.text)
        if one.path == RDF_TYPE and one.severity is Severity.VIOLATION:
            typed.add(one.focus)
    for terms in unknown.values():
        terms.sort(key=lambda one: (_rank(one), _UNKNOWN.index(_name(one)), one.sort_key))
    return tuple(
        one
        for one in all_
        if not _follows(one, unknown, written, wrong, typed)
        and not ((one.focus, one.path) in missing and _LANGUAGE.search(_name(one)))
    )


def _follows(
    one: Finding,
    unknown: dict[str, list[Finding]],
    written: dict[tuple[object, ...], list[Finding]],
    wrong: dict[str, list[str]],
    typed: set[str],
) -> bool:
    for term in _terms(one, unknown):
        known = unknown[term]
        beside = [other for other in known if other.focus == one.focus]
        if one not in known:
            return True
        # Where a derived triple repeats it, or several rules find the same value, one finding stays.
        if (beside and beside[0] is not one) or (_rank(one) > 0 and _rank(known[0]) == 0):
            return True
    if (one.value in typed and one.focus != one.value) or one.focus in unknown:
        return True
    if one.focus in typed and _name(one) in _OF_A_CLASS:
        return True
    if one.where is None or one.where.located_by == "triple":
        return False
    if _name(one) == _VALUE_FORM and any(value and value in one.message["en"] for value in wrong.get(one.focus, ())):
        return True
    if one.where.located_by != "property" or _LANGUAGE.search(_name(one)):
        return False
    causes_ = written.get(_spot(one.where), ())
    return any(other.severity >= one.severity and (one.path in (None, other.path)) for other in causes_)


def _terms(one: Finding, unknown: dict[str, list[Finding]]) -> Iterator[str]:
    """The undescribed terms that a finding is about: its value, or what its message names."""
    if one.value in unknown:
        yield one.value or ""
    elif unknown:
        said = one.message["en"]
        yield from (term for term in unknown if re.search(re.escape(shorten(term).strip("<>")) + r"(?![\w/-])", said))


def _name(one: Finding) -> str:
    return re.split("[#/]", one.shape)[-1]


def _rank(one: Finding) -> int:
    return _CLOSENESS.get(one.where.located_by, 3) if one.where else 3


def _spot(where: Where) -> tuple[object, ...]:
    return where.file, where.sheet, where.cell, where.line, where.column


# Words of a table


class _Words:
    """What the parts of a table are called by its reader."""

    def __init__(self, file: graphs.Source) -> None:
        self.name = file.path
        try:
            self.table: Table | None = Table(file.data, file.path)
        except RrmError:  # a table that was refused has no other findings
            self.table = None
        self._looked_up = 0

    def reworded(self, one: Finding) -> Finding:
        """A finding with columns for properties, rows for IRIs, labels for codes, and what can be typed for a fix."""
        where = one.where
        if self.table is None or where is None or where.cell is None:
            return one
        table = self.table
        column = table.column(where)
        said = {lang: self._said(message, lang, one, where, column) for lang, message in one.message.items()}
        why = {lang: self._said(message, lang, one, where, column) for lang, message in one.why.items()}
        if one.component.startswith("Pattern") or any(sign in sentence for sentence in why.values() for sign in "^:"):
            why = {}  # a regular expression or a datatype tells a person nothing that the message does not
        return replace(one, message=said, why=why, fixes=self._fixes(one, where, column))

    def _said(self, sentence: str, lang: str, one: Finding, where: Where, column: Column | None) -> str:
        path = one.path or (column.predicate if column else None)

        def tagged(found: re.Match[str]) -> str:
            if path is None or self.table is None:
                return ""
            return " " + text("in-column", lang, title=self._heading(Column(path, found[1]), lang))

        named = _LABELED.sub(lambda found: self._beside(found[1], lang, where), sentence)
        plain = _SIGNS.sub("", _TAG.sub(tagged, named))
        plain = _NAME.sub(lambda found: self._as_written(found[0], lang), plain)
        plain = _TERM.sub(lambda found: self._term(found[1], lang, where, found[0]), plain)
        plain = _QUOTED_ROW.sub(r"\1", _IRIS[lang].sub(text("the-name", lang), plain))
        return plain[:1].upper() + plain[1:]

    def _as_written(self, name: str, lang: str) -> str:
        """What a cell says, for the IRI that it got because nothing goes by that name; behind it may be a full stop."""
        end = len(name)
        while self.table and end:
            iri = _iri(name[:end])
            if iri in self.table.coined:
                return _quoted(self.table.coined[iri], lang) + name[end:]
            end = end - 1 if name[end - 1] in ".,;:)" else 0
        return name

    def _beside(self, name: str, lang: str, where: Where) -> str:
        """What goes after the label of a thing: its row, where it stands in another one of the table."""
        row = self._row(_iri(name), lang)
        return f" ({row})" if row and row != self._here(where, lang) else ""

    def _term(self, name: str, lang: str, where: Where, whole: str) -> str:
        iri = _iri(name)
        table = self.table
        if iri is None or table is None:
            return whole
        words = table.words
        if words.is_property(iri) and not iri.startswith((ID, CODE)):
            return _quoted(self._heading(Column(iri), lang), lang)
        if words.is_class(iri):
            return _quoted(sheet_title(sheet_of(words, iri, lang), lang, words), lang)
        row = self._row(iri, lang)
        if row:
            return row
        return _quoted(words.label(iri, lang), lang) if words.labels.get(iri) else whole

    def _row(self, iri: str | None, lang: str) -> str:
        """The row that a thing of the table has, in words; nothing for another thing."""
        place = self.table.rows.get(iri) if self.table and iri else None
        if place is None:
            return ""
        sheet, row = place
        if sheet is None:
            return text("in-row", lang, row=row)
        return text("in-row-of-sheet", lang, row=row, sheet=sheet)

    def _here(self, where: Where, lang: str) -> str:
        if where.sheet is None:
            return text("in-row", lang, row=where.line)
        return text("in-row-of-sheet", lang, row=where.line, sheet=where.sheet)

    def _heading(self, column: Column, lang: str) -> str:
        assert self.table is not None
        return heading(replace(column, mark=""), lang, self.table.words)

    # What could be typed

    def _fixes(self, one: Finding, where: Where, column: Column | None) -> tuple[Fix, ...]:
        table = self.table
        assert table is not None
        if column is not None and where.located_by == "triple" and table.coined.get(one.value or "") == where.text:
            self._looked_up += 1
            return tuple(self._proposals(where, column)) if self._looked_up <= _MOST_LOOKED_UP else ()
        fixes = []
        for fix in one.fixes:
            message = {lang: self._said(said, lang, one, where, column) for lang, said in fix.message.items()}
            if _TERM.search(fix.replacement or ""):
                continue  # an IRI is not what is typed into a cell
            fixes.append(Fix(message, fix.replacement))
        return tuple(fixes)

    def _proposals(self, where: Where, column: Column) -> Iterator[Fix]:
        """The names nearest to what a cell says, as they can be typed there."""
        table = self.table
        assert table is not None
        known = table.choices(where, column)
        near = nearest(folded(where.text), known, 2 * _ENOUGH)
        lang = table.language(where)
        for iri in list(dict.fromkeys(known[name] for name in near))[:_ENOUGH]:
            typed = table.typed(iri, where, column, lang)
            if typed is not None:
                said = {one: text("fix-cell", one, typed=_quoted(typed, one), code=_short(iri)) for one in LANGUAGES}
                yield Fix(said, typed)


def _iri(name: str) -> str | None:
    """The IRI that a message names; ``role:employer`` stands for the code of that list."""
    if name.startswith(BASE):
        return name
    prefix, _, local = name.partition(":")
    return PREFIXES[prefix] + local if prefix in PREFIXES else f"{CODE}{prefix}/{local}"


def _short(iri: str) -> str:
    return iri.removeprefix(ID).removeprefix(CODE)


def _quoted(name: str, lang: str) -> str:
    return f"«{name}»" if lang == "es" else f"'{name}'"
