"""User-written HTML, such as product descriptions: sanitizing and conversion to plain text."""

import html
import re

import nh3

SUMMARY_LENGTH = 300
TAGS = {
    *("p", "br", "hr", "div", "span", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "code"),
    *("b", "strong", "i", "em", "u", "s", "small", "sub", "sup", "a", "img"),
    *("ul", "ol", "li", "dl", "dt", "dd", "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
}
ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "th": {"colspan", "rowspan"},
    "td": {"colspan", "rowspan"},
}
SCHEMES = {"http", "https", "mailto"}
# Built once: building the cleaner takes several times as long as cleaning a description.
SAFE = nh3.Cleaner(tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES)
PLAIN = nh3.Cleaner(tags=set())
PRE_LINES = re.compile(r"<pre>\n+")
BLOCK_END = re.compile(r"<(?:br|hr|/p|/div|/h[1-6]|/li|/tr|/dt|/dd)\s*/?>", re.IGNORECASE)


def safe_html(body: str) -> str:
    """The HTML with allowed tags only: no scripts, styles, frames, event handlers or `javascript:` links.

    The function is idempotent.
    """
    # Each parse of HTML drops one newline right after <pre> (WHATWG HTML, 13.2.6.4.7).
    return PRE_LINES.sub("<pre>", SAFE.clean(body))


def plain_text(body: str) -> str:
    """The text without markup, with white space collapsed."""
    if "<" not in body and "&" not in body:
        return " ".join(body.split())
    spaced = BLOCK_END.sub(r"\g<0> ", body)
    return " ".join(html.unescape(PLAIN.clean(spaced)).split())


def summary(body: str) -> str:
    """The text without markup, cut at a word boundary to at most SUMMARY_LENGTH characters."""
    text = plain_text(body)
    if len(text) <= SUMMARY_LENGTH:
        return text
    return text[: SUMMARY_LENGTH - 1].rsplit(" ", 1)[0] + "…"
