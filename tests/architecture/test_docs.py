"""The documents are correct: paths and links exist, queries are valid, commands exist, excerpts match the code."""

import re
import shlex
import textwrap
from unittest.mock import Mock

import pytest
from graphql import GraphQLEnumType, build_ast_schema, parse, validate
from typer.main import get_command

from gateway.cli import app
from gateway.graphql.core.schema import build_schema
from gateway.messaging.processes import RELAY_POOL_SIZE
from gateway.services import domains_of
from tests.architecture.documents import Block, anchors, blocks, class_members, documents, schema_members, spans
from tests.architecture.test_budgets import ROOT, sources

DOCUMENTS = documents()
# A path of the project: a folder of it first, or a file beside the README.
PATH = re.compile(
    r"(?:domains|gateway|tests|docs|migrations|\.ci|\.devcontainer)/[\w/.-]+|[\w.-]+\.(?:md|toml|yml|prisma|lock)"
)
# What a reader of a walk-through makes, and what the platform makes when it runs.
NOT_YET = re.compile(r"wishlist|migration\.sql$|mail\.jsonl$|\.commerce|bench-report")
MAKE_TARGETS = set(re.findall(r"^([\w./]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
DESCRIBED = {"README.md", "CONTRIBUTING.md", "SECURITY.md"}
EXAMPLE_ID = "0198c5a2-7d1e-7c43-9f5a-3b1d5e6f7a8b"
COMMAND = re.compile(r"^(?:make .*|(?:.* )?(?:\S*/)?commerce [a-z].*)$", re.MULTILINE)
NOT_PLAIN = re.compile(r"\b(whoever|somebody|someone|nobody|anybody|what it comes to)\b", re.IGNORECASE)
LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)")


def described() -> dict[str, str]:
    """The documents that describe the project as it is; the changelog describes how it was."""
    return {name: text for name, text in DOCUMENTS.items() if name in DESCRIBED or name.startswith("docs/")}


def test_every_required_document_exists() -> None:
    promised = ("architecture", "glossary", "adding-a-domain", "adding-a-mutation", "operations", "seeds", "README")
    assert {f"docs/{name}.md" for name in promised} <= set(DOCUMENTS)


def test_every_path_in_the_documents_exists() -> None:
    missing = [
        f"{name}: {span}"
        for name, text in described().items()
        for span in sorted(spans(text))
        if PATH.fullmatch(span) and not NOT_YET.search(span) and not (ROOT / span).exists()
    ]
    assert missing == []


def test_every_link_has_an_existing_target() -> None:
    broken = []
    for name, text in DOCUMENTS.items():
        for target, heading in LINK.findall(text):
            path = (ROOT / name).parent / target if target else ROOT / name
            if not path.exists() or (heading and heading not in anchors(path)):
                broken.append(f"{name}: {target}#{heading}")
    assert broken == []


def test_every_decision_is_listed_in_the_index() -> None:
    listed = {target for target, _ in LINK.findall(DOCUMENTS["docs/README.md"])}
    present = {name.removeprefix("docs/") for name in DOCUMENTS if name.startswith("docs/")} - {"README.md"}
    assert present - listed == set()


@pytest.mark.parametrize("block", blocks("graphql"), ids=lambda block: block.document)
def test_every_graphql_example_is_valid(block: Block) -> None:
    schema = build_schema().graphql
    text = block.text.replace("…", EXAMPLE_ID)
    parts = re.split(r"^(?=query|mutation|subscription|\{)", text, flags=re.MULTILINE)
    examples = [example for example in parts if example.strip()]
    assert examples
    assert [error.message for example in examples for error in validate(schema, parse(example))] == []


def test_every_command_and_target_in_the_documents_exists() -> None:
    wrong = [
        f"{block.document}: {line}"
        for block in blocks("sh")
        for line in COMMAND.findall(block.text)
        if not _is_known(shlex.split(line, comments=True))
    ]
    assert wrong == []


def _is_known(words: list[str]) -> bool:
    if words[:1] == ["make"]:
        return {word for word in words[1:] if "=" not in word} <= MAKE_TARGETS
    names = [word.rpartition("/")[2] for word in words]
    asked = words[names.index("commerce") + 1 :]
    command = get_command(app)
    while asked and hasattr(command, "commands"):
        command = command.commands.get(asked.pop(0))
    options = {option for parameter in getattr(command, "params", ()) for option in parameter.opts}
    return command is not None and {word.partition("=")[0] for word in asked if word.startswith("-")} <= options


@pytest.mark.parametrize("block", blocks("python"), ids=lambda block: block.document)
def test_every_python_excerpt_is_in_the_file_it_names(block: Block) -> None:
    """An excerpt begins with `# path`; lines of `...` leave something out. Code that a reader adds says `(new)`."""
    first, _, rest = block.text.partition("\n")
    path, new = re.fullmatch(r"# ([\w/.]+)( \(new\))?", first).groups()  # type: ignore[union-attr]
    if new:
        compile(textwrap.dedent(rest), path, "exec")
        return
    code = _without_indent((ROOT / path).read_text())
    parts = re.split(r"^\s*\.\.\.\n", rest, flags=re.MULTILINE)
    assert [part for part in parts if _without_indent(part) not in code] == []


def _without_indent(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().splitlines())


def test_every_name_in_the_glossary_exists() -> None:
    terms = DOCUMENTS["docs/glossary.md"].split("## Words that are not used")[0]
    named = {name for row in re.findall(r"^\| [^|]+ \| (.*?) \|", terms, re.MULTILINE) for name in spans(row)}
    known = class_members() | schema_members()
    missing = []
    for name in sorted(name for name in named if not PATH.fullmatch(name)):
        owner, _, member = name.partition(".")
        if owner not in known or (member and member not in known[owner]):
            missing.append(name)
    assert missing == []


def test_the_reference_of_events_has_every_topic_in_the_code() -> None:
    topics = {
        topic
        for path, text in sources()
        if path.parts[0] == "domains"
        for topic in re.findall(r'topic: ClassVar\[str\] = "([\w.]+)"', text)
    }
    assert set(re.findall(r"^### (\S+)$", DOCUMENTS["docs/events.md"], re.MULTILINE)) == topics


def test_the_reference_of_errors_has_every_code_of_the_schema() -> None:
    codes = build_ast_schema(parse((ROOT / "gateway" / "graphql" / "schema.graphql").read_text())).type_map[
        "ErrorCode"
    ]
    assert isinstance(codes, GraphQLEnumType)
    assert re.findall(r"^## (\S+)$", DOCUMENTS["docs/errors.md"], re.MULTILINE) == sorted(codes.values)


def test_the_table_of_jobs_lists_every_job_with_its_interval() -> None:
    table = DOCUMENTS["docs/operations.md"].split("| job | every |")[1].split("\n\n")[0]
    units = {"seconds": 1, "minutes": 60, "hour": 3600, "hours": 3600}
    rows = re.findall(r"^\| ([a-z].*?) \| (\d+) (\w+) \|$", table, re.MULTILINE)
    jobs = [job for domain in domains_of().values() for job in domain.jobs(Mock())]
    assert sorted((name, int(count) * units[unit]) for name, count, unit in rows) == sorted(
        (job.name, int(job.every.total_seconds())) for job in jobs
    )


def test_the_number_of_connections_to_the_database_is_that_of_the_code() -> None:
    (more,) = re.findall(r"connections and (\d+) more for relay", DOCUMENTS["docs/operations.md"])
    lock_or_listener = 1
    assert int(more) == RELAY_POOL_SIZE + lock_or_listener


def test_the_documents_name_the_actor() -> None:
    loose = [
        f"{name}: {line}"
        for name, text in described().items()
        if name not in {"docs/errors.md", "docs/events.md"}  # the words of docstrings
        for line in text.split("## Words that are not used")[0].splitlines()
        if NOT_PLAIN.search(line)
    ]
    assert loose == []
