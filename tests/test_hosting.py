"""An IRI leads to the form that the client accepts: from our server and, where installed, others."""

from __future__ import annotations

import http.client
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import urlsplit

import pytest
from servers import free_port
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rrm_kg.pipeline import KnowledgeGraph
from rrm_kg.publish import hosting
from rrm_kg.publish.site import Site
from rrm_kg.serve import resources
from rrm_kg.serve.resources import Release
from rrm_kg.terms import BASE

THING: Final = "id/case/one"
FORMS: Final = ("html", "es.html", "ttl", "jsonld", "nt")
BROWSER: Final = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
# Accept, and where a thing leads then; None for 406.
MATRIX: Final = (
    (None, ".html"),
    ("*/*", ".html"),
    ("text/html", ".html"),
    (BROWSER, ".html"),
    ("text/turtle", ".ttl"),
    ("application/ld+json", ".jsonld"),
    ("application/n-triples", ".nt"),
    ("text/turtle, */*;q=0.1", ".ttl"),
    ("application/ld+json;q=0.9, image/png", ".jsonld"),
    ("application/rdf+xml", None),
    ("image/png", None),
)
STEMS: Final = (THING, "ontology", "catalog")

Ask = Callable[..., tuple[int, dict[str, str], str]]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, graph: KnowledgeGraph) -> Path:
    """A folder like one that was published: a thing in all its forms, and what hosts need."""
    folder = tmp_path_factory.mktemp("published")
    release = folder / "releases" / "0.2.0-one"
    for stem in (THING, "ontology"):
        for form in FORMS:
            _write(release / f"{stem}.{form}", f"{stem}.{form}")
    for name in ("data.html", "data.es.html", "index.html", "index.es.html", "404.html", "MANIFEST.json"):
        _write(release / name, name)
    for form in ("ttl", "jsonld", "nt"):
        _write(release / f"catalog.{form}", form)
    for file in hosting.files(Site(graph, BASE, "0.2.0")):
        _write(release / file.path, file.data.decode())
    (folder / "current").symlink_to(release)
    (folder / "versions").mkdir()
    (folder / "versions" / "0.2.0").symlink_to(release)
    _open_to_all(folder)
    return folder


def _open_to_all(folder: Path) -> None:
    """Let other users read a folder, as whom the hosts run."""
    for path in (folder, *folder.parents):
        if path.stat().st_mode & 0o005 != 0o005:
            path.chmod(path.stat().st_mode | 0o005)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _asking(port: int) -> Ask:
    def ask(path: str, accept: str | None = None, **headers: str) -> tuple[int, dict[str, str], str]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        sent = {"Host": "localhost", **headers} | ({"Accept": accept} if accept is not None else {})
        connection.putrequest("GET", path, skip_host=True, skip_accept_encoding=True)
        for name, value in sent.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body

    return ask


@contextmanager
def _running(command: list[str], port: int) -> Iterator[Ask]:
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    ask = _asking(port)
    try:
        for _ in range(100):
            try:
                ask("/")
                break
            except OSError:
                assert process.poll() is None, process.stdout and process.stdout.read()
                time.sleep(0.1)
        yield ask
    finally:
        process.terminate()
        process.wait(10)
        if process.stdout:
            process.stdout.close()


def _ours(published: Path, tmp_path: Path) -> Iterator[Ask]:
    from starlette.testclient import TestClient

    release = Release((published / "current").resolve())

    async def answer(request: Request) -> Response:
        return resources.answer(request, release, request.path_params["path"])

    with TestClient(Starlette(routes=[Route("/{path:path}", answer)]), follow_redirects=False) as client:
        client.headers.clear()

        def ask(path: str, accept: str | None = None, **headers: str) -> tuple[int, dict[str, str], str]:
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            answer = client.get(path, headers=sent | ({"Accept": accept} if accept is not None else {}))
            return answer.status_code, dict(answer.headers), answer.text

        yield ask


def _nginx(published: Path, tmp_path: Path) -> Iterator[Ask]:
    port = free_port()
    rules = (published / "current" / "hosting" / "nginx.conf").read_text()
    rules = rules.replace("/srv/rrm-kg", str(published)).replace("listen 8080", f"listen 127.0.0.1:{port}")
    config = tmp_path / "nginx.conf"
    config.write_text(
        f"daemon off; error_log {tmp_path}/error.log; pid {tmp_path}/nginx.pid; events {{}}\n"
        f"http {{ access_log off; client_body_temp_path {tmp_path}/a; proxy_temp_path {tmp_path}/b;\n"
        f"fastcgi_temp_path {tmp_path}/c; uwsgi_temp_path {tmp_path}/d; scgi_temp_path {tmp_path}/e;\n{rules} }}"
    )
    with _running(["nginx", "-p", str(tmp_path), "-c", str(config)], port) as ask:
        yield ask


def _caddy(published: Path, tmp_path: Path) -> Iterator[Ask]:
    port = free_port()
    rules = (published / "current" / "hosting" / "Caddyfile").read_text()
    config = tmp_path / "Caddyfile"
    config.write_text(
        "{\n\tadmin off\n\tauto_https off\n}\n"
        + rules.replace("/srv/rrm-kg", str(published)).replace(
            ":8080 {", f"http://localhost:{port} {{\n\tbind 127.0.0.1"
        )
    )
    command = ["caddy", "run", "--config", str(config), "--adapter", "caddyfile"]
    with _running(["env", f"HOME={tmp_path}", f"XDG_DATA_HOME={tmp_path}", *command], port) as ask:
        yield ask


