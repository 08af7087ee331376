"""Mapping files: which column of somebody's export is which field of a mention."""

from collections.abc import Collection, Iterable
from functools import cache, cached_property
from itertools import islice
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo, available_timezones

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from mentions.exchange.columns import COLUMNS, key
from mentions.exchange.failures import BadMapping, NotRecognised
from mentions.text import one_line

SHIPPED = Path(__file__).parent / "mappings"
SHOWN_COLUMNS, SHOWN_CHARACTERS = 40, 40
FIELDS = (
    *("id", "post_id", "platform", "source", "brands", "published", "first_seen", "kind"),
    *("author_id", "author_name", "author_followers", "author_verified", "author_verified_type"),
    *("author_verified_reason", "author_platform", "title", "text", "url", "repost_of", "thread", "region"),
    *("reposts", "comments", "likes", "views", "counted_at", "at_least", "truncated"),
)
"""What a mapping can fill. `post_id` is the site's own number; `kind` says post, repost or comment."""
Candidate = str | list[str]
Keys = tuple[str, ...]


class MappingFile(BaseModel):
    """One mapping. A field's columns are tried in order; the first that holds something counts.

    A list inside the list is several columns read as one, with a blank between: `[Date, Time]`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, ignored_types=(cached_property,))

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9\-]*$")
    title: str
    evidence: str = ""
    """Where the names of the columns were seen."""
    recognised_by: list[list[str]] = Field(min_length=1)
    """A file has this mapping's shape when it has all columns of one of these lists."""
    columns: dict[str, list[Candidate]]
    assumed: list[str] = []
    """Columns that nobody has shown us: they read as their names say."""
    summaries: list[str] = []
    """Columns that hold only a part of the text: a mention made of one is marked as truncated."""
    constants: dict[str, str] = {}
    platforms: dict[str, str] = {}
    """Platforms as the vendor writes them, and our names of them."""
    otherwise: str = Field("web", pattern=r"^[a-z][a-z0-9\-]*$")
    """The platform of what `platforms` does not name."""
    verified: dict[str, bool] = {}
    timezone: str | None = None
    time_formats: list[str] = []
    trim: str = ""
    """Characters to take off both ends of names and addresses, besides white space."""
    own: bool = False
    """Our own export: texts are taken as they are, and `source` is kept."""

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, name: str | None) -> str | None:
        if name is not None and name not in available_timezones():
            raise ValueError(f"there is no time zone {name!r} (Asia/Shanghai is one)")
        return name

    @field_validator("columns", "constants")
    @classmethod
    def _fields_exist(cls, named: dict[str, object]) -> dict[str, object]:
        unknown = ", ".join(repr(field) for field in named if field not in FIELDS)
        if unknown:
            raise ValueError(f"there is no field {unknown} (there is: {', '.join(FIELDS)})")
        return named

    @model_validator(mode="after")
    def _has_a_text(self) -> Self:
        if not {"text", "title"} & set(self.columns):
            raise ValueError("columns: neither text nor title is mapped, so no row could become a mention")
        unknown = set(self.assumed) - {name for cs in self.columns.values() for c in cs for name in _names(c)}
        if unknown:
            raise ValueError(f"assumed: {', '.join(sorted(unknown))} stands under no field of columns")
        return self

    @cached_property
    def keys(self) -> dict[str, tuple[Keys, ...]]:
        """The columns of each field, as they are compared."""
        return {
            field: tuple(tuple(key(name) for name in _names(candidate)) for candidate in candidates)
            for field, candidates in self.columns.items()
        }

    def present(self, header: Collection[str]) -> dict[str, tuple[Keys, ...]]:
        """The columns of each field that a file has; all of them where it has no header."""
        if not header:
            return self.keys
        have = {
            field: tuple(c for c in listed if all(n in header for n in c)) for field, listed in self.keys.items()
        }
        return {field: listed for field, listed in have.items() if listed}

    @cached_property
    def zone(self) -> ZoneInfo | None:
        """The zone of times written without one, where the mapping says it."""
        return ZoneInfo(self.timezone) if self.timezone else None

    @cached_property
    def platform_keys(self) -> dict[str, str]:
        """Vendor's platform, as it is compared, to ours."""
        return {key(name): ours for name, ours in self.platforms.items()}

    @cached_property
    def verified_keys(self) -> dict[str, bool]:
        """What the vendor writes of a verification, as it is compared."""
        return {key(name): vouched for name, vouched in self.verified.items()}

    @cached_property
    def summary_keys(self) -> frozenset[str]:
        """Columns that hold only a part of the text."""
        return frozenset(map(key, self.summaries))

    def fits(self, header: Collection[str]) -> bool:
        """Whether a header (of compared names) is this mapping's."""
        return any(all(key(name) in header for name in names) for names in self.recognised_by)

    def can_read(self, header: Collection[str]) -> bool:
        """Whether a header has at least a text or a title."""
        wanted = (*self.keys.get("text", ()), *self.keys.get("title", ()))
        return any(all(name in header for name in names) for names in wanted)


