"""Releases: named by their content, whole or not there, the same bytes again, and checked by who receives them."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from kills import about

from rrm_kg import KnowledgeGraph, RrmError, open_graph, worker
from rrm_kg.findings import Finding, Severity
from rrm_kg.publish import cases, catalog, dumps, indexes, twins
from rrm_kg.publish.site import File, Site
from rrm_kg.releases import canonical, manifest, release, signing, swap
from rrm_kg.releases.verify import Flaw, Verification, hash_dump, verify
from rrm_kg.terms import BASE

ROOT = Path(__file__).parent.parent
SUITE = ROOT.parent / "shared" / "conformance" / "rdf-canon"
FACT = b'<https://w3id.org/rrm-kg/id/case/a> <http://www.w3.org/2000/01/rdf-schema#label> "A"@en .\n'
TINY = (File("a/one.txt", b"one\n"), File(manifest.QUADS, dumps.pack(FACT)), File("two.txt", b"two\n"))


def told(folder: Path) -> dict[str, Any]:
    return json.loads((folder / manifest.MANIFEST).read_bytes())


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def command(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "rrm_kg", *map(str, words)],
        capture_output=True,
        encoding="utf-8",
        cwd=ROOT,
        env={**os.environ, "RRM_KG_LANG": "en", **environment},
        check=False,
    )


@pytest.fixture(scope="module")
def small(small_root: Path) -> KnowledgeGraph:
    return open_graph(small_root)


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A folder with one release of three files."""
    release.issue(tmp_path / "site", about(1), TINY)
    return tmp_path / "site"


# What a release is called and what it holds


def test_the_version_is_that_of_the_last_release() -> None:
    store = ox.Store()
    for number, day in (("0.9.0", "2026-11-22"), ("0.10.0", "2026-11-22"), ("1.0.0", "2026-01-01")):
        thing = ox.NamedNode(f"{BASE}id/release/{number}")
        kind = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
        store.add(ox.Quad(thing, kind, ox.NamedNode(f"{BASE}ontology#Release")))
        store.add(ox.Quad(thing, ox.NamedNode(f"{BASE}ontology#date"), ox.Literal(day)))
    assert release.newest(store) == "0.10.0"
    with pytest.raises(RrmError, match="no release") as raised:
        release.newest(ox.Store())
    assert raised.value.code == "E373"


