"""Files that people hand in: found below folders, and checked in guarded processes in the context of the graph."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rrm_kg import graph as graphs
from rrm_kg.errors import LANGUAGES, RrmError, raw
from rrm_kg.findings import Finding, Report, Severity, Where
from rrm_kg.shapes import Shape

if TYPE_CHECKING:
    from rrm_kg.pipeline import KnowledgeGraph

ENDINGS: Final = (".ttl", ".nt", ".jsonld", ".json", ".csv", ".xlsx")
REFUSAL: Final = "Refusal"
_AT: Final = re.compile(r", line (\d+)(?:, column (\d+))?$")
_TABLE: Final = re.compile(r"(.+?\.(?:xlsx|csv))(?:: |\Z)", re.IGNORECASE)
_CELL: Final = re.compile(r": (?:(?P<sheet>[^!]+)!)?(?P<letters>[A-Z]{1,3})(?P<row>\d+)$")
_SECONDS: Final = 120.0  # for one batch
_MEGABYTES: Final = 8_192


@dataclass(frozen=True)
class Batch:
    """Files that are checked together, under the name that errors give them."""

    path: str
    files: tuple[graphs.Source, ...]


@dataclass(frozen=True)
class Outcome:
    """What the gate says of a batch: findings and refusals, whether the graph passes with it, how many are gone.

    ``read`` is how many triples were read, ``left`` how many findings only follow from others (telling.causes).
    """

    report: Report
    conforms: bool
    gone: int
    read: int
    left: int = 0

    @property
    def refused(self) -> tuple[Finding, ...]:
        """The files that were not read, each as a finding whose rule is the code of the error."""
        return tuple(finding for finding in self.report.findings if finding.component == REFUSAL)


def files(paths: Iterable[Path]) -> tuple[Path, ...]:
    """The files that some paths mean, in order: a folder means all below it that the gate can read.

    Raises RrmError E305 for a path that is not there, E317 for a folder without such a file.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if not path.is_dir():
            found[path] = None
            continue
        below = [one for one in sorted(path.rglob("*")) if one.suffix.lower() in ENDINGS and one.is_file()]
        below = [one for one in below if not any(part.startswith(".") for part in one.relative_to(path).parts)]
        if not below:
            raise RrmError("E317", where=str(path), endings=", ".join(ENDINGS))
        found |= dict.fromkeys(below)
    return tuple(found)


def refusal(error: RrmError, file: str) -> Finding:
    """The finding that an error about a file is."""
    return Finding(
        rule=error.code,
        shape=f"errors#{error.code}",
        component=REFUSAL,
        severity=Severity.VIOLATION,
        focus="",
        path=None,
        value=None,
        message={lang: f"{error.message(lang)} {error.hint(lang)}" for lang in LANGUAGES},
        where=_place(error.where or "", file),
    )


def refusals(error: RrmError, file: str) -> tuple[Finding, ...]:
    """The findings that an error about a file is, with all others that it carries."""
    return tuple(refusal(one, file) for one in (error, *error.others))


def file_of(error: RrmError) -> str:
    """The file that an error names, without the place in it."""
    said = (error.where or "").split(", line ")[0]
    table = _TABLE.match(said)
    return table[1] if table else said


def _place(said: str, file: str) -> Where:
    """The line or the cell that an error names, else the beginning of the file."""
    at = _AT.search(said)
    if at is None and (cell := _CELL.search(said)) is not None:
        row, column = int(cell["row"]), _number(cell["letters"])
        return Where(file, row, "file", column, row, column + 1, "", cell["sheet"], cell["letters"] + cell["row"])
    line, column = (int(at[1]), int(at[2] or 1)) if at else (1, 1)
    return Where(file, line, "file", column, line, column)


def _number(letters: str) -> int:
    """The number of a column by its letters: 28 for AB."""
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - 64
    return number


def rules(refusals: Iterable[Finding]) -> dict[str, Shape]:
    """What the codes of some refusals stand for, as the rules of a report."""
    said = {
        one.rule: {lang: raw(one.rule, "definition", lang) for lang in LANGUAGES}
        for one in refusals
        if one.component == REFUSAL
    }
    return {
        f"errors#{code}": Shape(f"errors#{code}", code, Severity.VIOLATION, name, {}, {}) for code, name in said.items()
    }


def check(
    given: Iterable[Path],
    root: Path | None,
    *,
    together: bool = True,
    jobs: int = 1,
    use_cache: bool = True,
    meanwhile: Callable[[], object] | None = None,
) -> Iterator[Outcome | RrmError]:
    """The outcome of some files as one batch, or of each by itself, in their order; an error where no file was read.

    ``jobs`` is the number of processes. A file of a batch that cannot be read is a refusal among the findings; a
    single file is an error. ``meanwhile`` is called once, while the first are checked.
    """
    from rrm_kg import worker

    base = graphs.default_root() if root is None else root
    sources = (graphs.read_file(path, base) for path in given)
    batches: Iterator[Batch] | list[Batch]
    if together:
        all_ = tuple(sources)
        batches = [Batch(", ".join(source.path for source in all_[:3]) + (" …" if len(all_) > 3 else ""), all_)]
    else:
        batches = (Batch(source.path, (source,)) for source in sources)
    judge = partial(_judge, root, use_cache)
    yield from worker.each(judge, batches, jobs=jobs, seconds=_SECONDS, memory=_MEGABYTES, meanwhile=meanwhile)


def _judge(root: Path | None, use_cache: bool, batch: Batch) -> Outcome:
    verdict = _graph(root, use_cache).resident.check(batch.files, strict=len(batch.files) == 1)
    whole = verdict.report
    left = len(verdict.found) - len(verdict.told)
    return Outcome(Report(verdict.told, whole.validated), whole.conforms, len(verdict.gone), verdict.read, left)


@lru_cache(maxsize=1)
def _graph(root: Path | None, use_cache: bool) -> KnowledgeGraph:
    from rrm_kg.pipeline import open_graph

    return open_graph(root, use_cache=use_cache, in_memory=False)
