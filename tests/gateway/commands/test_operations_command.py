"""`commerce operations check`: operations against the schema and the limits, a line for each."""

from pathlib import Path
from typing import Any

import pytest
import strawberry
from typer.testing import CliRunner

from gateway.cli import app
from gateway.graphql.core.fields import PUBLIC, present, query
from gateway.graphql.core.schema import build_schema
from gateway.graphql.engine.limits import GraphQLLimits
from gateway.operations.checks import CheckedOperation, OperationsCheck
from tests.gateway.operations.samples import apollo, by_md5, digest, operation, written

SHOP = "query Shop { shop { name } }"
PAGE = "query Page($first: Int) { products(first: $first) { nodes { name } } }"
LOGOUT = "mutation Out { logout { errors { code } } }"


def checked(*files: Path, **environment: str) -> tuple[int, list[str]]:
    """The exit code and the lines, with spaces between columns reduced; no database and no home exists."""
    home = files[0].parent / "home"
    bare = {"DATABASE_URL": "postgresql://127.0.0.1:9/x", "COMMERCE_HOME": str(home)}
    done = CliRunner().invoke(app, ["operations", "check", *map(str, files)], env=bare | environment)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert not home.exists()
    return done.exit_code, [" ".join(line.split()) for line in done.output.splitlines()]


def test_each_operation_has_a_line_with_its_type_and_cost(tmp_path: Path) -> None:
    file = written(tmp_path, apollo(operation(SHOP), operation(PAGE), operation(LOGOUT)))
    assert checked(file) == (
        0,
        [
            f"{file} ok query Shop cost 1",
            f"{file} ok query Page cost 21 to 101",
            f"{file} ok mutation Out cost 11",
            "Checked: 3, with problems: 0, with warnings: 0.",
        ],
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("query A {", "- own-id Syntax Error: Expected Name, found <EOF>."),
        ("query A { nowhere }", "query A Cannot query field 'nowhere' on type 'Query'."),
        ("query A { shop { name(a: 1) } }", "query A Unknown argument 'a' on field 'Shop.name'."),
        (
            "query A { products(first: 100) { nodes { reviews(first: 100) { nodes { id } } } } }",
            "query A cost 10201 The query exceeds the limit on cost: 10201, at most 10000 allowed.",
        ),
        (
            f"query A {{ {' '.join(f'a{number}: shop {{ name }}' for number in range(31))} }}",
            "query A The query exceeds the limit on aliases: 31, at most 30 allowed.",
        ),
        (
            f"query A {{ shop {{ {' '.join(['name'] * 2001)} }} }}",
            "query A The query exceeds the limit on tokens: 2001, at most 2000 allowed.",
        ),
        ("fragment F on Shop { name }", "- own-id Fragment 'F' is never used."),
    ],
)
def test_an_operation_that_the_server_would_refuse_is_a_problem(tmp_path: Path, text: str, line: str) -> None:
    file = written(tmp_path, {"own-id": text, "good": SHOP})
    code, lines = checked(file)
    assert (code, lines[-1]) == (1, "Checked: 2, with problems: 1, with warnings: 0.")
    assert lines[0].startswith(f"{file} problem {line}")
    assert lines[1] == f"{file} ok query Shop cost 1"


def test_limits_are_those_of_the_settings(tmp_path: Path) -> None:
    file = written(tmp_path, {"a": "query A { products(first: 5) { nodes { category { name } } } }"})
    assert checked(file)[0] == 0
    assert checked(file, GRAPHQL_MAX_COST="9")[1][0] == (
        f"{file} problem query A cost 11 The query exceeds the limit on cost: 11, at most 9 allowed."
    )
    assert checked(file, GRAPHQL_MAX_DEPTH="3")[1][0] == (
        f"{file} problem query A The query exceeds the limit on depth: 4, at most 3 allowed."
    )


def test_a_page_that_a_variable_makes_too_expensive_is_a_warning(tmp_path: Path) -> None:
    text = """
    query A($first: Int, $ids: [ID!]! = [], $more: [ID!]!) {
      products(first: $first) { nodes { reviews(first: $first) { nodes { id } } } }
      nodes(ids: $ids) { id }
      other: nodes(ids: $more) { id }
    }"""
    code, (line, total) = checked(written(tmp_path, {"a": text}))
    assert (code, total) == (0, "Checked: 1, with problems: 0, with warnings: 1.")
    assert line.partition(" warning ")[2] == (
        "query A cost 481 to 10701 With pages of 100 it costs 10701; at most 10000 is allowed."
    )