def test_a_name_changes_with_base_and_code_and_nothing_else(
    small: KnowledgeGraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def name(folder: str, base: str = BASE, contact: str | None = None) -> str:
        return release.publish(small, tmp_path / folder, base=base, contact=contact, parts=[]).name

    first = name("a")
    assert re.fullmatch(r"\d+\.\d+\.\d+-[0-9a-f]{12}", first)
    assert name("b") == first
    assert name("a", "https://example.org/kg/") != first
    reached = name("a", contact="mailto:ana@example.org")
    assert name("b", contact="mailto:ana@example.org") == reached
    assert len({first, reached, name("a", contact="mailto:eva@example.org")}) == 3
    with monkeypatch.context() as patched:
        patched.setattr(release, "_code", lambda: "other")
        assert name("a") != first
    (tmp_path / "npm" / "oxigraph").mkdir(parents=True)
    (tmp_path / "npm" / "oxigraph" / "web.js").write_text("1")
    monkeypatch.setenv("RRM_KG_ASSETS", str(tmp_path / "npm"))
    second = name("a")
    (tmp_path / "npm" / "oxigraph" / "web.js").write_text("2")
    assert len({first, second, name("a")}) == 3


def test_a_release_is_named_by_every_file_that_it_is_made_from(root_copy: Path) -> None:
    from rrm_kg import graph

    seen = {release.hash_of_sources(graph.read_sources(root_copy))}
    for path in ("data/cases/atento.ttl", "queries/views/cases.rq", "ontology/context.jsonld"):
        with (root_copy / path).open("ab") as file:
            file.write(b"\n")
        seen.add(release.hash_of_sources(graph.read_sources(root_copy)))
    assert len(seen) == 4


def test_a_graph_that_fails_the_gate_is_not_published(small: KnowledgeGraph, tmp_path: Path) -> None:
    assert small.report is not None
    finding = Finding("R01", "shape", "component", Severity.VIOLATION, "focus", None, None, {"en": "wrong"})
    failed = replace(small.report, findings=(finding,))
    for report in (None, failed):
        with pytest.raises(RrmError) as raised:
            release.publish(replace(small, report=report), tmp_path / "site")
        assert raised.value.code == "E101"
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize(
    "base", ["example.org/", "https://example.org", "ftp://example.org/", "https:///", 'https://a/"/', "https://a/?b/"]
)
def test_a_base_is_the_address_of_a_folder(small: KnowledgeGraph, tmp_path: Path, base: str) -> None:
    with pytest.raises(RrmError) as raised:
        release.publish(small, tmp_path, base=base)
    assert raised.value.code == "E230"


@pytest.mark.parametrize(
    "contact",
    [
        "ana@example.org",
        "mailto:ana",
        "mailto:ana@example.org,eva@example.org",
        "mailto:ana@example.org ",
        "http://example.org/contact",
        "https://user:word@example.org/",
        "https://example.org/a b",
        'https://example.org/"><script>',
        "https://localhost/",
        "javascript:alert(1)",
        "",
        "mailto:ana@example.org\n",
    ],
)
def test_a_contact_is_an_address_that_readers_can_write_to(small: KnowledgeGraph, tmp_path: Path, contact: str) -> None:
    with pytest.raises(RrmError) as raised:
        release.publish(small, tmp_path, contact=contact)
    assert raised.value.code == "E231"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("contact", "shown"),
    [
        ("mailto:ana.lopez+kg@example.org", "ana.lopez+kg@example.org"),
        ("mailto:ana@example.org?subject=rrm%20kg&x=1", "ana@example.org"),
        ("https://example.org:8443/contact/?a=1#write", "https://example.org:8443/contact/?a=1#write"),
        ("https://xn--fiqs8s.xn--fiqs8s", "https://xn--fiqs8s.xn--fiqs8s"),
    ],
)
def test_pages_name_the_contact_for_errors_and_for_files(
    small: KnowledgeGraph, tmp_path: Path, contact: str, shown: str
) -> None:
    release.publish(small, tmp_path, contact=contact, parts=[indexes.files])
    place = swap.pinned(tmp_path)
    link = f'<a href="{contact}">{shown}</a>'.replace("&", "&amp;")
    where = {"": ("Where to write:", "Where to send it:"), ".es": ("Dónde escribir:", "Adónde enviarlo:")}
    for suffix, (write, send) in where.items():
        about = (place / f"about{suffix}.html").read_text(encoding="utf-8")
        assert f"{write} {link}" in about.partition('id="report"')[2].partition("<h2")[0]
        assert f"{send} {link}" in about.partition('id="send"')[2].partition("<h2")[0]
        assert "CONTRIBUTING" not in about
        data = (place / f"data{suffix}.html").read_text(encoding="utf-8")
        assert f"{send} {link}" in data.partition('id="check"')[2].partition("<h2")[0]
    assert told(place)["contact"] == contact
    assert verify(tmp_path).flaws == ()


def test_without_a_contact_pages_lead_to_where_the_code_is_kept(small: KnowledgeGraph, tmp_path: Path) -> None:
    release.publish(small, tmp_path, parts=[indexes.files])
    place = swap.pinned(tmp_path)
    about = (place / "about.html").read_text(encoding="utf-8")
    assert "both values will stay. Write to the project where its code is kept; how to contribute" in about
    for page in ("about.html", "about.es.html", "data.html", "data.es.html"):
        text = (place / page).read_text(encoding="utf-8")
        assert not re.search("mailto:|Where to|Dónde escribir|Adónde enviarlo", text)
    assert "contact" not in told(place)
    assert "contact" not in told(place)["inputs"]


