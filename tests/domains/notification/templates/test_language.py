"""The language of templates: what it has, and that everything else is refused before it runs."""

from typing import Any, Final

import pytest

from domains.notification.templates import language
from domains.notification.templates.errors import TemplateInvalid
from domains.notification.templates.language import (
    FILTER_STEPS,
    MAX_OUTPUT,
    MAX_STEPS,
    OutputTooLong,
    TooManySteps,
    render,
    require_valid,
)

VARIABLES: Final[dict[str, Any]] = {
    "order": {"number": "10042", "items": [{"name": "Tea", "lines": ["a", "b"]}], "lines": ["Street 1", "Town"]},
    "items": [{"name": "Tea", "lines": ["a", "b"]}],
    "total": "12.50",
    "nothing": None,
    "language": "en",
    "company": {"name": "A shop", "time_zone": "Europe/Berlin"},
}
ATTACKS: Final = [
    "{{ 'a' * 10**9 }}",
    "{{ 10**10**10 }}",
    "{{ 'a' + 'b' }}",
    "{{ total ~ total }}",
    "{{ '%1000000000d'|format(1) }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ 'a'|center(1000000000) }}",
    "{{ total.__class__.__mro__ }}",
    "{{ order.items.append(1) }}",
    "{{ order['__class__'] }}",
    "{{ total|attr('__class__') }}",
    "{{ range(1000000000) }}",
    "{% for i in range(10) %}{% endfor %}",
    "{% for i in [1, 2] %}{{ i }}{% endfor %}",
    "{% for i in 'aaa' %}{{ i }}{% endfor %}",
    "{% for i in items if i.name %}{% endfor %}",
    "{% for i in items recursive %}{{ loop(i) }}{% endfor %}",
    "{% for i in items|list %}{% endfor %}",
    "{% for a in items %}{% for b in items %}{% endfor %}{% endfor %}",
    "{% for a in items %}{% for b in a.lines %}{% for c in a.lines %}{% endfor %}{% endfor %}{% endfor %}",
    "{% set x = 'a' %}",
    "{% set x %}a{% endset %}",
    "{% macro m() %}a{% endmacro %}",
    "{% call m() %}{% endcall %}",
    "{% include 'a' %}",
    "{% import 'a' as b %}",
    "{% from 'a' import b %}",
    "{% extends 'a' %}",
    "{% block a %}{% endblock %}",
    "{% filter upper %}a{% endfilter %}",
    "{% with x = 1 %}{% endwith %}",
    "{% autoescape false %}{{ total }}{% endautoescape %}",
    "{{ total|safe }}",
    "{{ total|replace('1', 'aaaaaaaaaa') }}",
    "{{ total|default(*items) }}",
    "{{ order.lines|join(total) }}",
    "{{ order.lines|join(d=',') }}",
    "{{ items|join(',') }}",
    "{{ (1, 2, 3) }}",
    "{{ {'a': 1} }}",
    "{{ total[1:] }}",
    "{{ total[total] }}",
    "{{ order.lines[0] }}",
    "{{ 1 in items }}",
    "{{ -1 }}",
    "{{ 7 // 2 }}",
    "{{ total is mapping }}",
    "{{ lipsum() }}",
    "{{ cycler }}",
    "{{ self }}",
    "{{ loop }}",
    "{{ varargs }}",
    "{{ order }}",
    "{{ items }}",
    "{{ order|upper }}",
    "{{ total|money }}",
    "{{ " + "(" * 5_000 + "1" + ")" * 5_000 + " }}",
    "{{ " + "not " * 5_000 + "1 }}",
    "{{ total" + ".a" * 5_000 + " }}",
    "{{ total" + "|upper" * 5_000 + " }}",
    "{% if total %}" * 500 + "{% endif %}" * 500,
    "{{ total }}" * 6_000,
    "{{ " + "9" * 5_000 + " }}",
    "a" * 200_000,
]


