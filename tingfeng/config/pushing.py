"""The block `push` of config.yaml: who may send us mentions, and where we listen for them."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from mentions.exchange.failures import BadMapping
from mentions.exchange.mapping import MappingFile, named_mapping
from mentions.sizes import Size

LEAST_TOKEN = 16
"""Characters: a shorter token could be guessed."""
LARGEST_PORT = 65_535
FILES = (".yaml", ".yml")


def _address(listen: str) -> str:
    host, colon, port = listen.rpartition(":")
    if not (colon and host.strip("[]") and port.isdigit() and 0 < int(port) <= LARGEST_PORT):
        raise ValueError(f"{listen!r} is no address to listen on: write 127.0.0.1:8787")
    return listen


def _cannot_be_guessed(token: SecretStr) -> SecretStr:
    said = token.get_secret_value()
    if len(said) < LEAST_TOKEN or not said.isascii() or not said.isprintable() or " " in said:
        raise ValueError(
            f"a token is at least {LEAST_TOKEN} ASCII characters without blanks: openssl rand -hex 32"
        )
    return token


Token = Annotated[SecretStr, AfterValidator(_cannot_be_guessed)]
"""What somebody shows who sends us something."""


class SenderBlock(BaseModel):
    """Somebody, or something, that may send posts in by `POST /api/watch`, under the name of the block."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    token: Token


class FeedBlock(BaseModel):
    """One vendor who pushes. `mapping`: whose shape it is; by default ours, or told by the names of its fields.

    `platform` is where his posts are from, where neither they nor their addresses say it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    token: Token
    mapping: str | None = None
    brands: list[str] = Field(default_factory=list)
    platform: str | None = Field(None, pattern=r"^[a-z][a-z0-9-]*$", max_length=40)

    @field_validator("mapping")
    @classmethod
    def _is_there(cls, name: str | None) -> str | None:
        # A file's path is relative to config.yaml, which is not known here: see `bad_mappings`.
        if name is not None and not name.endswith(FILES):
            try:
                named_mapping(name)
            except BadMapping as error:
                raise ValueError(str(error)) from None
        return name

    def read_mapping(self) -> MappingFile | None:
        """The mapping, once its path is whole (see `beside`); BadMapping says what is wrong with its file."""
        return None if self.mapping is None else named_mapping(self.mapping)


class PushBlock(BaseModel):
    """Where vendors push mentions to; nothing listens where there is no feed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    listen: Annotated[str, AfterValidator(_address)] = "127.0.0.1:8787"
    max_body: Size = 10 * 10**6
    feeds: Mapping[Annotated[str, Field(pattern=r"^[\w.-]+$", max_length=60)], FeedBlock] = Field(
        default_factory=dict
    )

    @model_validator(mode="after")
    def _tokens_tell_feeds_apart(self) -> Self:
        many = Counter(feed.token.get_secret_value() for feed in self.feeds.values())
        if any(n > 1 for n in many.values()):
            raise ValueError("two feeds have the same token, so nobody could tell whose push it is")
        return self

    def beside(self, folder: Path) -> "PushBlock":
        """The same, with paths of mapping files as they are from everywhere."""
        feeds = {
            name: feed.model_copy(update={"mapping": _whole(feed.mapping, folder)}) if feed.mapping else feed
            for name, feed in self.feeds.items()
        }
        return self.model_copy(update={"feeds": feeds})

    @property
    def host_and_port(self) -> tuple[str, int]:
        """Where to listen."""
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)


def _whole(mapping: str, folder: Path) -> str:
    return str((folder / mapping).absolute()) if mapping.endswith(FILES) else mapping


def bad_mappings(data: Any, folder: Path) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Mapping files that cannot be used: the path in config.yaml, and a sentence."""
    for name, feed in _mapping(_mapping(data, "push"), "feeds").items():
        mapping = feed.get("mapping") if isinstance(feed, dict) else None
        if isinstance(mapping, str) and mapping.endswith(FILES):
            try:
                named_mapping(_whole(mapping, folder))
            except BadMapping as error:
                yield ("push", "feeds", name, "mapping"), str(error)


def dangling_feeds(data: Any) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Feeds whose name a source has, and brands of feeds that do not exist."""
    brands = _mapping(data, "brands")
    for name, feed in _mapping(_mapping(data, "push"), "feeds").items():
        if name in _mapping(data, "sources"):
            yield ("push", "feeds", name), f"there is a source {name!r} too: nobody could tell their runs apart"
        named = feed.get("brands") if isinstance(feed, dict) else None
        for place, brand in enumerate(named if isinstance(named, list) else ()):
            if isinstance(brand, str) and brand not in brands:
                known = ", ".join(map(str, brands)) or "none"
                yield (
                    ("push", "feeds", name, "brands", place),
                    f"there is no {brand!r} under brands (there is: {known})",
                )


def _mapping(data: Any, key: str) -> dict[Any, Any]:
    value = data.get(key) if isinstance(data, dict) else None
    return value if isinstance(value, dict) else {}
