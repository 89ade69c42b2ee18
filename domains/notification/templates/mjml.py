"""MJML to HTML: an allow-list of elements and attributes, without scripts, forms and remote code."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.entities import html5
from typing import Any, Final
from xml.etree import ElementTree as ET
from xml.parsers import expat

import mrml
from jinja2 import TemplateSyntaxError, nodes

from domains.notification.templates.errors import TemplateInvalid
from domains.notification.templates.language import MAX_OUTPUT, PLAIN, parse
from domains.notification.templates.syntax import path_of

MAX_DEPTH: Final = 40
"""How deeply elements may be nested; mrml crashes the process beyond some thousands."""
MAX_ELEMENTS: Final = 2_000
MAX_ATTRIBUTE: Final = 2_000
MAX_DEFAULTS: Final = 4_000
"""Characters of all defaults in `mj-attributes`, which mrml repeats in each element."""
MJML: Final = frozenset(
    {
        "mjml", "mj-head", "mj-body", "mj-attributes", "mj-all", "mj-class", "mj-title", "mj-preview", "mj-style",
        "mj-breakpoint", "mj-wrapper", "mj-section", "mj-group", "mj-column", "mj-text", "mj-button", "mj-image",
        "mj-divider", "mj-spacer", "mj-table", "mj-raw", "mj-hero",
    }
)  # fmt: skip
HTML: Final = frozenset(
    {
        "a", "b", "blockquote", "br", "center", "code", "div", "em", "h1", "h2", "h3", "h4", "h5", "h6",
        "hr", "i", "img", "li", "ol", "p", "pre", "s", "small", "span", "strong", "sub", "sup", "table",
        "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul",
    }
)  # fmt: skip
HOLDS_HTML: Final = frozenset({"mj-text", "mj-button", "mj-table", "mj-raw"})
VOID: Final = frozenset({"br", "hr", "img"})
URLS: Final = frozenset({"href", "src", "background", "background-url", "action"})
TEXTS: Final = frozenset({"alt", "title"})
"""Attributes in which variables may stand; the mail program shows them as text."""
ATTRIBUTE: Final = re.compile(r"(?!on)[a-z][a-z-]{0,40}")
URL: Final = re.compile(r"(https://|http://|mailto:|tel:|#)[^\s<>\"'\\]*")
REMOTE: Final = re.compile(
    r"url\s*\(|expression\s*\(|@import|javascript:|vbscript:|-moz-binding|behavior\s*:|\\", re.IGNORECASE
)
COLORS: Final = ("look.brand_color", "look.text_color")
MARK: Final = re.compile(r"JINJA(\d+)END")
ENTITY: Final = re.compile(r"&([A-Za-z][A-Za-z0-9]*);")
XML_ENTITIES: Final = frozenset({"amp", "lt", "gt", "quot", "apos"})


def to_html(source: str, language: str) -> str:
    """The HTML of an MJML document, with the template's tags where they were. Raises TemplateInvalid."""
    parse(source)
    tags, marked = _marked(source)
    root = _Reader(tags).read(marked)
    root.set("lang", language)
    root.set("dir", "ltr")
    options = mrml.RenderOptions(disable_comments=True, fonts={})
    try:
        html = mrml.to_html(ET.tostring(root, encoding="unicode"), render_options=options).content
    except OSError as error:
        raise TemplateInvalid(f"The MJML cannot be used: {error}") from error
    found = [int(number) for number in MARK.findall(html)]
    if len(html) + sum(len(tags[number]) for number in found) > MAX_OUTPUT:
        raise TemplateInvalid(f"The HTML of the MJML has more than {MAX_OUTPUT} characters.")
    _require_all(tags, found)
    return MARK.sub(lambda found: tags[int(found[1])], html)


def _marked(source: str) -> tuple[list[str], str]:
    """The tags of the template, and the document with a mark in place of each."""
    if MARK.search(source):
        raise TemplateInvalid("A document cannot contain the text JINJA…END.")
    tags: list[str] = []
    pieces: list[str] = []
    try:
        for is_tag, text in _split(source):
            if is_tag:
                pieces.append(f"JINJA{len(tags)}END" + "\n" * text.count("\n"))
                tags.append(text)
            else:
                pieces.append(ENTITY.sub(_character, text))
    except TemplateSyntaxError as error:
        raise TemplateInvalid(f"{error.message}", line=error.lineno) from error
    return tags, "".join(pieces)


def _split(source: str) -> Iterator[tuple[bool, str]]:
    """The parts of a template: whether each is a tag of the template, and its text. Comments are left out."""
    tag = ""
    for _, kind, text in PLAIN.lex(source):
        if kind == "data":
            yield False, text
        elif kind.startswith("raw"):
            raise TemplateInvalid("`raw` cannot be used in a template.")
        elif not kind.startswith("comment"):
            tag += text
            if kind in {"variable_end", "block_end"}:
                yield True, tag
                tag = ""


def _character(found: re.Match[str]) -> str:
    name = found[1]
    return found[0] if name in XML_ENTITIES else html5.get(f"{name};", found[0])


def _require_all(tags: list[str], found: list[int]) -> None:
    """Raises TemplateInvalid unless statements are in the HTML once and in order, and expressions at least once.

    `found` has the numbers of the tags in the HTML. A colour may be left out: it can be the default of an element
    that is not used.
    """
    present = set(found)
    statements = [number for number, tag in enumerate(tags) if tag.startswith("{%")]
    if [number for number in found if tags[number].startswith("{%")] != statements:
        raise TemplateInvalid("Conditions and loops stand in mj-text, mj-table, or in mj-raw between other elements.")
    if lost := next((tag for number, tag in enumerate(tags) if number not in present and not _is_color(tag)), None):
        raise TemplateInvalid(f"`{lost}` is at a place where MJML leaves it out.")


