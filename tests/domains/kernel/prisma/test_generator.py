"""The generator as Prisma runs it, and the modules it writes."""

import asyncio
import copy
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from domains.kernel.prisma import build, generator
from domains.kernel.prisma.dmmf import SchemaError, read_schema
from domains.kernel.prisma.emit import data_module
from domains.kernel.prisma.staleness import GENERATED, source_digest, stale_modules

ROOT = Path(__file__).parents[4]
SAMPLE = Path(__file__).parent / "sample"
DMMF: dict[str, Any] = json.loads((SAMPLE / "dmmf.json").read_text())
NO_SOURCE = "0" * 64


async def ask(*requests: dict[str, Any]) -> list[dict[str, Any]]:
    """Start the generator, send it the requests and return its answers."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "domains.kernel.prisma.generator",
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    lines = "".join(json.dumps({"jsonrpc": "2.0", **request}) + "\n" for request in requests)
    printed, answered = await process.communicate(lines.encode())
    assert (process.returncode, printed) == (0, b"")
    return [json.loads(line) for line in answered.splitlines()]


def request(folder: Path, datamodel: dict[str, Any] = DMMF) -> dict[str, Any]:
    shutil.copy(SAMPLE / "schema.prisma", folder)
    params = {"schemaPath": str(folder / "schema.prisma"), "dmmf": {"datamodel": datamodel}}
    return {"id": 2, "method": "generate", "params": params}


def modules_under(folder: Path) -> list[str]:
    return sorted(path.parent.name for path in folder.glob("domains/*/data.py"))


async def test_the_generator_answers_the_protocol_of_prisma_and_writes_the_modules(tmp_path: Path) -> None:
    manifest, done = await ask({"id": 1, "method": "getManifest", "params": {}}, request(tmp_path))
    assert manifest["id"] == 1
    assert manifest["result"]["manifest"]["defaultOutput"] == "domains"
    assert done == {"jsonrpc": "2.0", "id": 2, "result": None}
    written = (tmp_path / "domains" / "sample" / "data.py").read_text()
    assert GENERATED in written[:400]
    assert (
        written.replace(source_digest((SAMPLE / "schema.prisma").read_text(), "sample"), NO_SOURCE)
        == (SAMPLE / "data.py").read_text()
    ), "write it anew: see test_the_sample_module_is_up_to_date"


async def test_an_unsupported_request_is_answered_with_the_reason(tmp_path: Path) -> None:
    homeless = copy.deepcopy(DMMF)
    homeless["models"][0]["documentation"] = "No domain."
    unknown, failed = await ask({"id": 1, "method": "sing"}, request(tmp_path, homeless))
    assert unknown["error"]["message"] == "no method sing"
    assert failed["error"]["message"] == "Shop: its doc comment lacks the line '/// @domain <name>'"
    assert not (tmp_path / "domains").exists()


async def test_the_module_of_a_domain_without_models_is_removed(tmp_path: Path) -> None:
    for domain, text in (("gone", f'"""{GENERATED} long ago."""\n'), ("kept", '"""Written by hand."""\n')):
        (tmp_path / "domains" / domain).mkdir(parents=True)
        (tmp_path / "domains" / domain / "data.py").write_text(text)
    await ask(request(tmp_path))
    assert modules_under(tmp_path) == ["kept", "sample"]


def test_the_sample_module_is_up_to_date() -> None:
    """When the writer has changed: `python -m tests.domains.kernel.prisma.sample` writes it anew."""
    assert data_module(read_schema(DMMF), "sample", NO_SOURCE) == (SAMPLE / "data.py").read_text()


def field(datamodel: dict[str, Any], model: str, name: str) -> Any:
    fields = next(given["fields"] for given in datamodel["models"] if given["name"] == model)
    return next(given for given in fields if given["name"] == name)


@pytest.mark.parametrize(
    ("name", "change", "complaint"),
    [
        ("isActive", {"dbName": None}, "needs @map to a snake_case name"),
        ("stock", {"dbName": "class"}, "needs @map to a snake_case name"),
        ("address", {"nativeType": ["Xml", []]}, "@db.Xml is not supported"),
        ("tags", {"type": "Float"}, "lists of float are not supported"),
    ],
)
def test_an_unsupported_schema_is_refused_with_the_name_of_the_field(name: str, change: Any, complaint: str) -> None:
    datamodel = copy.deepcopy(DMMF)
    field(datamodel, "Widget", name).update(change)
    with pytest.raises(SchemaError, match=complaint) as caught:
        data_module(read_schema(datamodel), "sample", NO_SOURCE)
    assert name in str(caught.value) or "class" in str(caught.value)


def test_an_enum_of_another_domain_is_refused() -> None:
    datamodel = copy.deepcopy(DMMF)
    datamodel["enums"][0]["documentation"] = "@domain other"
    with pytest.raises(SchemaError, match="Material belongs to other, so sample may not use it"):
        data_module(read_schema(datamodel), "sample", NO_SOURCE)


def test_the_generated_modules_of_the_project_match_the_schema() -> None:
    assert stale_modules(ROOT) == []


def test_a_changed_schema_an_edited_module_and_a_missing_header_are_reported(tmp_path: Path) -> None:
    shutil.copy(SAMPLE / "schema.prisma", tmp_path)
    assert stale_modules(tmp_path) == ["there are no generated modules: run make generate"]
    module = tmp_path / "domains" / "sample" / "data.py"
    module.parent.mkdir(parents=True)
    source = source_digest((tmp_path / "schema.prisma").read_text(), "sample")
    module.write_text(data_module(read_schema(DMMF), "sample", source))
    assert stale_modules(tmp_path) == []
    module.write_text(module.read_text() + "# a note\n")
    assert stale_modules(tmp_path) == [
        "domains/sample/data.py was edited by hand: change schema.prisma and run make generate"
    ]
    (tmp_path / "schema.prisma").write_text("// nothing")
    assert stale_modules(tmp_path) == [
        "domains/sample/data.py is older than schema.prisma or the generator: run make generate"
    ]
    module.write_text("row = 1\n")
    assert stale_modules(tmp_path) == ["domains/sample/data.py has no generated header"]


def test_a_change_of_one_domain_leaves_the_modules_of_the_others() -> None:
    schema = (ROOT / "schema.prisma").read_text()
    changed = schema.replace("model Shipment {", "model Shipment {\n  note String?")
    domains = {path.parent.name for path in ROOT.glob("domains/*/data.py")}
    assert changed != schema
    stale = {name for name in domains if source_digest(changed, name) != source_digest(schema, name)}
    assert stale == {"shipping"}
    new_action = schema.replace("  IMPORT\n", "  IMPORT\n  SHARE\n", 1)
    assert source_digest(new_action, "role") != source_digest(schema, "role"), "the domain uses an enum of another"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the sample's schema and the module that belongs to it."""
    generator.generate(request(tmp_path)["params"])
    return tmp_path


