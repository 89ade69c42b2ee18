"""The domains know nothing of GraphQL: they name no root field, no input field, no loader, not even in docstrings."""

import ast
import re
from collections.abc import Iterator

from graphql import GraphQLInputObjectType, build_schema

from tests.architecture.test_budgets import ROOT, parsed, sources

WORDS = re.compile(r"\b(?:mutations?|resolvers?|data ?loaders?)\b", re.IGNORECASE)


def texts(tree: ast.Module) -> Iterator[str]:
    """The strings of a module, docstrings included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def root_fields() -> set[str]:
    """The queries and mutations whose names are camelCase, and so no ordinary words."""
    schema = build_schema((ROOT / "gateway/graphql/schema.graphql").read_text())
    types = [kind for kind in (schema.query_type, schema.mutation_type) if kind is not None]
    return {name for kind in types for name in kind.fields if not name.islower()}


def input_fields() -> set[str]:
    """The arguments of root fields and the fields of inputs whose names are camelCase."""
    schema = build_schema((ROOT / "gateway/graphql/schema.graphql").read_text())
    types = [kind for kind in (schema.query_type, schema.mutation_type) if kind is not None]
    names = {name for kind in types for field in kind.fields.values() for name in field.args}
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLInputObjectType):
            names |= set(kind.fields)
    return {name for name in names if not name.islower()}


def transport_words(tree: ast.Module, fields: set[str]) -> set[str]:
    """The words of the API that a module of a domain contains."""
    found = set()
    for text in texts(tree):
        found |= {word for word in re.findall(r"\w+", text) if word in fields}
        found |= {word.lower() for word in WORDS.findall(text)}
        found |= {text} & {"input", "filter"}
    return found


def test_no_domain_names_a_root_field_or_another_word_of_the_api() -> None:
    fields = root_fields()
    words = {
        str(path): found
        for path, text in sources()
        if path.parts[0] == "domains" and (found := transport_words(parsed(text), fields))
    }
    assert words == {}


def test_no_domain_names_an_input_field_as_the_api_spells_it() -> None:
    """The gateway respells the domains' names in messages. Prisma's schema has words of its own (`isRequired`)."""
    fields = input_fields()
    words = {
        str(path): found
        for path, text in sources()
        if path.parts[0] == "domains" and path.parts[:3] != ("domains", "kernel", "prisma")
        if (found := transport_words(parsed(text), fields))
    }
    assert words == {}


def test_input_fields_are_found() -> None:
    fields = input_fields()
    assert {"expectedTotal", "sortBy", "shippingAddressId"} <= fields
    tree = ast.parse('message = f"Send `expectedTotal: {total}` or `expected_total`."')
    assert transport_words(tree, fields) == {"expectedTotal"}


def test_words_of_the_api_are_found() -> None:
    fields = root_fields()
    assert {"orderRefund", "productCreate", "stockMovements"} <= fields
    tree = ast.parse(
        'def f():\n    """By a mutation."""\n    return "Use `orderRefund`.", ("input", "filter", "id"), "an input"'
    )
    assert transport_words(tree, fields) == {"mutation", "orderRefund", "input", "filter"}
