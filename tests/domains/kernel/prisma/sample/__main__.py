"""Generates the sample's module from its dmmf.json again, after a change to the generator."""

import json
from pathlib import Path

from domains.kernel.prisma.dmmf import read_schema
from domains.kernel.prisma.emit import data_module

HERE = Path(__file__).parent

if __name__ == "__main__":
    schema = read_schema(json.loads((HERE / "dmmf.json").read_text()))
    (HERE / "data.py").write_text(data_module(schema, "sample", "0" * 64))
