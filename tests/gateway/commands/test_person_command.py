"""`commerce person`: exports, erases and merges what is stored about a person."""

import asyncio
import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from domains.auth.models import NewAccount
from domains.role.models import SystemRole
from gateway.bootstrap import wired
from gateway.cli import app
from gateway.infra.migrations import migrate
from gateway.infra.postgres import connected
from gateway.settings import Settings

PASSWORD = "correct horse battery staple"


class Program:
    """The program on one database."""

    def __init__(self, url: str, home: Path) -> None:
        self.url, self.home = url, home

    async def run(self, *words: str, answer: str | None = None) -> Result:
        environment = {"DATABASE_URL": self.url, "COMMERCE_HOME": str(self.home), "LOG_LEVEL": "error"}

        def invoke() -> Result:
            return CliRunner().invoke(app, ["person", *words], input=answer, env=environment)

        return await asyncio.to_thread(invoke)

    async def accounts(self, *emails: str) -> None:
        """Migrate the database, and make customers of the default company."""
        await migrate(self.url)
        async with wired(Settings(commerce_home=self.home), self.url) as platform:
            company = await platform.companies.find(None)
            for email in emails:
                new = NewAccount(email=email, password=PASSWORD, first_name="Vera", last_name="Field")
                created = platform.services.auth.provisioning.create
                await created(platform.database, company.id, new, SystemRole.CUSTOMER)

    async def emails(self) -> list[str]:
        async with connected(self.url) as connection:
            rows = await connection.fetch("select email from users where erased_at is null order by 1")
        return [row[0] for row in rows]


async def test_a_person_is_exported_and_erased(empty_database: str, tmp_path: Path) -> None:
    program, file = Program(empty_database, tmp_path), tmp_path / "vera.json"
    await program.accounts("vera@example.com", "other@example.com")
    done = await program.run("export", "Vera@Example.com", "-o", str(file))
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(file.read_text())
    assert (found["email"], found["account"]["users"][0]["first_name"]) == ("vera@example.com", "Vera")
    done = await program.run("erase", "vera@example.com", answer="n\n")
    assert (done.exit_code, await program.emails()) == (1, ["other@example.com", "vera@example.com"])
    done = await program.run("erase", "vera@example.com", "--yes")
    assert done.output == "Erased the data of vera@example.com in all companies, with the account: 2 rows.\n"
    assert await program.emails() == ["other@example.com"]
    done = await program.run("erase", "vera@example.com", "--yes")
    assert (done.exit_code, done.output) == (2, "Nothing is stored about vera@example.com.\n")


async def test_one_company_is_erased_alone(empty_database: str, tmp_path: Path) -> None:
    program = Program(empty_database, tmp_path)
    await program.accounts("vera@example.com")
    async with connected(empty_database) as connection:
        slug = await connection.fetchval("select slug from companies")
    done = await program.run("erase", "vera@example.com", "--company", slug, answer="y\n")
    assert f"Erase the data of vera@example.com in the company {slug}? This cannot be undone." in done.output
    assert done.output.endswith(f"Erased the data of vera@example.com in the company {slug}: 1 row.\n")
    assert await program.emails() == ["vera@example.com"]
    done = await program.run("erase", "vera@example.com", "--company", "nobody", "--yes")
    assert (done.exit_code, done.output) == (2, "There is no company 'nobody'.\n")


async def test_an_account_is_merged_into_another(empty_database: str, tmp_path: Path) -> None:
    program = Program(empty_database, tmp_path)
    await program.accounts("old@example.com", "vera@example.com")
    done = await program.run("merge", "old@example.com", "vera@example.com", "--yes")
    assert done.output == "Moved the data of old@example.com to vera@example.com: 1 row.\n"
    assert await program.emails() == ["vera@example.com"]
    done = await program.run("merge", "old@example.com", "gone@example.com", "--yes")
    assert (done.exit_code, done.output) == (2, "There is no active account with the address gone@example.com.\n")