def test_the_manifest_says_what_is_there(small: KnowledgeGraph, tmp_path: Path) -> None:
    done = release.publish(small, tmp_path, parts=[catalog.files, dumps.files])
    place = swap.pinned(tmp_path)
    said = told(place)
    listed = {path: data for path, data in contents(place).items() if path not in ("MANIFEST.json", "SHA256SUMS")}
    assert (done.files, done.bytes) == (len(listed), sum(map(len, listed.values())))
    assert (said["files"], said["bytes"]) == (done.files, done.bytes)
    assert said["quads"] == len(small.store)
    assert said["asOf"] == "2026-11-22"
    assert said["gate"]["conforms"] is True
    assert said["gate"]["Violation"] == 0
    assert said["dataset"] == canonical.digest(small.store)
    ours = {path: hashlib.sha256(data).hexdigest() for path, data in listed.items()}
    lines = "".join(f"{ours[path]}  {path}\n" for path in sorted(ours))
    assert said["sums"] == hashlib.sha256(lines.encode()).hexdigest()
    assert (
        subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=place, check=False).returncode
        == 0
    )


# The dumps


def test_three_dumps_say_the_same(small: KnowledgeGraph) -> None:
    files = {file.path: file.data for file in dumps.files(Site(small, BASE, "0.2.0"))}
    lines = gzip.decompress(files["dumps/kg.nq.gz"]).splitlines(keepends=True)
    assert lines == sorted(set(lines))
    quads = set(ox.parse(b"".join(lines), format=ox.RdfFormat.N_QUADS))
    assert quads == set(small.store)
    again = ox.parse(gzip.decompress(files["dumps/kg.jsonld.gz"]), format=ox.RdfFormat.JSON_LD)
    assert canonical.digest(again) == canonical.digest(quads)
    triples = {ox.Quad(t.subject, t.predicate, t.object) for t in quads}
    union = ox.parse(gzip.decompress(files["dumps/kg.ttl.gz"]), format=ox.RdfFormat.TURTLE)
    assert canonical.digest(union) == canonical.digest(triples)


def test_every_named_graph_has_its_file(small: KnowledgeGraph) -> None:
    site = Site(small, BASE, "0.2.0")
    files = {file.path: file.data for part in (cases, dumps) for file in part.files(site)}
    names = {quad.graph_name.value for quad in small.store if isinstance(quad.graph_name, ox.NamedNode)}
    assert {path for path in files if path.startswith("graph/") and path.endswith(".ttl")} == {
        f"{n.removeprefix(BASE)}.ttl" for n in names
    }
    written = next(source for source in small.sources.files if source.path == "data/cases/atento.ttl")
    wanted = set(ox.parse(written.data, format=ox.RdfFormat.TURTLE))
    assert set(ox.parse(files["graph/cases/atento.ttl"], format=ox.RdfFormat.TURTLE)) == wanted
    assert files["LICENSE-DATA.txt"] == (ROOT / "LICENSE-DATA").read_bytes()


def test_packed_files_have_no_hour_and_no_name() -> None:
    packed = dumps.pack(b"text")
    assert packed[:10] == b"\x1f\x8b\x08\x00\0\0\0\0\x02\xff"  # RFC 1952: no flags, no time, slowest, unknown system
    assert gzip.decompress(packed) == b"text"


def test_another_base_takes_the_place_of_ours_in_every_file(small: KnowledgeGraph, tmp_path: Path) -> None:
    def asking(site: Site) -> tuple[File, ...]:
        address = "https://a.example/sparql?query=https%3A%2F%2Fw3id.org%2Frrm-kg%2Fid%2Fcase%2Fatento"
        return File("asking.txt", address.encode()), File("packed.txt.gz", dumps.pack(f"{BASE}id/x".encode()))

    parts = [*release.PARTS, asking]
    release.publish(small, tmp_path, base="https://zeta.example/kg/", parts=parts)
    place = swap.pinned(tmp_path)
    for path, data in contents(place).items():
        text = gzip.decompress(data) if path.endswith(".gz") else data
        assert b"w3id.org/rrm-kg" not in text, path
        assert b"w3id.org%2Frrm-kg" not in text, path
    lines = gzip.decompress((place / manifest.QUADS).read_bytes()).splitlines()
    assert lines == sorted(lines)
    assert b"<https://zeta.example/kg/id/case/atento>" in b"".join(lines)
    assert verify(tmp_path).flaws == ()