def _apache(published: Path, tmp_path: Path) -> Iterator[Ask]:
    """w3id.org's part, which only leads elsewhere: to the host of the releases."""
    port = free_port()
    root = tmp_path / "w3id"
    root.mkdir()
    rules = (published / "current" / "hosting" / "htaccess").read_text()
    (root / ".htaccess").write_text(rules.replace("https://example.org/rrm-kg", "http://localhost"))
    modules = Path("/usr/lib/apache2/modules")
    loaded = "\n".join(
        f"LoadModule {name}_module {modules}/mod_{name}.so"
        for name in ("mpm_event", "authz_core", "rewrite", "headers", "setenvif", "mime", "env")
    )
    config = tmp_path / "apache.conf"
    config.write_text(
        f"{loaded}\nServerRoot {tmp_path}\nServerName localhost\nListen 127.0.0.1:{port}\nPidFile {tmp_path}/pid\n"
        f"ErrorLog {tmp_path}/error.log\nTypesConfig /dev/null\nUser www-data\nGroup www-data\nDocumentRoot {root}\n"
        f"<Directory {root}>\nAllowOverride All\nRequire all granted\n</Directory>\n"
    )
    _open_to_all(root)
    with _running(["apache2", "-f", str(config), "-D", "FOREGROUND"], port) as ask:
        yield ask


HOSTS: Final = {"ours": _ours, "nginx": _nginx, "caddy": _caddy, "apache": _apache}
_COMMANDS: Final = {"nginx": "nginx", "caddy": "caddy", "apache": "apache2"}


@pytest.fixture(scope="module", params=list(HOSTS))
def host(request: pytest.FixtureRequest, published: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    command = _COMMANDS.get(request.param)
    if command and not shutil.which(command):
        pytest.skip(f"{command} is not installed")
    folder = tmp_path_factory.mktemp(request.param)
    yield from HOSTS[request.param](published, folder)


@pytest.mark.parametrize("stem", STEMS)
@pytest.mark.parametrize(("accept", "ending"), MATRIX)
def test_a_thing_leads_to_the_form_that_is_accepted(
    host: Ask, stem: str, accept: str | None, ending: str | None
) -> None:
    status, headers, _ = host(f"/{stem}", accept)
    assert "accept" in headers["vary"].lower()
    if ending is None:
        assert status == 406
        return
    page = "data" if stem == "catalog" and ending == ".html" else stem
    assert status == 303
    assert _led(headers) == f"/{page}{ending}"


def _led(headers: dict[str, str]) -> str:
    """The path that an answer leads to, on whatever host the releases are."""
    return "/" + urlsplit(headers["location"]).path.removeprefix("/").removeprefix("current/")


def test_the_page_is_in_the_language_of_the_reader(host: Ask) -> None:
    _, headers, _ = host(f"/{THING}", BROWSER, Accept_Language="es-MX,es;q=0.9,en;q=0.8")
    assert _led(headers) == f"/{THING}.es.html"


def test_files_are_given_with_their_types(host: Ask) -> None:
    kinds = {"ttl": "text/turtle", "jsonld": "application/ld+json", "nt": "application/n-triples", "html": "text/html"}
    for form, kind in kinds.items():
        status, headers, body = host(f"/{THING}.{form}")
        if status == 302:  # w3id.org only leads there
            assert _led(headers) == f"/{THING}.{form}"
            continue
        assert (status, headers["content-type"].split(";")[0], body) == (200, kind, f"{THING}.{form}")


def test_what_is_not_there_is_not_found(host: Ask) -> None:
    status, headers, _ = host("/id/case/none.ttl")
    assert status == 404 or (status == 302 and _led(headers) == "/id/case/none.ttl")


def test_a_version_of_the_ontology_leads_to_its_release(published: Path, tmp_path: Path) -> None:
    for name in ("nginx", "caddy", "apache"):
        if not shutil.which(_COMMANDS[name]):
            continue
        folder = tmp_path / name
        folder.mkdir()
        for ask in HOSTS[name](published, folder):
            status, headers, _ = ask("/ontology/0.2.0", "text/html")
            assert (name, status) == (name, 303)
            assert urlsplit(headers["location"]).path == "/versions/0.2.0/ontology.html"
            if name != "apache":
                assert ask("/versions/0.2.0/ontology.html")[2] == "ontology.html"


def test_our_server_leads_versions_to_their_release(published: Path) -> None:
    from starlette.testclient import TestClient

    from rrm_kg.serve import app
    from rrm_kg.serve.service import Service

    class Nobody:
        """No processes: nothing here asks the graph."""

        waiting = slowed = killed = broken = 0

        def close(self) -> None:
            return

    release = Release((published / "current").resolve())
    ready = Service(release, release.folder.parent, cast(Any, Nobody()))
    with TestClient(app.create(ready), follow_redirects=False) as client:
        answer = client.get("/ontology/0.2.0", headers={"Accept": "text/turtle"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/versions/0.2.0/ontology.ttl")
        assert client.get("/versions/0.2.0/ontology.ttl").text == "ontology.ttl"
        assert client.get("/ontology/9.9.9").status_code == 404
        assert client.get("/versions/..%2f..%2fetc/passwd").status_code == 404


def test_the_sitemap_has_each_page_in_each_language(graph: KnowledgeGraph) -> None:
    from xml.etree import ElementTree

    site = Site(graph, BASE, "0.2.0")
    sitemap = next(file for file in hosting.files(site) if file.path == "sitemap.xml")
    places = [
        node.text
        for node in ElementTree.fromstring(sitemap.data).iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")
    ]
    assert len(places) == len(set(places)) == 2 * (len(site.things) + 2)
    assert f"{BASE}id/case/atento.html" in places
    assert f"{BASE}id/case/atento.es.html" in places