@pytest.mark.parametrize("source", ATTACKS, ids=lambda source: source[:50])
def test_what_is_not_in_the_language_is_refused(source: str) -> None:
    with pytest.raises(TemplateInvalid):
        require_valid(source, VARIABLES)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ order.number }}", "10042"),
        ("{{ order['number'] }}", "10042"),
        ("{% for item in order.items %}{{ loop.index }}. {{ item.name }}{% endfor %}", "1. Tea"),
        ("{% for item in items %}{% for line in item.lines %}{{ line }}{% endfor %}{% endfor %}", "ab"),
        (
            "{% for line in order.lines %}{% if not loop.last %}{{ line }}{% endif %}{% else %}-{% endfor %}",
            "Street 1",
        ),
        (
            "{% if total == '12.50' and not nothing or nothing is none %}yes{% elif total %}{% else %}no{% endif %}",
            "yes",
        ),
        ("{{ 'a' if nothing else 'b' }}{{ nothing }}{{ nothing|default('c', true) }}", "bc"),
        ("{{ order.lines|join(', ') }} {{ order.lines|length }} {{ company.name|upper }}", "Street 1, Town 2 A SHOP"),
        ("{{ total|money('EUR') }}{{ nothing|money('EUR') }}{{ nothing|date }}", "€12.50"),
        ("{# a comment #}{% if total is not zero %}x{% endif %}", "x"),
    ],
)
def test_what_is_in_the_language(source: str, text: str) -> None:
    require_valid(source, VARIABLES)
    assert render(source, VARIABLES) == text


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            "a\n{{ order.nubmer }}",
            "Line 2: There is no variable `order.nubmer`; there are: `order.number`, `order.items`",
        ),
        ("{{ odrer }}", "There is no variable `odrer`; there are: `order`, `items`"),
        ("{{ total.amount }}", "There is no variable `total.amount`: `total` has no parts."),
        ("{{ total|monney('EUR') }}", "There is no filter `monney`; there are: `money`"),
        ("{% if total %}", "Unexpected end of template"),
        ("{{ 'a' * 3 }}", "`*` cannot be used"),
    ],
)
def test_a_refusal_names_the_line_and_what_to_do(source: str, message: str) -> None:
    with pytest.raises(TemplateInvalid) as refused:
        require_valid(source, VARIABLES)
    assert message in refused.value.message


def test_a_message_is_bounded_while_it_is_written() -> None:
    source = "{% for item in items %}{% for line in item.lines %}{{ line }}{% endfor %}{% endfor %}"
    require_valid(source, VARIABLES)
    many = {"items": [{"lines": ["a" * 1_000] * 1_000}] * 1_000}
    with pytest.raises(OutputTooLong, match=str(MAX_OUTPUT)):
        render(source, many)


def test_the_sandbox_refuses_by_itself_what_the_check_refuses_before() -> None:
    hidden = {"secret": "s"}
    for source in ("{{ total.__class__ }}", "{{ order.items.append }}", "{{ order.keys }}", "{{ total.upper }}"):
        assert render(source, {**VARIABLES, **hidden}) == ""
    with pytest.raises(language.TemplateError):
        render("{{ total() }}", VARIABLES)


def test_only_html_is_escaped() -> None:
    variables = {"name": "<b>\"'&"}
    assert render("{{ name }}", variables) == "<b>\"'&"
    assert render("{{ name }}", variables, is_html=True) == "&lt;b&gt;&#34;&#39;&amp;"


@pytest.mark.parametrize(
    "work",
    [
        "{% if total|money('EUR') == 'x' %}{% endif %}" * 200,
        "{% if order.lines|join('') == 'x' %}{% endif %}" * 200,
        "{% if order.number == 'x' %}{% endif %}" * 800,
        "{% if total is zero %}{% endif %}" * 1_000,
    ],
    ids=lambda work: work[:20],
)
def test_work_without_output_is_bounded(work: str) -> None:
    source = "{% for item in items %}" + work + "{% endfor %}"
    require_valid(source, VARIABLES)
    with pytest.raises(TooManySteps):
        render(source, VARIABLES | {"items": VARIABLES["items"] * 1_000})
    assert render(source, VARIABLES) == ""


def test_filters_and_parts_of_variables_are_counted() -> None:
    filters = "{% for item in items %}{{ total|upper }}{% endfor %}"
    most = MAX_STEPS // FILTER_STEPS
    assert render(filters, VARIABLES | {"items": [{}] * most}) == "12.50" * most
    with pytest.raises(TooManySteps):
        render(filters, VARIABLES | {"items": [{}] * (most + 1)})