@pytest.mark.parametrize("base", [BASE, "https://zeta.example/knowledge/graph/"])
def test_the_data_page_says_how_large_each_file_is_and_its_sum(
    small: KnowledgeGraph, tmp_path: Path, base: str
) -> None:
    parts = [catalog.files, dumps.files, twins.files]
    release.publish(small, tmp_path, base=base, parts=parts)
    place = swap.pinned(tmp_path)
    sums = manifest.read_sums((place / manifest.SUMS).read_bytes())
    for suffix in ("", ".es"):
        page = (place / f"data{suffix}.html").read_text(encoding="utf-8")
        rows = dict(re.findall(r'<tr><th scope="row"><a href="[^"]*"><code>([^<]+)</code></a></th>(.*?)</tr>', page))
        assert len(rows) == 9
        for path, row in rows.items():
            if path in ("MANIFEST.json", "SHA256SUMS"):
                assert row.endswith("<td></td><td></td>")
                continue
            size = (place / path).stat().st_size
            said = f"{size / 1000:.0f} KB" if size >= 1000 else f"{size} bytes"
            assert f'<td class="number">{said}</td>' in row, (path, size)
            assert f"<code>{sums[path]}</code>" in row, path
        listed = dict(re.findall(r'<li><a href="(graph/[^"]+)">.*?</a>( [\d.]+ (?:bytes|KB|MB))?</li>', page))
        written = {path for path, said in listed.items() if said}
        assert written == {path for path in listed if (place / path).is_file()} != set()
    assert verify(tmp_path).flaws == ()


def test_the_same_files_give_the_same_bytes_in_two_processes(small: KnowledgeGraph, tmp_path: Path) -> None:
    for seed in ("1", "2"):
        done = command("publish", tmp_path / seed, "--root", small.sources.root, PYTHONHASHSEED=seed)
        assert done.returncode == 0, done.stderr
    one, two = (contents(swap.pinned(tmp_path / seed)) for seed in ("1", "2"))
    assert one == two
    assert len(one) > 50
    assert swap.pinned(tmp_path / "1").name == swap.pinned(tmp_path / "2").name


# The folder


def test_publishing_again_changes_nothing(tiny: Path) -> None:
    place = swap.pinned(tiny)
    before = {path: path.lstat().st_mtime_ns for path in tiny.rglob("*")}

    def never() -> Any:
        raise AssertionError("the files were asked for")
        yield

    done = release.issue(tiny, about(1), never())
    assert (done.new, done.moved, done.files) == (False, False, 3)
    assert {path: path.lstat().st_mtime_ns for path in tiny.rglob("*")} == before
    assert swap.pinned(tiny) == place


def test_old_releases_stay_and_versions_lead_to_them(tiny: Path) -> None:
    first = swap.pinned(tiny)
    for number in (2, 3):
        release.issue(tiny, about(number), TINY)
    assert (tiny / "versions" / "0.1.0").resolve() == first
    assert {path.name for path in (tiny / "versions").iterdir()} == {"0.1.0", "0.2.0", "0.3.0"}
    history = json.loads((tiny / "releases.json").read_bytes())
    names = [about(number)["name"] for number in (1, 2, 3)]
    assert [(entry["name"], entry["previous"]) for entry in history] == list(zip(names, [None, *names], strict=False))
    back = release.issue(tiny, about(1), TINY)
    assert (back.new, back.moved) == (False, True)
    assert swap.pinned(tiny) == first
    assert not list((tiny / "releases").glob(".*"))


@pytest.mark.parametrize("path", ["../out", "/etc/x", "a//b", "a\nb", "MANIFEST.json", "SHA256SUMS", "a\\b", "./a", ""])
def test_a_file_that_leads_out_or_takes_the_place_of_the_manifest_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(RrmError) as raised:
        release.issue(tmp_path, about(1), [File("good.txt", b""), File(path, b"")])
    assert raised.value.code == "E405"
    assert not list((tmp_path / "releases").iterdir())
    assert not (tmp_path / "current").exists()


