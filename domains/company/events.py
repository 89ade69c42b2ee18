"""Events of companies."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domains.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyEvent(Event):
    """The base of the events about one company."""

    company_id: UUID

    @property
    def aggregate_id(self) -> UUID:
        """The company."""
        return self.company_id


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyCreated(CompanyEvent):
    """A company was created."""

    topic: ClassVar[str] = "company.created"
    name: str
    slug: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyUpdated(CompanyEvent):
    """A company changed: name, slug, currency or time zone; `changed` names the columns."""

    topic: ClassVar[str] = "company.updated"
    changed: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyDeactivated(CompanyEvent):
    """A company was closed: requests for it are refused."""

    topic: ClassVar[str] = "company.deactivated"


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyActivated(CompanyEvent):
    """A closed company was reopened."""

    topic: ClassVar[str] = "company.activated"
