"""The block `evidence`: what is kept of posts that raised a finding, besides their own words."""

from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

from crawlers.reading.addresses import HttpAddress


class EvidenceBlock(BaseModel):
    """Whether pages are pictured, and who says when a copy existed (RFC 3161)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    screenshots: bool | Literal["signed-in"] = True
    timestamp: HttpAddress | None = None
    timestamp_roots: str | None = None

    @model_validator(mode="after")
    def _a_timestamp_is_of_somebody_whom_we_trust(self) -> Self:
        if self.timestamp is not None and self.timestamp_roots is None:
            raise ValueError(
                "timestamp needs timestamp_roots, a PEM file with the authority's root certificate: else nobody "
                "could check what it signs"
            )
        return self

    def beside(self, folder: Path) -> "EvidenceBlock":
        """The same, with the path of the certificates as it is from everywhere."""
        if self.timestamp_roots is None:
            return self
        return self.model_copy(update={"timestamp_roots": str((folder / self.timestamp_roots).absolute())})