def test_two_parts_cannot_make_the_same_file(tmp_path: Path) -> None:
    with pytest.raises(RrmError) as raised:
        release.issue(tmp_path, about(1), [File("a", b"1"), File("a", b"2")])
    assert raised.value.code == "E405"


def test_a_second_publisher_is_told_to_wait(tiny: Path) -> None:
    with swap.locked(tiny), pytest.raises(RrmError) as raised:
        release.issue(tiny, about(2), TINY)
    assert raised.value.code == "E370"
    assert swap.pinned(tiny).name == about(1)["name"]
    assert release.issue(tiny, about(2), TINY).moved


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RrmError) as raised:
        release.issue(tmp_path / "file" / "site", about(1), TINY)
    assert raised.value.code == "E313"
    assert "file" in str(raised.value.where)


def test_everything_is_brought_to_the_disk_before_the_name_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    rename = Path.rename

    def watch(self: Path, target: Path) -> Path:
        missing = {self, *self.rglob("*")} - set(map(Path, synced))
        assert not missing
        return rename(self, target)

    monkeypatch.setattr(swap.os, "fsync", lambda number: synced.append(str(Path(f"/proc/self/fd/{number}").readlink())))
    monkeypatch.setattr(Path, "rename", watch)
    release.issue(tmp_path, about(1), TINY)
    assert str(tmp_path / "releases") in synced
    assert synced[-1] == str(tmp_path)


