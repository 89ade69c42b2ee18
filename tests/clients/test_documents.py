"""The documents of the client project are within the gateway's limits, and the lint's exceptions are documented."""

import re
from pathlib import Path

import pytest
from graphql import is_introspection_type, is_object_type, parse, print_ast
from graphql.utilities import separate_operations

from gateway.graphql.core.schema import build_schema
from gateway.graphql.engine.execution import Execution
from gateway.graphql.engine.limits import GraphQLLimits
from tests.clients.toolchain import PROJECT, ROOT

SCHEMA = build_schema()
EXECUTION = Execution(SCHEMA, GraphQLLimits())
RULE = r"@graphql-eslint/([\w-]+)"
ENVELOPES = ("Connection", "Edge", "Payload", "Error", "Changed", "Created", "Presence", "Recorded")


def operations_of(folder: Path) -> dict[str, str]:
    """Each operation of a folder by its name, as a client sends it: with the fragments that it uses."""
    source = "\n".join(path.read_text() for path in sorted(folder.glob("*.graphql")))
    return {name: print_ast(document) for name, document in separate_operations(parse(source)).items()}


async def cost_of(text: str) -> int:
    """What the gateway counts for a document with no variables given; raises when it refuses it."""
    document = await EXECUTION.document(text)
    return document.cost.of(document.operation(None), {}).cost


DOCUMENTS = operations_of(PROJECT / "documents")


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_a_client_document_is_within_the_limits(name: str) -> None:
    assert 1 <= await cost_of(DOCUMENTS[name]) <= GraphQLLimits().cost


def test_the_decision_lists_the_changed_lint_rules() -> None:
    config = (PROJECT / "eslint.config.mjs").read_text()
    decision = (ROOT / "docs" / "decisions" / "schema-lint.md").read_text()
    off = set(re.findall(rf'"{RULE}": "off"', config))
    adjusted = set(re.findall(rf'"{RULE}": \[', config))
    not_followed, _, with_options = decision.partition("## Rules with options of our own")
    assert set(re.findall(r"^\| `([\w-]+)` \|", not_followed, re.MULTILINE)) == off
    assert set(re.findall(r"^\| `([\w-]+)` \|", with_options, re.MULTILINE)) == adjusted


def test_the_lint_exempts_exactly_the_values_without_an_id() -> None:
    config = (PROJECT / "eslint.config.mjs").read_text()
    (listed,) = re.findall(r"const values = \[(.*?)\];", config, re.DOTALL)
    roots = {SCHEMA.graphql.query_type, SCHEMA.graphql.mutation_type, SCHEMA.graphql.subscription_type}
    values = [
        name
        for name, kind in SCHEMA.graphql.type_map.items()
        if is_object_type(kind) and not is_introspection_type(kind) and kind not in roots
        if "id" not in kind.fields and not name.endswith(ENVELOPES)
    ]
    assert re.findall(r'"(\w+)"', listed) == sorted(values)
