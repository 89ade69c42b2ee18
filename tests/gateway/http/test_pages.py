"""The HTML pages: the welcome page and GraphiQL, with their Content-Security-Policies."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import httpx
import pytest

from gateway.graphql.core.schema import Schema
from gateway.http.pages import SCRIPTS, STYLES
from gateway.http.settings import HttpSettings
from tests.gateway.conftest import client_of, make_api, make_app
from tests.gateway.toy_shop import RecordingDatabase

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


class Dependencies(HTMLParser):
    """The tags of a page with their attributes, and the inline text of its scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inline: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] in ("script", "style") and data.strip():
            self.inline.setdefault(self.tags[-1][0], data)


def policy_of(response: httpx.Response) -> dict[str, list[str]]:
    directives = [part.split() for part in response.headers["content-security-policy"].split(";")]
    return {name: sources for name, *sources in directives}


def digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


async def test_the_root_lists_the_urls(client: httpx.AsyncClient) -> None:
    found = await client.get("/")
    assert (found.status_code, found.json()) == (
        200,
        {
            "name": "Commerce",
            "graphql": "/graphql",
            "graphiql": "/graphql",
            "health": "/healthz",
            "readiness": "/readyz",
        },
    )
    page = await client.get("/", headers=BROWSER)
    links = {attributes["href"] for tag, attributes in Dependencies(page.text).tags if tag == "a"}
    assert (page.headers["content-type"], links) == ("text/html; charset=utf-8", {"/graphql", "/healthz", "/readyz"})
    assert {found.headers["vary"], page.headers["vary"]} == {"accept"}
    assert [(await client.request(method, "/")).status_code for method in ("HEAD", "POST")] == [200, 405]


async def test_without_introspection_graphiql_is_disabled(schema: Schema) -> None:
    app = make_app(make_api(schema, RecordingDatabase()), HttpSettings(graphiql=False, access_log=False))
    async with client_of(app) as client:
        assert (await client.get("/")).json()["graphiql"] is None
        assert "GraphiQL" not in (await client.get("/", headers=BROWSER)).text
        assert "GraphiQL" not in (await client.get("/graphql", headers=BROWSER)).text


async def test_graphiql_may_run_only_its_inline_script_and_the_listed_ones(client: httpx.AsyncClient) -> None:
    page = await client.get("/graphql", headers=BROWSER)
    policy, parts = policy_of(page), Dependencies(page.text)
    assert policy["script-src"] == [digest(parts.inline["script"]), *SCRIPTS]
    loaded = {attributes["src"]: attributes["integrity"] for _, attributes in parts.tags if "src" in attributes}
    assert loaded == SCRIPTS
    styles = {each["href"]: each["integrity"] for tag, each in parts.tags if tag == "link" and "integrity" in each}
    assert (styles, set(policy["style-src"]) - {"'unsafe-inline'"}) == (STYLES, set(STYLES))
    assert not [name for _, attributes in parts.tags for name in attributes if name.startswith("on")]
    assert (policy["default-src"], policy["connect-src"]) == (["'none'"], ["'self'"])


async def test_the_root_page_runs_no_script(client: httpx.AsyncClient) -> None:
    page = await client.get("/", headers=BROWSER)
    policy, parts = policy_of(page), Dependencies(page.text)
    assert (policy["default-src"], policy["style-src"]) == (["'none'"], [digest(parts.inline["style"])])
    assert "script-src" not in policy
    assert "script" not in dict(parts.tags)


@pytest.mark.parametrize("path", ["/", "/graphql", "/healthz", "/readyz", "/none", "/graphql?query={__typename}"])
@pytest.mark.parametrize("headers", [BROWSER, {}], ids=["browser", "client"])
async def test_no_response_may_be_framed_or_sniffed(
    client: httpx.AsyncClient, path: str, headers: dict[str, str]
) -> None:
    answer = await client.get(path, headers=headers)
    policy = policy_of(answer)
    assert [policy[name] for name in ("default-src", "frame-ancestors", "base-uri", "form-action")] == [
        ["'none'"]
    ] * 4
    assert (answer.headers["x-content-type-options"], answer.headers["referrer-policy"]) == ("nosniff", "no-referrer")
    assert len(answer.headers.get_list("content-security-policy")) == 1


async def test_graphiql_reports_scripts_that_cannot_be_loaded(client: httpx.AsyncClient) -> None:
    page = (await client.get("/graphql", headers=BROWSER)).text
    assert re.search(
        r'<section id="missing" hidden>.*could not be loaded.*https://unpkg\.com.*reload', page, re.DOTALL
    )
    assert "<noscript>" in page
    script = Dependencies(page).inline["script"]
    for moment in ('addEventListener("error"', 'addEventListener("DOMContentLoaded"', "setTimeout(() => explain("):
        assert moment in script


async def test_graphiql_writes_nothing_into_its_url(client: httpx.AsyncClient) -> None:
    page = (await client.get("/graphql", headers=BROWSER)).text
    assert not re.search("replaceState|pushState|shouldPersistHeaders", page)