def test_killed_publications_leave_the_old_release_or_the_new_one(figures: dict[str, int]) -> None:
    script = Path(__file__).with_name("kills.py")
    words = [sys.executable, str(script), "--kills", "15", "--points", "--seed", "1"]
    done = subprocess.run(words, capture_output=True, encoding="utf-8", cwd=ROOT, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    killed = re.search(r"(\d+) killed", done.stdout)
    assert killed is not None
    assert int(killed[1]) > 15 + 20, done.stdout
    assert "0 damaged" in done.stdout
    figures["publications killed"] = int(killed[1])


def test_readers_that_pin_a_release_never_see_two(tmp_path: Path) -> None:
    for number in (1, 2):
        release.issue(tmp_path, about(number), [File(f"{name}.txt", b"%d" % number) for name in "abc"])
    seen: list[set[bytes]] = []
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            place = swap.pinned(tmp_path)
            seen.append({(place / f"{name}.txt").read_bytes() for name in "abc"})

    readers = [threading.Thread(target=look) for _ in range(2)]
    for reader in readers:
        reader.start()
    with swap.locked(tmp_path):
        for turn in range(1000):
            assert swap.point(tmp_path, "current", about(1 + turn % 2)["name"])
    done.set()
    for reader in readers:
        reader.join()
    assert {len(numbers) for numbers in seen} == {1}
    assert {number for numbers in seen for number in numbers} == {b"1", b"2"}


def test_what_was_pinned_stays_when_the_pointer_moves(tiny: Path) -> None:
    place = swap.pinned(tiny)
    release.issue(tiny, about(2), [File("two.txt", b"other\n")])
    assert (place / "two.txt").read_bytes() == b"two\n"
    assert (swap.pinned(tiny) / "two.txt").read_bytes() == b"other\n"
    assert swap.pinned(place) == place
    with pytest.raises(RrmError) as raised:
        swap.pinned(tiny / "releases")
    assert raised.value.code == "E386"


# Whoever receives a release


def kinds(found: Verification) -> set[tuple[str, str]]:
    return {(flaw.kind.removeprefix("flaw-"), flaw.path) for flaw in found.flaws}


def test_a_whole_release_has_no_flaw(tiny: Path) -> None:
    found = verify(tiny)
    assert (found.name, found.files, found.flaws) == (about(1)["name"], 3, ())
    assert found.dataset == hashlib.sha256(FACT).hexdigest()  # no blank node: the canonical form is the line itself
    assert found.signature.state is signing.State.NONE
    elsewhere = shutil.copytree(swap.pinned(tiny), tiny.parent / "copy")
    assert verify(elsewhere).flaws == ()


def _resum(place: Path, path: str) -> None:
    """Put the new sum of a file where the old one stood."""
    listed = manifest.read_sums((place / "SHA256SUMS").read_bytes())
    listed[path] = hashlib.sha256((place / path).read_bytes()).hexdigest()
    (place / "SHA256SUMS").write_bytes(manifest.sums(listed))


def _edit(place: Path, changes: Mapping[str, object]) -> None:
    """Change what the manifest says, its own sum included."""
    (place / "MANIFEST.json").write_text(json.dumps(told(place) | changes))
    _resum(place, "MANIFEST.json")


TAMPERINGS: dict[str, tuple[Callable[[Path], object], set[tuple[str, str]]]] = {
    "a byte": (lambda p: (p / "two.txt").write_bytes(b"twO\n"), {("changed", "two.txt")}),
    "gone": (lambda p: (p / "a" / "one.txt").unlink(), {("missing", "a/one.txt"), ("manifest", "MANIFEST.json")}),
    "more": (lambda p: (p / "a" / "more.txt").write_bytes(b""), {("extra", "a/more.txt")}),
    "a link": (lambda p: (p / "a" / "link").symlink_to("/etc/hosts"), {("no-file", "a/link")}),
    "a linked folder": (lambda p: (p / "b").symlink_to("/etc"), {("no-file", "b")}),
    "a file and its sum": (
        lambda p: ((p / "two.txt").write_bytes(b"twO\n"), _resum(p, "two.txt")),
        {("manifest", "MANIFEST.json")},
    ),
    "the dump and its sum": (
        lambda p: (
            (p / manifest.QUADS).write_bytes(dumps.pack(FACT.replace(b'"A"', b'"B"'))),
            _resum(p, manifest.QUADS),
        ),
        {("manifest", "MANIFEST.json"), ("dataset", manifest.QUADS)},
    ),
    "a dump that is none": (
        lambda p: ((p / manifest.QUADS).write_bytes(b"no"), _resum(p, manifest.QUADS)),
        {("manifest", "MANIFEST.json"), ("unreadable", manifest.QUADS)},
    ),
    "another name": (lambda p: _edit(p, {"name": "9.9.9-000000000000"}), {("manifest", "MANIFEST.json")}),
    "another base": (lambda p: _edit(p, {"base": "https://evil.example/"}), {("manifest", "MANIFEST.json")}),
    "another contact": (lambda p: _edit(p, {"contact": "mailto:x@evil.example"}), {("manifest", "MANIFEST.json")}),
    "another hash": (lambda p: _edit(p, {"dataset": "0" * 64}), {("dataset", manifest.QUADS)}),
    "no manifest": (lambda p: (p / "MANIFEST.json").unlink(), {("missing", "MANIFEST.json")}),
    "no sums": (lambda p: (p / "SHA256SUMS").unlink(), {("missing", "SHA256SUMS")}),
    "a manifest that is none": (
        lambda p: ((p / "MANIFEST.json").write_bytes(b"[" * 100_000), _resum(p, "MANIFEST.json")),
        {("unreadable", "MANIFEST.json")},
    ),
    "sums that lead out": (
        lambda p: (p / "SHA256SUMS").write_text(f"{'0' * 64}  ../../../etc/passwd\n"),
        {("unreadable", "SHA256SUMS")},
    ),
    "a signature that is none": (
        lambda p: (p / "MANIFEST.json.sig").write_bytes(b"no"),
        {("signature-bad", "MANIFEST.json.sig")},
    ),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_tampering_is_found_and_named(tiny: Path, name: str) -> None:
    tamper, wanted = TAMPERINGS[name]
    tamper(swap.pinned(tiny))
    assert kinds(verify(tiny)) == wanted


def test_an_old_release_under_a_new_name_is_found(tiny: Path) -> None:
    place = swap.pinned(tiny)
    place.rename(place.with_name("0.9.0-0123456789ab"))
    assert verify(tiny / "releases" / "0.9.0-0123456789ab").flaws == (Flaw("flaw-manifest", "MANIFEST.json", "name"),)


# Signatures


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two keys, and a list of signers with one of them."""
    if shutil.which("ssh-keygen") is None:
        pytest.skip("OpenSSH is not installed")
    folder = tmp_path_factory.mktemp("keys")
    for name in ("ours", "other"):
        words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(folder / name)]
        subprocess.run(words, check=True)
    (folder / "signers").write_text(
        f'editor@example.org namespaces="rrm-kg-release" {(folder / "ours.pub").read_text()}'
    )
    return folder


def test_a_signature_is_told_for_what_it_is(tmp_path: Path, keys: Path) -> None:
    release.issue(tmp_path, about(1), TINY, key=keys / "ours")
    signed = verify(tmp_path, keys / "signers")
    assert signed.flaws == ()
    assert (signed.signature.state, signed.signature.signer) == (signing.State.GOOD, "editor@example.org")
    assert verify(tmp_path).signature.state is signing.State.UNKNOWN
    assert verify(tmp_path).flaws == ()

    release.issue(tmp_path, about(2), TINY, key=keys / "other")
    assert kinds(verify(tmp_path, keys / "signers")) == {("signature-unknown", "MANIFEST.json.sig")}

    release.issue(tmp_path, about(3), TINY)
    assert kinds(verify(tmp_path, keys / "signers")) == {("signature-none", "MANIFEST.json.sig")}

    place = swap.pinned(tmp_path)
    shutil.copy(tmp_path / "releases" / about(1)["name"] / "MANIFEST.json.sig", place)
    assert kinds(verify(tmp_path)) == {("signature-bad", "MANIFEST.json.sig")}


def test_a_release_can_be_signed_later(tiny: Path, keys: Path) -> None:
    before = contents(swap.pinned(tiny))
    done = release.issue(tiny, about(1), TINY, key=keys / "ours")
    assert not done.new
    after = contents(swap.pinned(tiny))
    assert after.keys() - before.keys() == {"MANIFEST.json.sig"}
    assert verify(tiny, keys / "signers").flaws == ()


def test_a_signature_for_something_else_does_not_count(tiny: Path, keys: Path) -> None:
    path = swap.pinned(tiny) / "MANIFEST.json"
    words = ["ssh-keygen", "-q", "-Y", "sign", "-n", "git", "-f", str(keys / "ours"), str(path)]
    subprocess.run(words, check=True, capture_output=True)
    assert kinds(verify(tiny, keys / "signers")) == {("signature-bad", "MANIFEST.json.sig")}


def test_without_its_signature_a_release_is_not_published(tmp_path: Path, keys: Path) -> None:
    with pytest.raises(RrmError) as raised:
        release.issue(tmp_path, about(1), TINY, key=keys / "signers")
    assert raised.value.code == "E371"
    assert not (tmp_path / "current").exists()
    assert not list((tmp_path / "releases").iterdir())


# The canonical form


@pytest.mark.skipif(not SUITE.is_dir(), reason="the suite of RDFC-1.0 is not at hand")
def test_the_canonical_form_is_that_of_the_w3c_suite(figures: dict[str, int]) -> None:
    entries = json.loads((SUITE / "manifest.jsonld").read_bytes())["entries"]
    passed = 0
    for entry in entries:
        if entry["type"] != "rdfc:RDFC10EvalTest":
            continue
        quads = ox.parse(path=SUITE / entry["action"], format=ox.RdfFormat.N_QUADS)
        if entry.get("hashAlgorithm") == "SHA384":  # which a release does not use
            dataset = ox.Dataset(quads)
            dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0_SHA_384)
            written = ox.serialize(dataset, format=ox.RdfFormat.N_QUADS) or b""
            found = b"".join(sorted(written.splitlines(keepends=True)))
        else:
            found = canonical.lines(quads)
        assert found == (SUITE / entry["result"]).read_bytes(), entry["id"]
        passed += 1
    figures["RDFC-1.0 tests passed"] = passed
    assert passed == 64


@pytest.mark.skipif(not SUITE.is_dir(), reason="the suite of RDFC-1.0 is not at hand")
def test_a_dataset_that_would_take_for_ever_is_ended(tmp_path: Path) -> None:
    poison = tmp_path / "kg.nq"
    shutil.copy(SUITE / "rdfc10" / "test074-in.nq", poison)
    ended = next(worker.each(hash_dump, [poison], seconds=2, memory=1024))
    assert isinstance(ended, RrmError)
    assert ended.code in ("E360", "E361")


_CANONIZE = """
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
const { canonize } = createRequire(process.argv[1] + "/")("rdf-canonize");
const input = readFileSync(process.argv[2], "utf8");
const options = { algorithm: "RDFC-1.0", inputFormat: "application/n-quads", format: "application/n-quads" };
process.stdout.write(await canonize(input, options));
"""


@pytest.fixture(scope="session")
def rdf_canonize() -> Path:
    """The folder with the node_modules that hold rdf-canonize 5.0.0."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not installed")
    beside = ROOT / "tests" / "browser"
    if (beside / "node_modules" / "rdf-canonize").is_dir():
        return beside
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "rrm-kg-tests"
    if not (home / "node_modules" / "rdf-canonize").is_dir():
        home.mkdir(parents=True, exist_ok=True)
        words = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(home)]
        done = subprocess.run([*words, "rdf-canonize@5.0.0"], capture_output=True, check=False)
        if done.returncode != 0:
            pytest.skip("rdf-canonize could not be installed from npm")
    return home