def test_without_prisma_the_digests_are_compared(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    assert build.check(checkout) == []
    assert capsys.readouterr().err.startswith("Only digests were compared. Prisma needs Node")
    with pytest.raises(build.PrismaUnavailable, match="needs Node"):
        build.generate(checkout)


def test_with_prisma_everything_is_generated_again_and_compared(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def prisma(*words: str) -> str:
        if words[0] == "generate":
            generator.generate(request(Path(words[1].removeprefix("--schema=")).parent)["params"])
        return ""

    monkeypatch.setattr(build, "run_prisma", prisma)
    assert build.check(checkout) == []
    schema = (checkout / "schema.prisma").read_text()
    sample = (checkout / "domains" / "sample" / "data.py").read_text()
    stray = checkout / "domains" / "stray"
    stray.mkdir()
    (stray / "data.py").write_text(sample.replace(source_digest(schema, "sample"), source_digest(schema, "stray")))
    assert build.check(checkout) == ["domains/stray/data.py does not match schema.prisma: run make generate"]


def test_prisma_downloads_no_engine_and_uses_this_python() -> None:
    environment = build.prisma_environment()
    assert {environment[name] for name in build.ENGINES} == {sys.executable}
    assert environment["npm_config_ignore_scripts"] == "true"
    assert shutil.which("python", path=environment["PATH"]) == str(Path(sys.executable).with_name("python"))