def _is_color(tag: str) -> bool:
    return any(color in tag for color in COLORS)


@dataclass(slots=True)
class _Reader:
    """Reads a document and checks it while it does."""

    tags: list[str]
    open: list[ET.Element] = field(default_factory=list)
    root: ET.Element | None = None
    parser: Any = None
    elements: int = 0
    defaults: int = 0

    def read(self, document: str) -> ET.Element:
        """The document as a tree. Raises TemplateInvalid."""
        self.parser = expat.ParserCreate()
        self.parser.ordered_attributes = False
        self.parser.buffer_text = True  # otherwise each line is a text of its own
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._refused
        self.parser.ProcessingInstructionHandler = self._refused
        self.parser.CommentHandler = self._refused
        try:
            self.parser.Parse(document, True)
        except expat.ExpatError as error:
            reason = expat.ErrorString(error.code)
            raise TemplateInvalid(f"The MJML is not well formed: {reason}.", line=error.lineno) from error
        if self.root is None:
            raise TemplateInvalid("The document is empty.")
        return self.root

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        parent = self.open[-1].tag if self.open else None
        self.elements += 1
        if len(self.open) >= MAX_DEPTH:
            raise self._invalid(f"Elements are nested at most {MAX_DEPTH} deep.")
        if self.elements > MAX_ELEMENTS:
            raise self._invalid(f"A document has at most {MAX_ELEMENTS:,} elements.")
        if name not in MJML | HTML:
            raise self._invalid(f"The element `{name}` cannot be used.")
        if (name == "mjml") != (parent is None):
            raise self._invalid("A document is one `mjml` element.")
        if name in HTML and not HOLDS_HTML.intersection(each.tag for each in self.open):
            raise self._invalid(f"The element `{name}` stands in mj-text, mj-table, mj-button or mj-raw.")
        is_default = any(each.tag == "mj-attributes" for each in self.open)
        for key, value in attributes.items():
            self._attribute(key, value, is_default=is_default)
        element = ET.Element(name, dict(attributes))
        if self.open:
            self.open[-1].append(element)
        else:
            self.root = element
        self.open.append(element)

    def _end(self, name: str) -> None:
        element = self.open.pop()
        if name in HTML - VOID and not element.text and not len(element):
            element.text = " "
        if name == "mj-style" and (REMOTE.search(element.text or "") or MARK.search(element.text or "")):
            raise self._invalid("A style has no addresses, imports, backslashes or variables.")

    def _text(self, text: str) -> None:
        if not self.open:
            return
        parent = self.open[-1]
        is_structure = parent.tag in MJML - HOLDS_HTML - {"mj-title", "mj-preview", "mj-style"}
        if is_structure and text.strip():
            raise self._invalid(f"Text stands in mj-text, mj-table, mj-button or mj-raw, not in `{parent.tag}`.")
        if parent.tag == "mj-style" and "<" in text:
            raise self._invalid("A style has no `<`.")
        if len(parent):
            parent[-1].tail = (parent[-1].tail or "") + text
        else:
            parent.text = (parent.text or "") + text

    def _attribute(self, name: str, value: str, *, is_default: bool) -> None:
        if not ATTRIBUTE.fullmatch(name) or name in {"action", "srcset", "ping", "http-equiv"}:
            raise self._invalid(f"The attribute `{name}` cannot be used.")
        numbers = [int(number) for number in MARK.findall(value)]
        self._require_short(name, len(value) + sum(len(self.tags[each]) for each in numbers), is_default=is_default)
        paths = [self._path(number) for number in numbers]
        if name in URLS:
            self._require_url(name, value, paths)
        elif name not in TEXTS and not set(paths) <= {*COLORS}:
            raise self._invalid(f"`{name}` can have no other variables than `{COLORS[0]}` and `{COLORS[1]}`.")
        if REMOTE.search(value) or re.search(r"[<>\"]", value):
            raise self._invalid(f"The value of `{name}` cannot be used.")

    def _require_short(self, name: str, length: int, *, is_default: bool) -> None:
        if length > MAX_ATTRIBUTE:
            raise self._invalid(f"`{name}` has at most {MAX_ATTRIBUTE:,} characters.")
        self.defaults += length if is_default else 0
        if self.defaults > MAX_DEFAULTS:
            raise self._invalid(f"The values in `mj-attributes` have at most {MAX_DEFAULTS:,} characters together.")

    def _require_url(self, name: str, value: str, paths: list[str | None]) -> None:
        is_variable = MARK.fullmatch(value) and (paths[0] or "").endswith("url")
        if not is_variable and not (URL.fullmatch(value) and None not in paths):
            what = "an address that begins with https://, mailto: or tel:, or one variable that is an address"
            raise self._invalid(f"`{name}` is {what}.")

    def _path(self, number: int) -> str | None:
        """The variable that a tag is, or None for another tag."""
        if self.tags[number].startswith("{%"):
            return None
        match parse(self.tags[number]).body:
            case [nodes.Output(nodes=[expression])]:
                return path_of(expression)
        return None

    def _refused(self, *_given: Any) -> None:
        raise self._invalid("Comments, document types and instructions cannot be used; comment with `{# … #}`.")

    def _invalid(self, what: str) -> TemplateInvalid:
        return TemplateInvalid(what, line=self.parser.CurrentLineNumber)