def test_a_second_implementation_finds_the_same_canonical_form(
    small: KnowledgeGraph, rdf_canonize: Path, tmp_path: Path
) -> None:
    files = [file for file in dumps.files(Site(small, BASE, "0.2.0")) if file.path == manifest.QUADS]
    lines = gzip.decompress(files[0].data)
    assert b"_:" in lines
    (tmp_path / "kg.nq").write_bytes(lines)
    words = ["node", "--input-type=module", "--eval", _CANONIZE, str(rdf_canonize), str(tmp_path / "kg.nq")]
    done = subprocess.run(words, capture_output=True, check=True)
    assert hashlib.sha256(done.stdout).hexdigest() == canonical.digest(small.store)


# The commands


def test_the_commands_say_what_they_did(tmp_path: Path, small_root: Path) -> None:
    site = tmp_path / "site"
    first = command("publish", site, "--root", small_root)
    assert first.returncode == 0, first.stderr
    name = swap.pinned(site).name
    assert first.stdout.startswith(f"Published {name} in {site}:")
    again = command("publish", site, "--root", small_root, "--lang", "es")
    assert again.stdout.startswith(f"{name} ya está publicada en {site}; nada cambió:")
    whole = command("verify", site)
    assert whole.returncode == 0
    assert whole.stdout.splitlines()[-2:] == ["Not signed.", whole.stdout.splitlines()[-1]]
    assert whole.stdout.splitlines()[-1].startswith(f"{name} is whole:")
    (swap.pinned(site) / "robots.txt").write_text("Disallow: /")
    broken = command("verify", site, "--lang", "es")
    assert broken.returncode == 1
    assert "No está como se publicó: robots.txt fue modificado." in broken.stdout
    assert command("verify", tmp_path).returncode == 3
    refused = command("publish", site, "--root", small_root, "--contact", "ana@example.org")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "mailto:name@example.org" in refused.stderr.splitlines()[-1]
    reached = command("publish", site, "--root", small_root, "--contact", "mailto:ana@example.org")
    assert reached.returncode == 0, reached.stderr
    assert told(swap.pinned(site))["contact"] == "mailto:ana@example.org"


def test_the_words_of_every_flaw_are_there() -> None:
    from rrm_kg.errors import text

    flaws = {kind for _, wanted in TAMPERINGS.values() for kind, _ in wanted}
    for lang in ("en", "es"):
        for kind in flaws | {f"signature-{state}" for state in ("none", "bad", "unknown")}:
            assert text(f"flaw-{kind}", lang, path="p", detail="d")
        for state in signing.State:
            assert text(f"signature-{state.value}", lang, fingerprint="k", signer="s")
