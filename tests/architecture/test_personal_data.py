"""A domain with tables that identify people declares how their data is exported, erased and merged."""

import re
from dataclasses import fields

import pytest

from domains.kernel.domain import Domain
from domains.kernel.events import EventQueue
from gateway.services import domains_of
from tests.architecture.test_budgets import ROOT

MODEL = re.compile(r"/// @domain (\w+)\nmodel (\w+) \{\n(.*?)^\}", re.DOTALL | re.MULTILINE)
FIELD = re.compile(r"^  (\w+) +\w")
# Fields that identify a person by themselves or by the user's id; `actorKey` is an owner of idempotency keys.
IDENTIFYING = re.compile(
    r"(user|performedBy|changedBy|createdBy|actor)(Id|Key)?|(\w+)?(email|Email|phone|Phone|ipAddress|userAgent)"
    r"|(\w+)?(first|last|full|First|Last|Full)Name|addressLine\d|mailbox|cardFingerprint|placedFrom"
)
SCHEMA = (ROOT / "schema.prisma").read_text()
# The kernel is no listed domain; `domains.kernel.personal_data` erases its tables.
OF_KERNEL = {"OutboxEvent", "IdempotencyKey"}


def identifying(schema: str) -> dict[str, set[str]]:
    """The models of each domain with a field that identifies people."""
    found: dict[str, set[str]] = {}
    for domain, model, body in MODEL.findall(schema):
        names = (match[1] for line in body.splitlines() if (match := FIELD.match(line)))
        if any(IDENTIFYING.fullmatch(name) for name in names):
            found.setdefault(domain, set()).add(model)
    return found


def undeclared(schema: str, domains: dict[str, Domain[object]]) -> list[str]:
    """The domains with such a model and without all three functions."""
    return [
        name
        for name in sorted(identifying(schema).keys() - {"kernel"})
        if None in (domains[name].export_person, domains[name].erase_person, domains[name].merge_person)
    ]


def test_every_domain_with_data_of_people_declares_what_happens_to_it() -> None:
    assert identifying(SCHEMA)["kernel"] == OF_KERNEL
    assert undeclared(SCHEMA, dict(domains_of())) == []


@pytest.mark.parametrize("field", ["contactEmail String", "userId    String?", "phone String", "createdBy String?"])
def test_a_domain_that_declares_nothing_is_found(field: str) -> None:
    model = f"/// A bookmark.\n/// @domain bookmark\nmodel Bookmark {{\n  id String\n  {field}\n}}\n"
    toy: Domain[object] = Domain(name="bookmark", build=lambda _parts: object(), queue=EventQueue.USER)
    assert undeclared(SCHEMA + model, {**domains_of(), "bookmark": toy}) == ["bookmark"]


def test_a_model_without_people_needs_no_declaration() -> None:
    model = "/// @domain bookmark\nmodel Bookmark {\n  id String\n  name String\n  companyId String\n}\n"
    toy: Domain[object] = Domain(name="bookmark", build=lambda _parts: object(), queue=EventQueue.USER)
    assert undeclared(SCHEMA + model, {**domains_of(), "bookmark": toy}) == []


def test_events_name_their_fields_with_personal_data() -> None:
    """Addresses, names of people, free and encrypted texts: replaced in stored events of an erased person."""
    personal = re.compile(r"(\w+_)?email|(first|last|full)_name|phone|reason|comment|notes?|content")
    for domain in domains_of().values():
        for event in domain.events:
            found = tuple(field.name for field in fields(event) if personal.fullmatch(field.name))
            assert event.personal == found, event.__name__
