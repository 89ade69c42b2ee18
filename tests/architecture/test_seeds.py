"""`docs/seeds.md` is correct: its fields are in schema.prisma, and it mentions each model of schema.prisma."""

import ast
import re

from tests.architecture.documents import class_members, models, schema_members, spans
from tests.architecture.test_budgets import ROOT

SEEDS = (ROOT / "docs" / "seeds.md").read_text()
BUILT = SEEDS.split("## What the seeds draw and we do otherwise")[0]
SERVICES = {
    "AuthService",
    "RoleService",
    "CatalogService",
    "InventoryService",
    "CartService",
    "OrderService",
    "PromotionService",
    "ApiGateway",
    "RedisClient",
    "RabbitMQClient",
    "EventEmitter",
}
MEMBERS = schema_members()


def rows() -> list[tuple[str, str, list[str], list[tuple[str, str]]]]:
    """Of each row of the tables of fields: the seed's name, ours, the fields of the same name, those of another."""
    found = re.findall(r"^\| `(\w+)` \| `(\w+)` \| (.*?) \| (.*?) \|$", BUILT, re.MULTILINE)
    return [
        (seed, here, re.findall(r"`(\w+)`", same), re.findall(r"`(\w+)` → `([\w.]+)`", other))
        for seed, here, same, other in found
    ]


def test_the_tables_are_read_completely() -> None:
    tables = re.findall(r"^\| in the seed \| here \| same name \| other name \|\n(?:\|.*\n)+", BUILT, re.MULTILINE)
    assert len(tables) == 4
    assert len(rows()) == sum(table.count("\n") - 2 for table in tables)


def test_every_field_with_the_same_name_exists() -> None:
    missing = [
        f"{seed}: {here}.{field}" for seed, here, same, _ in rows() for field in same if field not in MEMBERS[here]
    ]
    assert missing == []


def test_every_field_with_another_name_exists() -> None:
    known = class_members() | MEMBERS
    places = {place for row in rows() for _, place in row[3]}
    places |= {span for span in spans(SEEDS) if re.fullmatch(r"[A-Z]\w*[a-z]\w*\.\w+", span)}
    missing = []
    for place in sorted(places):
        owner, _, member = place.partition(".")
        if member not in known.get(owner, set()):
            missing.append(place)
    assert missing == []


def test_every_model_of_the_schema_is_mentioned() -> None:
    mentioned = {here for _, here, _, _ in rows()}
    mentioned |= {place.partition(".")[0] for row in rows() for _, place in row[3]}
    mentioned |= set(
        re.findall(r"^\| `(\w+)` \| [^|`]", SEEDS.split("## Models that no seed draws")[1], re.MULTILINE)
    )
    assert models() - mentioned == set()


def test_no_model_is_listed_both_with_and_without_a_seed() -> None:
    table = BUILT.split("## Models that no seed draws")[1]
    apart = set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))
    assert apart & {here for _, here, _, _ in rows()} == set()
    assert apart <= models()


def test_every_method_of_the_diagram_exists_where_the_table_says() -> None:
    found = re.findall(r"^\| `(\w+)` ([a-z]\w+, .*?) \| `([\w/.]+)`: (.*?) \|$", BUILT, re.MULTILINE)
    assert {row[0] for row in found} == SERVICES
    for name, diagram, path, code in found:
        (body,) = [
            node.body
            for node in ast.parse((ROOT / path).read_text()).body
            if isinstance(node, ast.ClassDef) and node.name == name
        ]
        methods = {node.name for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
        promised = re.findall(r"`(\w+)`", code)
        assert promised == [_snake(method) for method in diagram.split(", ")]
        assert set(promised) <= methods, name


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()