def _names(candidate: Candidate) -> list[str]:
    return [candidate] if isinstance(candidate, str) else candidate


OWN = MappingFile(
    name="tingfeng",
    title="Tingfeng",
    recognised_by=[["text", "id"], ["text", "url"], ["text", "platform"], ["text", "published"]],
    columns={
        field: [field, f"engagement_{field}"] if field in {"reposts", "comments", "likes", "views"} else [field]
        for field in FIELDS
        if field in COLUMNS
    },
    own=True,
)


@cache
def shipped() -> tuple[MappingFile, ...]:
    """Our own shape, and the mappings that come with Tingfeng."""
    return (OWN, *(load_mapping(path) for path in sorted(SHIPPED.glob("*.yaml"))))


def load_mapping(path: Path) -> MappingFile:
    """Read a mapping file; BadMapping says what is wrong with it."""
    try:
        return MappingFile.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise BadMapping(f"The mapping {path} cannot be read: {error.strerror}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        place = getattr(error, "problem_mark", None)
        where = f":{place.line + 1}:{place.column + 1}" if place else ""
        raise BadMapping(f"The mapping {path}{where} is no YAML: {getattr(error, 'problem', error)}.") from error
    except ValidationError as error:
        said = "; ".join(_told(e["loc"], e["msg"]) for e in error.errors())
        raise BadMapping(f"The mapping {path}: {said}.") from error


def _told(place: tuple[int | str, ...], message: str) -> str:
    where = ".".join(str(part) for part in place)
    message = message.removeprefix("Value error, ")
    return f"{where}: {message}" if where else message


def named_mapping(name: str) -> MappingFile:
    """A shipped mapping by its name, or one from a file."""
    found = next((m for m in shipped() if m.name == name), None)
    if found is not None:
        return found
    if not name.endswith((".yaml", ".yml")):
        raise BadMapping(f"There is no mapping {name!r} (there is: {_listed(shipped())}, or a FILE.yaml).")
    return load_mapping(Path(name))


def detect(header: Collection[str]) -> MappingFile | None:
    """The one shipped mapping that fits; None where none does, NotRecognised where several do."""
    fitting = [mapping for mapping in shipped() if mapping.fits(header)]
    if len(fitting) > 1:
        raise NotRecognised(
            f"The columns fit several mappings: say --mapping {' or '.join(m.name for m in fitting)}."
        )
    return fitting[0] if fitting else None


def not_recognised(file: str, header: Iterable[str], wanted: MappingFile | None) -> NotRecognised:
    """The sentence for a file whose columns nobody knows."""
    names = [said for name in islice(header, SHOWN_COLUMNS) if (said := one_line(name, SHOWN_CHARACTERS))]
    shown = ", ".join(names) or "none"
    if wanted is not None:
        needed = [name for field in ("text", "title") for c in wanted.columns.get(field, []) for name in _names(c)]
        return NotRecognised(
            f"{file} does not have the columns of the mapping {wanted.name}: one of {', '.join(needed)} is "
            f"needed, and its columns are: {shown}."
        )
    return NotRecognised(
        f"{file} is in no shape that is known. Its columns are: {shown}. Needed are text and one of id, url, "
        f"platform, published; or the columns of a mapping ({_listed(shipped()[1:])}); or your own: "
        "--mapping FILE.yaml."
    )


def _listed(mappings: Iterable[MappingFile]) -> str:
    return ", ".join(f"{m.name} ({m.title})" for m in mappings)
