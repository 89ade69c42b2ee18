"""The templates that are built in: one for each kind and language, composed of texts and blocks.

Each is a template like those that companies write, with the same checks.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from domains.kernel.validation import collect_errors
from domains.notification.data import NotificationKind
from domains.notification.templates.errors import TemplateInvalid
from domains.notification.templates.language import require_valid
from domains.notification.templates.mjml import to_html
from domains.notification.templates.samples import SAMPLES, shapes
from domains.notification.templates.structure import BLOCKS, BUTTONS

FOLDER: Final = Path(__file__).parent
LANGUAGES: Final = ("en", "de", "fr")
_LABEL: Final = re.compile(r"\[\[(\w+)\]\]")
_CODE: Final = re.compile(r"^((?:\{%[^%]*%\})*)(\{\{ (?:code|token|card\.code) \}\})$", re.MULTILINE)
"""A code or a token on a line of its own."""
_PLACE: Final = re.compile(r"@@(\w+)@@")


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateSource:
    """The parts of a template as they are written. `title` and `short` are for SMS, push and the list in the shop."""

    subject: str
    title: str
    short: str
    body_mjml: str
    body_text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledTemplate:
    """A template that has been checked. `body_html` is the HTML of its MJML, with the template's tags in it."""

    source: TemplateSource
    body_html: str


def language_of(*wanted: str | None) -> str:
    """The first of these languages that there are texts in, also for a region of it; English when there is none."""
    primary = (tag.partition("-")[0].lower() for tag in wanted if tag)
    return next((tag for tag in primary if tag in LANGUAGES), LANGUAGES[0])


def compile_source(kind: NotificationKind, language: str, source: TemplateSource) -> CompiledTemplate:
    """Check a template of a kind and compile its MJML. Raises TemplateInvalid for each wrong part."""
    variables, html = shapes(kind), ""
    with collect_errors() as each:
        for name in TemplateSource.__slots__:
            with each, _field(name):
                require_valid(getattr(source, name), variables)
        with each, _field("body_mjml"):
            html = to_html(source.body_mjml, language)
    return CompiledTemplate(source=source, body_html=html)


@contextmanager
def _field(name: str) -> Iterator[None]:
    try:
        yield
    except TemplateInvalid as error:
        raise TemplateInvalid(error.message, field=("source", name)) from error


@cache
def built_in(kind: NotificationKind, language: str) -> CompiledTemplate:
    """The built-in template of a kind in one of LANGUAGES. Raises KeyError for a kind without one."""
    texts, labels = _texts(language)[kind.value], _texts(language)["labels"]

    def read(name: str) -> str:
        return _LABEL.sub(lambda found: str(labels[found[1]]), (FOLDER / name).read_text())

    text, blocks, url = texts["text"].strip(), BLOCKS.get(kind, ()), BUTTONS.get(kind)
    content = [_paragraphs(text), *(read(f"blocks/{block}.mjml") for block in blocks)]
    plain = [text, *(read(f"blocks/{block}.txt").strip() for block in blocks)]
    if url:
        content.append(_button(texts["button"], url))
        plain.append(f"{{% if {url} %}}{texts['button']}{labels['colon']} {{{{ {url} }}}}{{% endif %}}")
    plain.append(read("footer.txt").strip())
    title = texts.get("title", texts["subject"])
    parts = {"title": title, "short": texts["short"], "content": "\n".join(content)}
    source = TemplateSource(
        subject=texts["subject"],
        title=title,
        short=texts["short"],
        body_mjml=_PLACE.sub(lambda found: parts[found[1]], read("layout.mjml")),
        body_text="\n\n".join(plain),
    )
    return compile_source(kind, language, source)


def kinds() -> list[NotificationKind]:
    """The kinds that have a template."""
    return list(SAMPLES)


def _paragraphs(text: str) -> str:
    text = _CODE.sub(r'\1<strong class="code">\2</strong>', text)
    paragraphs = [f"<p>{paragraph.replace(chr(10), '<br />')}</p>" for paragraph in text.split("\n\n")]
    return f"        <mj-text>{''.join(paragraphs)}</mj-text>"


def _button(label: str, url: str) -> str:
    return (
        f"        <mj-raw>{{% if {url} %}}</mj-raw>\n"
        f'        <mj-button css-class="button" href="{{{{ {url} }}}}">{label}</mj-button>\n'
        "        <mj-raw>{% endif %}</mj-raw>"
    )


@cache
def _texts(language: str) -> Mapping[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for path in sorted((FOLDER / "texts" / language).glob("*.toml")):
        found |= tomllib.loads(path.read_text())
    return found
