"""Commands that ask: the questions of the catalogue, any query, and why a triple holds."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click

from rrm_kg.commands.frame import (
    FORMAT,
    TIMEOUT,
    UNCHECKED,
    Localized,
    chosen,
    cli,
    common,
    console,
    open_to_read,
    opened,
    print_answer,
    print_json,
)


@cli.command(cls=Localized)
@click.option("--format", "form", type=click.Choice(["table", "json"]), default=None)
@common
def questions(form: str | None, lang: str, root: Path | None, no_cache: bool) -> None:
    from rrm_kg import graph as graphs
    from rrm_kg import questions as catalogue

    listed = catalogue.catalogue(root or graphs.default_root())
    if chosen(form) == "json":
        from dataclasses import asdict

        print_json([{k: v for k, v in asdict(q).items() if k not in ("query", "path")} for q in listed])
    else:
        from rrm_kg import render

        render.questions(console(), listed, lang)


@cli.command(cls=Localized)
@click.argument("question")
@click.argument("parameters", nargs=-1, metavar="[NAME=VALUE]...")
@FORMAT
@UNCHECKED
@click.option("--endpoint", metavar="URL")
@TIMEOUT
@common
def ask(
    question: str,
    parameters: tuple[str, ...],
    form: str | None,
    unchecked: bool,
    endpoint: str | None,
    timeout: int,
    lang: str,
    root: Path | None,
    no_cache: bool,
) -> None:
    from rrm_kg import graph as graphs
    from rrm_kg import questions as catalogue
    from rrm_kg import several

    asked = catalogue.find(root or graphs.default_root(), question)
    given = _given(parameters, {parameter.name for parameter in asked.parameters if parameter.thing})
    if endpoint:
        from rrm_kg import remote

        answer = remote.ask(remote.endpoint(endpoint, timeout=timeout), question, lang=lang, root=root, **given)
    else:
        graph = opened(lang, root, no_cache, gate=not unchecked)
        answer = graph.ask(question, lang=lang, unchecked=unchecked, **given)
    asked_of = {p.label[lang]: given.get(p.name, p.default) for p in asked.parameters}
    said = {name: value if isinstance(value, str) else ", ".join(value) for name, value in asked_of.items() if value}
    title = "\n".join([asked.question[lang], " · ".join(f"{name}: {value}" for name, value in said.items())]).rstrip()
    print_answer(answer, form, lang, several.labels(asked, given, lang), title, endpoint)


def _given(parameters: tuple[str, ...], things: set[str]) -> dict[str, str | list[str]]:
    """What stands on the command line, by parameter; several things as a list.

    A comma parts two things unless a space follows it: names of companies have commas too. Raises RrmError E210 for
    what is no pair.
    """
    from rrm_kg.errors import RrmError

    given: dict[str, list[str]] = {}
    for parameter in parameters:
        name, equals, value = parameter.partition("=")
        if not equals:
            raise RrmError("E210", given=parameter)
        given.setdefault(name, []).extend(re.split(r",(?=\S)", value) if name in things else [value])
    return {name: values if len(values) > 1 else values[0] for name, values in given.items()}


@cli.command(cls=Localized)
@click.argument("file")
@FORMAT
@UNCHECKED
@click.option("--endpoint", metavar="URL")
@TIMEOUT
@common
def query(
    file: str,
    form: str | None,
    unchecked: bool,
    endpoint: str | None,
    timeout: int,
    lang: str,
    root: Path | None,
    no_cache: bool,
) -> None:
    from rrm_kg import safety
    from rrm_kg.errors import RrmError, reason

    if file == "-":
        raw = sys.stdin.buffer.read(safety.MAX_QUERY_BYTES + 1)
    else:
        try:
            raw = Path(file).read_bytes()
        except OSError as error:
            raise RrmError("E305", where=file, detail=reason(error)) from None
    try:
        sparql = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RrmError("E305", where=file, detail=f"UTF-8, byte {error.start}") from None
    safety.check_query(sparql)
    if endpoint:
        from rrm_kg import remote

        print_answer(remote.answer(remote.endpoint(endpoint, timeout=timeout), sparql), form, lang, {}, None, endpoint)
        return
    graph = opened(lang, root, no_cache, gate=not unchecked)
    print_answer(graph.query(sparql, unchecked=unchecked), form, lang, {}, None)


@cli.command(cls=Localized)
@click.argument("subject")
@click.argument("predicate")
@click.argument("value")
@UNCHECKED
@common
def explain(
    subject: str, predicate: str, value: str, unchecked: bool, lang: str, root: Path | None, no_cache: bool
) -> None:
    from rrm_kg import render
    from rrm_kg.errors import RrmError

    graph = open_to_read(lang, root, no_cache, unchecked)
    step = graph.explain(subject, predicate, value)
    if step is None:
        raise RrmError("E212")
    render.explanation(console(), step, lang)
