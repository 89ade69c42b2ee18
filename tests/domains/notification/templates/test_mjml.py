"""MJML is compiled from an allow-list of elements; scripts, remote code and what crashes the compiler are refused."""

from typing import Final

import pytest

from domains.notification.templates import mjml
from domains.notification.templates.errors import TemplateInvalid
from domains.notification.templates.language import render
from domains.notification.templates.mjml import to_html


def document(body: str, head: str = "") -> str:
    return f"<mjml><mj-head>{head}</mj-head><mj-body>{body}</mj-body></mjml>"


def text(html: str) -> str:
    return document(f"<mj-section><mj-column><mj-text>{html}</mj-text></mj-column></mj-section>")


ATTACKS: Final = [
    "",
    "text",
    "<html></html>",
    "<mjml></mjml><mjml></mjml>",
    "<mjml><mj-body>",
    text("<p>"),
    text("<p></b>"),
    text("<script>alert(1)</script>"),
    text("<SCRIPT>alert(1)</SCRIPT>"),
    text("<svg onload='alert(1)'></svg>"),
    text("<p onclick='alert(1)'>x</p>"),
    text("<p ONCLICK='alert(1)'>x</p>"),
    text("<a href='javascript:alert(1)'>x</a>"),
    text("<a href='java&#10;script:alert(1)'>x</a>"),
    text("<a href=' javascript:alert(1)'>x</a>"),
    text("<a href='data:text/html,x'>x</a>"),
    text("<a href='//example.com'>x</a>"),
    text("<a href='{{ order.number }}'>x</a>"),
    text("<a href='{% if a %}https://a{% endif %}'>x</a>"),
    text("<a href='java{{ url }}'>x</a>"),
    text("<p style='background:url(https://example.com/x)'>x</p>"),
    text("<p style='color:{{ name }}'>x</p>"),
    text("<p style='width:expression(alert(1))'>x</p>"),
    text("<p title='&quot;><script>alert(1)</script>'>x</p>"),
    text("<p title='&quot;&gt;&lt;script&gt;'>x</p>"),
    text("<iframe src='https://example.com'></iframe>"),
    text("<form action='https://example.com'></form>"),
    text("<style>p{}</style>"),
    text("<link rel='stylesheet' href='https://example.com'/>"),
    text("<meta http-equiv='refresh' content='0'/>"),
    text("<base href='https://example.com'/>"),
    text("<!-- a comment -->"),
    text("<!--[if mso]><p>x</p><![endif]-->"),
    text("<?php echo 1 ?>"),
    text("JINJA0END"),
    text("{% raw %}<p>{% endraw %}"),
    document("<mj-include path='/etc/passwd'/>"),
    document("<mj-section>{% if a %}<mj-column></mj-column>{% endif %}</mj-section>"),
    document("<mj-{{ a }}></mj-{{ a }}>"),
    document("<p>outside</p>"),
    document("", "<mj-font name='x' href='https://example.com/x.css'/>"),
    document("", "<mj-style>@import 'https://example.com/x.css';</mj-style>"),
    document("", "<mj-style>p { background: url(x) }</mj-style>"),
    document("", "<mj-style>p { background: \\75rl(x) }</mj-style>"),
    document("", "<mj-style>p { color: {{ name }} }</mj-style>"),
    document("", "<mj-style>&lt;/style&gt;&lt;script&gt;</mj-style>"),
    document("", "<mj-html-attributes></mj-html-attributes>"),
    document("", "<mj-title>{% if a %}x{% endif %}</mj-title>"),
    "<!DOCTYPE x [<!ENTITY a 'aaaa'>]>" + text("&a;"),
    text("&undefined;"),
    text("<div>" * 20_000 + "</div>" * 20_000),
    document("<mj-section>" * 20_000 + "</mj-section>" * 20_000),
]


@pytest.mark.parametrize("source", ATTACKS, ids=lambda source: source[:120].replace("\n", " "))
def test_what_is_not_allowed_is_refused(source: str) -> None:
    with pytest.raises(TemplateInvalid):
        to_html(source, "en")


