"""Manifests: the formats of tools, and what is wrong with a file, by file and entry."""

from pathlib import Path
from typing import Any

import pytest

from gateway.operations.allow_list import AllowList
from gateway.operations.manifests import ListedDocument, OperationsInvalid, read_manifest
from tests.gateway.operations.samples import MUTATION, QUERY, apollo, by_md5, by_sha1, digest, operation, written


def problems(file: Path) -> list[str]:
    with pytest.raises(OperationsInvalid) as caught:
        read_manifest(file)
    lines = str(caught.value).splitlines()
    assert all(line.startswith(f"{file}: ") for line in lines)
    return [line.removeprefix(f"{file}: ") for line in lines]


def test_the_format_of_apollo_has_names_and_types(tmp_path: Path) -> None:
    file = written(tmp_path, apollo(operation(QUERY), operation(MUTATION, id="own-id")))
    assert read_manifest(file) == [
        ListedDocument(digest(QUERY), QUERY, "Name", "query"),
        ListedDocument("own-id", MUTATION, "Send", "mutation"),
    ]


@pytest.mark.parametrize(
    "content",
    [
        by_md5(QUERY, MUTATION),
        by_sha1(QUERY, MUTATION),
        {digest(QUERY): QUERY, digest(MUTATION): MUTATION},
        {"name": QUERY, "x-own:2": MUTATION},
    ],
    ids=["md5", "sha1", "sha256", "own"],
)
def test_the_format_of_other_tools_maps_ids_to_texts(tmp_path: Path, content: dict[str, str]) -> None:
    listed = read_manifest(written(tmp_path, content))
    assert {each.id: each.text for each in listed} == content


def test_a_prefix_and_capitals_of_a_digest_are_the_same_id(tmp_path: Path) -> None:
    prefixed = {f"sha256:{digest(QUERY)}": QUERY, digest(MUTATION).upper(): MUTATION}
    listed = read_manifest(written(tmp_path, prefixed))
    assert [each.id for each in listed] == [digest(QUERY), digest(MUTATION)]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("[1]", "A manifest is a JSON object that maps ids to texts"),
        ('"text"', "A manifest is a JSON object that maps ids to texts"),
        ("{", "It is not valid JSON (Expecting property name"),
        ("[" * 100_000, "It is not valid JSON (maximum recursion depth"),
        (b"\xff\xfe{}", "It is not encoded in UTF-8."),
        ("{}", "It lists no operation."),
        (apollo(), "It lists no operation."),
        (apollo(version=2), "A manifest is a JSON object that maps ids to texts"),
        (apollo(format="another"), "A manifest is a JSON object that maps ids to texts"),
        (apollo(operations={}), "A manifest is a JSON object that maps ids to texts"),
        (apollo(operations="none"), "`operations` must be a list."),
        (apollo(operations=[1]), "Operation 1 must be an object."),
    ],
)
def test_a_file_of_another_form_is_refused(tmp_path: Path, content: Any, found: str) -> None:
    (problem,) = problems(written(tmp_path, content))
    assert problem.startswith(found)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (apollo(operation(QUERY, id=7)), "Operation 1 ('Name'): The id must be a text"),
        (apollo(operation(QUERY, id="two words")), "Operation 1 ('Name'): The id must be a text"),
        (apollo(operation(QUERY, id="x" * 257)), "Operation 1 ('Name'): The id must be a text"),
        (apollo(operation(QUERY, body=" ")), "Operation 1 ('Name'): The text of the operation is missing."),
        (apollo(operation(QUERY, name=7)), "Operation 1: `name` must be a text."),
        (apollo(operation(QUERY, type=["query"])), "Operation 1 ('Name'): `type` must be a text."),
        ({"": QUERY}, "Entry '': The id must be a text"),
        ({"a": None}, "Entry 'a': The text of the operation is missing."),
        ({"a": {"text": QUERY}}, "Entry 'a': The text of the operation is missing."),
        ({"a": "\ud800"}, "Entry 'a': The text of the operation is not valid Unicode."),
        ({digest(QUERY): MUTATION}, f"Entry '{digest(QUERY)}': The id is not the SHA-256 of the text."),
        ({f"sha256:{digest(QUERY)}": MUTATION}, f"Entry 'sha256:{digest(QUERY)}': The id is not the SHA-256"),
    ],
)
def test_an_invalid_entry_is_named(tmp_path: Path, content: Any, found: str) -> None:
    (problem,) = problems(written(tmp_path, content))
    assert problem.startswith(found)


def test_an_id_is_listed_once(tmp_path: Path) -> None:
    twice = apollo(operation(QUERY), operation(QUERY, id=f"sha256:{digest(QUERY)}"), operation(MUTATION))
    assert problems(written(tmp_path, twice)) == [f"The id '{digest(QUERY)}' is listed more than once."]
    assert problems(written(tmp_path, f'{{"a": "{QUERY}", "a": "{MUTATION}"}}')) == [
        "The id 'a' is listed more than once."
    ]


def test_all_problems_are_listed_up_to_twenty(tmp_path: Path) -> None:
    lines = problems(written(tmp_path, {f"id-{number}": "" for number in range(25)}))
    assert len(lines) == 21
    assert lines[-1] == "5 more problems."


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert problems(tmp_path / "missing.json") == [
        "It cannot be read (No such file or directory). Name an existing file."
    ]
    assert problems(tmp_path) == ["It is not a file."]
    assert problems(Path("/dev/zero")) == ["It is not a file."]


def test_a_file_of_any_size_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "large.json"
    with file.open("wb") as opened:
        opened.truncate(64 * 1024 * 1024 + 1)
    assert problems(file) == ["It has more than 64 MiB."]


def test_files_may_share_operations_but_not_ids_of_different_ones(tmp_path: Path) -> None:
    web = written(tmp_path, {"a": QUERY, "b": MUTATION}, "web.json")
    mobile = written(tmp_path, apollo(operation(QUERY, id="a"), operation(QUERY)), "mobile.json")
    allowed = AllowList.read([web, mobile])
    assert allowed is not None
    assert (len(allowed), allowed.text(None, digest(QUERY))) == (2, QUERY)
    other = written(tmp_path, {"a": MUTATION}, "other.json")
    with pytest.raises(OperationsInvalid, match=r"other\.json: The id 'a' has another text here"):
        AllowList.read([web, other])
    assert AllowList.read([]) is None
