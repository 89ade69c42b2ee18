"""The generator that Prisma runs: JSON-RPC, a request per line on stdin, its answer on stderr."""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

from domains.kernel.prisma.dmmf import SchemaError, read_schema
from domains.kernel.prisma.emit import data_module
from domains.kernel.prisma.staleness import GENERATED, source_digest

MANIFEST = {"manifest": {"prettyName": "the rows and verbs of each domain", "defaultOutput": "domains"}}


def generate(params: Mapping[str, Any]) -> None:
    """Write `domains/<domain>/data.py` next to the schema for each domain that owns a model or enum.

    The generated file of a domain that owns nothing any more is removed. Raises SchemaError before the first write.
    """
    path = Path(params["schemaPath"])
    schema = read_schema(params["dmmf"]["datamodel"])
    text = path.read_text()
    folder = path.parent / "domains"
    modules = {
        folder / domain / "data.py": data_module(schema, domain, source_digest(text, domain))
        for domain in schema.domains
    }
    for path in sorted(folder.glob("*/data.py")):
        if path not in modules and GENERATED in path.read_text()[:400]:
            path.unlink()
    for module, text in modules.items():
        module.parent.mkdir(parents=True, exist_ok=True)
        module.write_text(text)


METHODS: dict[str, Callable[[Mapping[str, Any]], object]] = {"getManifest": lambda _: MANIFEST, "generate": generate}


def answer(line: str) -> dict[str, Any]:
    """The JSON-RPC response to one request; on failure an error with a message that Prisma shows."""
    request = json.loads(line)
    reply: dict[str, Any] = {"jsonrpc": "2.0", "id": request.get("id")}
    method = METHODS.get(request["method"])
    if method is None:
        return reply | {"error": {"code": -32601, "message": f"no method {request['method']}", "data": {}}}
    try:
        return reply | {"result": method(request.get("params") or {})}
    except (SchemaError, OSError) as error:
        return reply | {"error": {"code": -32000, "message": str(error), "data": {}}}


def serve(requests: IO[str], answers: IO[str]) -> None:
    """Answer requests until the input ends."""
    for line in requests:
        if line.strip():
            answers.write(json.dumps(answer(line)) + "\n")
            answers.flush()


if __name__ == "__main__":
    serve(sys.stdin, sys.stderr)