def test_a_refusal_names_the_line() -> None:
    with pytest.raises(TemplateInvalid, match="Line 3: The element `script` cannot be used"):
        to_html(text("\n{{ a }}\n<script></script>"), "en")
    with pytest.raises(TemplateInvalid, match="Line 4"):
        to_html(text("\n{{ a\n }}\n<script></script>"), "en")


def test_the_tags_of_the_template_stay_where_they_are() -> None:
    source = text(
        "{% for item in items %}"
        "<p title='{{ item.name }}'>{{ item.name }} &lt; &nbsp;&amp; {{ '}}' }}</p>{% endfor %}"
        "<a href='{{ url }}'>x</a><a href='https://example.com/{{ item_id }}'>y</a>{# not sent #}"
    )
    html = to_html(source, "de")
    assert '<html lang="de"' in html
    assert "not sent" not in html
    shown = render(html, {"items": [{"name": "<Tea>"}], "url": "https://a.example", "item_id": "1"}, is_html=True)
    assert '<p title="&lt;Tea&gt;">&lt;Tea&gt; &lt; \xa0&amp; }}</p>' in shown
    assert 'href="https://a.example"' in shown
    assert 'href="https://example.com/1"' in shown


def test_empty_elements_do_not_swallow_what_follows() -> None:
    html = to_html(text("<strong></strong><p>a<br/>b</p>"), "en")
    assert "<strong> </strong>" in html
    assert "<br />" in html


def test_text_that_looks_like_an_element_stays_text() -> None:
    assert "&lt;script&gt;" in to_html(text("&lt;script&gt;"), "en")


def test_no_fonts_are_loaded() -> None:
    html = to_html(text("x").replace("<mj-text>", "<mj-text font-family='Ubuntu, Roboto'>"), "en")
    assert "fonts.googleapis" not in html
    assert "@import" not in html


BOMBS: Final = {
    "many tags": text("{{ a }}" * 20_000),
    "many elements": document(
        "<mj-section><mj-column>" + "<mj-text>a</mj-text>" * 2_001 + "</mj-column></mj-section>"
    ),
    "a long attribute": document("<mj-section><mj-column padding='" + "1" * 2_001 + "'></mj-column></mj-section>"),
    "a long tag in an attribute": document(
        "<mj-section background-color='{{ look.brand_color" + " " * 2_000 + "}}'></mj-section>"
    ),
    "long defaults": document(
        "<mj-section><mj-column><mj-text>a</mj-text></mj-column></mj-section>",
        "<mj-attributes>" + f"<mj-all font-family='{'a' * 1_500}'></mj-all>" * 3 + "</mj-attributes>",
    ),
    "repeated defaults": document(
        "<mj-section><mj-column>" + "<mj-text>a</mj-text>" * 1_900 + "</mj-column></mj-section>",
        f"<mj-attributes><mj-all font-family='{'a' * 1_500}'></mj-all></mj-attributes>",
    ),
    "repeated tags": document(
        "<mj-section><mj-column>" + "<mj-text>a</mj-text>" * 900 + "</mj-column></mj-section>",
        "<mj-attributes><mj-all color='{{ look.text_color" + " " * 1_500 + "}}'></mj-all></mj-attributes>",
    ),
}


@pytest.mark.parametrize("source", BOMBS.values(), ids=BOMBS)
def test_a_document_that_grows_is_refused_before_it_is_compiled(source: str) -> None:
    with pytest.raises(TemplateInvalid, match=r"at most|more than|too long"):
        to_html(source, "en")


def test_a_text_of_many_lines_is_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    once = mjml._Reader._text

    def counted(reader: mjml._Reader, found: str) -> None:
        read.append(len(found))
        once(reader, found)

    monkeypatch.setattr(mjml._Reader, "_text", counted)
    lines = 20_000
    assert "x\n" * lines in to_html(text("x\n" * lines), "en")
    assert (sum(read), len(read) < 10) == (2 * lines, True)