def test_name_and_type_of_a_manifest_are_those_of_the_text(tmp_path: Path) -> None:
    file = written(tmp_path, apollo(operation(SHOP, name="Other"), operation(LOGOUT, type="query")))
    assert checked(file)[1][:2] == [
        f"{file} problem query Shop cost 1 The text has no operation named 'Other'.",
        f"{file} problem mutation Out cost 11 The operation is not a 'query'.",
    ]


def test_invalid_entries_are_listed_without_an_operation(tmp_path: Path) -> None:
    file = written(tmp_path, {digest(PAGE): SHOP, "b": ""})
    missing = tmp_path / "missing.json"
    code, lines = checked(file, missing)
    assert code == 1
    assert lines[:3] == [
        f"{file} problem - - Entry {digest(PAGE)!r}: The id is not the SHA-256 of the text. Generate it again.",
        f"{file} problem - - Entry 'b': The text of the operation is missing.",
        f"{missing} problem - - It cannot be read (No such file or directory). Name an existing file.",
    ]


def test_an_id_with_another_text_in_an_earlier_file_is_a_problem(tmp_path: Path) -> None:
    web, mobile = written(tmp_path, {"a": SHOP}, "web.json"), written(tmp_path, {"a": LOGOUT}, "mobile.json")
    assert checked(web, mobile)[1][:2] == [
        f"{web} ok query Shop cost 1",
        f"{mobile} problem mutation Out cost 11 The id 'a' has another text in an earlier file.",
    ]
    assert checked(web, written(tmp_path, by_md5(SHOP), "relay.json"))[0] == 0


def test_graphql_files_share_their_fragments(tmp_path: Path) -> None:
    cards = written(tmp_path, "fragment Card on Product { name ...Price }", "cards.gql")
    prices = written(tmp_path, "fragment Price on Product { basePrice { amount } ...Card }", "prices.graphql")
    prices_only = written(tmp_path, "fragment Price on Product { basePrice { amount } }", "prices_only.graphql")
    pages = written(
        tmp_path,
        "query List { products { nodes { ...Card } } }\n{ shop { name } }\n{ shop { currency } }",
        "pages.graphql",
    )
    assert checked(pages, cards, prices_only) == (
        0,
        [
            f"{pages} ok query List cost 21",
            f"{pages} ok query (anonymous) cost 1",
            f"{pages} ok query (anonymous) cost 1",
            "Checked: 3, with problems: 0, with warnings: 0.",
        ],
    )
    assert checked(pages, cards)[1][0] == f"{pages} problem query List Unknown fragment 'Price'."
    assert checked(pages, cards, prices)[1][0].startswith(f"{pages} problem query List Cannot spread fragment")


def test_graphql_files_have_each_name_once_and_only_operations_and_fragments(tmp_path: Path) -> None:
    first = written(tmp_path, f"{SHOP} fragment Unused on Shop {{ name }}", "first.graphql")
    second = written(tmp_path, f"{SHOP} type Own {{ a: Int }}", "second.graphql")
    third = written(tmp_path, "query {\n a(", "third.graphql")
    code, lines = checked(first, second, third)
    assert code == 1
    assert lines == [
        f"{third} problem - - Syntax Error: Expected Name, found <EOF>. (line 2, column 4)",
        f"{first} ok query Shop cost 1",
        f"{second} ok query Shop cost 1",
        f"{first} problem query Shop This name is defined more than once.",
        f"{first} warning fragment Unused No operation uses this fragment.",
        f"{second} problem query Shop This name is defined more than once.",
        f"{second} problem - Own Only operations and fragments are allowed here.",
        "Checked: 7, with problems: 4, with warnings: 1.",
    ]


def test_an_invalid_setting_is_refused(tmp_path: Path) -> None:
    code, lines = checked(written(tmp_path, {"a": SHOP}), GRAPHQL_MAX_COST="none")
    assert (code, lines[0].partition(":")[0]) == (2, "GRAPHQL_MAX_COST")


@strawberry.type(description="The queries of a schema with a deprecated field.")
class OldQuery:
    @query(PUBLIC, deprecation_reason="Use `fresh`.")
    async def stale(self) -> str:
        """The old name."""
        return present(str, "")


async def test_a_deprecated_field_is_a_warning(tmp_path: Path) -> None:
    check = OperationsCheck(build_schema([OldQuery], []), GraphQLLimits())
    file = written(tmp_path, {"a": "query A { stale }"})
    (found,) = await check.files([file])
    expected: Any = ("The field Query.stale is deprecated. Use `fresh`.",)
    assert found == CheckedOperation(file, "query", "A", (0, 0), warnings=expected)
