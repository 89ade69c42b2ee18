"""The built-in templates: complete in each language, and rendered with and without the optional variables."""

import re
import tomllib
from html.parser import HTMLParser
from typing import Any, Final

import pytest
from jinja2 import Environment, nodes

from domains.notification.data import NotificationKind
from domains.notification.kinds import KINDS
from domains.notification.renderer import SHORT_LENGTH, texts_of
from domains.notification.templates.filters import FILTERS
from domains.notification.templates.library import FOLDER, LANGUAGES, TemplateSource, built_in
from domains.notification.templates.samples import NULLABLE, SAMPLES, SHOP, without_optional
from domains.notification.templates.structure import BLOCKS, BUTTONS

UNFINISHED: Final = re.compile(r"None|\{\{|\{%|\}\}|%\}|@@|\[\[|JINJA")
WRITTEN: Final = {
    language: {path.stem: tomllib.loads(path.read_text()) for path in (FOLDER / "texts" / language).glob("*.toml")}
    for language in LANGUAGES
}


class Parts(HTMLParser):
    """What a mail program could load or run."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: set[str] = set()
        self.handlers: set[str] = set()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses |= {value or "" for name, value in attributes if name in {"href", "src"}}
        self.handlers |= {name for name, _ in attributes if name.startswith("on")}


def test_each_kind_has_a_template() -> None:
    assert {*SAMPLES} == {*KINDS} - {NotificationKind.STORED_MAIL}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_languages_have_the_same_texts(language: str) -> None:
    def names(of: str) -> Any:
        return {file: {kind: {*texts} for kind, texts in each.items()} for file, each in WRITTEN[of].items()}

    assert names(language) == names("en")
    kinds = {kind for each in WRITTEN[language].values() for kind in each}
    assert kinds == {*SAMPLES, "labels"}
    buttons = {kind for each in WRITTEN[language].values() for kind, texts in each.items() if "button" in texts}
    assert buttons == {*BUTTONS}
    assert {*BLOCKS} <= {*SAMPLES}


@pytest.mark.parametrize(("one", "other"), [("en", "de"), ("de", "fr"), ("en", "fr")])
def test_no_sentence_was_left_in_another_language(one: str, other: str) -> None:
    for file, texts in WRITTEN[one].items():
        for kind, parts in texts.items():
            for name, text in parts.items():
                is_only_variables = not re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", text).strip(" :")
                assert is_only_variables or text != WRITTEN[other][file][kind][name] or text == "Total"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", SAMPLES)
@pytest.mark.parametrize("is_full", [True, False])
def test_each_template_is_rendered(kind: NotificationKind, language: str, is_full: bool) -> None:
    variables = {**SHOP, **SAMPLES[kind], "language": language}
    texts = texts_of(built_in(kind, language), variables if is_full else without_optional(variables))
    for part in (texts.subject, texts.html, texts.text, texts.title, texts.short):
        assert part.strip()
        assert not UNFINISHED.search(part)
    assert len(texts.short) <= SHORT_LENGTH
    assert not texts.short.endswith("…")
    assert "\n\n\n" not in texts.text
    assert ("https://shop.example.com/unsubscribe/sample" in texts.html) is is_full
    assert ("https://shop.example.com/unsubscribe/sample" in texts.text) is is_full


@pytest.mark.parametrize("kind", SAMPLES)
def test_the_html_is_accessible_and_loads_nothing_but_pictures(kind: NotificationKind) -> None:
    html = texts_of(built_in(kind, "de"), {**SHOP, **SAMPLES[kind], "language": "de"}).html
    parts = Parts()
    parts.feed(html)
    assert '<html lang="de"' in html
    assert html.count("<h1>") == 1
    assert not parts.tags & {"script", "link", "iframe", "object", "embed", "form", "input", "base", "svg"}
    assert not parts.handlers
    assert all(
        address.startswith(("https://shop.example.com", "https://carrier.example")) for address in parts.addresses
    )
    assert "@import" not in html
    assert "url(" not in html
    assert all('alt="' in image for image in re.findall(r"<img [^>]*>", html))
    assert all('role="presentation"' in table or "width" in table for table in re.findall(r"<table [^>]*>", html))
    assert "prefers-color-scheme: dark" in html


@pytest.mark.parametrize("kind", SAMPLES)
def test_each_variable_is_used(kind: NotificationKind) -> None:
    source = built_in(kind, "en").source
    environment = Environment()  # noqa: S701 - nothing is rendered
    environment.filters.update(dict.fromkeys(FILTERS, str))
    environment.tests["zero"] = lambda amount: amount == "0.00"
    used = {name: _names(environment.parse(getattr(source, name))) for name in TemplateSource.__slots__}
    for name in SAMPLES[kind]:
        both = used["title"] | used["body_text"]
        assert name in both


def _names(tree: nodes.Template) -> set[str]:
    return {node.name for node in tree.find_all(nodes.Name) if node.ctx == "load"}


def test_what_may_be_null_is_the_name_of_a_variable() -> None:
    def names(value: Any) -> set[str]:
        if isinstance(value, dict):
            return {*value}.union(*(names(each) for each in value.values()))
        return set().union(*(names(each) for each in value)) if isinstance(value, list) else set()

    known = set().union(*(names({**SHOP, **each}) for each in SAMPLES.values()))
    assert known >= NULLABLE


@pytest.mark.parametrize(
    ("language", "price", "day"),
    [
        ("en", "€119.70", "January 5, 2027"),
        ("de", "119,70\xa0€", "5. Januar 2027"),
        ("fr", "119,70\xa0€", "5 janvier 2027"),
    ],
)
def test_amounts_and_days_are_written_in_the_language(language: str, price: str, day: str) -> None:
    variables = {**SHOP, **SAMPLES[NotificationKind.ORDER_PLACED], "language": language}
    texts = texts_of(built_in(NotificationKind.ORDER_PLACED, language), variables)
    for part in (texts.html, texts.text):
        assert price in part
        assert day in part
    assert price in texts.short


def test_times_are_in_the_zone_of_the_shop() -> None:
    late = {**SAMPLES[NotificationKind.ORDER_PLACED]["order"], "placed_at": "2027-01-05T23:30:00+00:00"}
    texts = texts_of(built_in(NotificationKind.ORDER_PLACED, "en"), {**SHOP, "order": late})
    assert "January 6, 2027" in texts.text
