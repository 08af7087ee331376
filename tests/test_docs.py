"""What the documents say of settings, fields, tables, refusals and commands is what the code has."""

import json
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
import typer
import yaml
from pydantic import BaseModel

from alerts.notifiers import AnyNotifier, Notifier
from alerts.rules.expression import Expression
from alerts.rules.facts import HotView, PostFacts, ScoringView, SourceView
from alerts.rules.rules import AnyRule
from crawlers.source import Outcome, Source
from crawlers.sources import SOURCE_TYPES
from crawlers.spider import BY_THEIR_WORDS, IGNORED, REASONS
from crawlers.spiders.weibo_api import ERRORS
from mentions.sqlite import SqliteStore
from mentions.stores import open_store
from sentiment.models import AnyModel
from tingfeng.cli import app
from tingfeng.config import Config, load_config
from tingfeng.config.blocks import BrandBlock, ReachBlock, RereadBlock, RetainBlock, WatchBlock
from tingfeng.config.evidence import EvidenceBlock
from tingfeng.config.pushing import FeedBlock, PushBlock, SenderBlock
from tingfeng.config.secrets import SECRET

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.glob("*.md")])
READMES = ("README.md", "README.zh-CN.md")


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def section(text: str, title: str) -> str:
    """What stands between a heading and the next one."""
    match = re.search(rf"^(#+) `?{re.escape(title)}`?$(.*?)(?=^#{{1,6}} |\Z)", text, re.DOTALL | re.MULTILINE)
    assert match is not None, f"no heading {title!r}"
    return match[2]


def documented(text: str) -> set[str]:
    """The names that the rows of its tables describe."""
    return set(re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE))


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def classes(union: Any) -> list[type[BaseModel]]:
    """The classes that an annotated union, or one class, stands for."""
    if isinstance(union, type):
        return [union]
    return [kind for member in get_args(union) for kind in classes(member)]


def type_of(kind: type[BaseModel]) -> str:
    return str(get_args(kind.model_fields["type"].annotation)[0])


def own(kind: type[BaseModel], base: type[BaseModel]) -> set[str]:
    return set(kind.model_fields) - set(base.model_fields) - {"type"}


def settings() -> Iterator[tuple[str, set[str]]]:
    """Sections of configuration.md, and the settings that each has to describe."""
    yield "Top level", set(Config.model_fields)
    yield "Brands", set(BrandBlock.model_fields)
    yield "Reach", set(ReachBlock.model_fields)
    yield "Reread", set(RereadBlock.model_fields)
    yield "Retain", set(RetainBlock.model_fields)
    yield "Evidence", set(EvidenceBlock.model_fields)
    yield "Push", {*PushBlock.model_fields, *FeedBlock.model_fields}
    yield "Watch", {*WatchBlock.model_fields, *SenderBlock.model_fields}
    yield "Every source", {"type", *Source.model_fields}
    yield from ((name, own(kind, Source)) for name, kind in SOURCE_TYPES.items())
    yield "Model", {field for kind in classes(AnyModel) for field in kind.model_fields}
    yield "Every channel", {"type", *Notifier.model_fields}
    yield from ((type_of(kind), own(kind, Notifier)) for kind in classes(AnyNotifier))
    yield "Rules", {field for kind in classes(AnyRule) for field in kind.model_fields}


@pytest.mark.parametrize(
    ("title", "names"), list(settings()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_setting_is_described_in_its_section(title: str, names: set[str]) -> None:
    assert names <= documented(section(page("configuration.md"), title))


def test_no_setting_is_described_that_does_not_exist() -> None:
    exist = {name for _, names in settings() for name in names}
    assert documented(page("configuration.md")) <= exist


def test_the_settings_of_rules_are_the_same_in_both_pages() -> None:
    of_rules = section(page("rules.md"), "Settings of a rule")
    assert documented(of_rules) == documented(section(page("configuration.md"), "Rules"))


@pytest.mark.parametrize("text", [page.read_text(encoding="utf-8") for page in PAGES], ids=[p.name for p in PAGES])
def test_yaml_in_the_documents_is_a_valid_part_of_the_shipped_file(text: str, tmp_path: Path) -> None:
    """A block that begins with `# config.yaml` is a whole file; any other is put into the shipped one."""
    for number, block in enumerate(blocks(text, "yaml")):
        shipped = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
        whole = {} if block.startswith("# config.yaml") else shipped
        for key, value in yaml.safe_load(block).items():
            whole[key] = whole.get(key, {}) | value if isinstance(value, dict) else value
        file = tmp_path / f"{number}.yaml"
        file.write_text(json.dumps(whole), encoding="utf-8")
        load_config(file, dict.fromkeys(SECRET.findall(block), "made-up-and-long-enough"))


def dotted(facts: Any, above: str = "") -> Iterator[str]:
    for name, kind in get_type_hints(facts).items():
        yield from dotted(kind, f"{above}{name}.") if is_dataclass(kind) else [above + name]


@pytest.mark.parametrize(
    ("title", "facts"),
    [
        ("A post", PostFacts),
        ("An entry of a hot list", HotView),
        ("A source", SourceView),
        ("Scoring", ScoringView),
    ],
)
def test_rules_lists_exactly_the_fields_that_an_expression_may_ask_for(title: str, facts: type[Any]) -> None:
    assert documented(section(page("rules.md"), title)) == set(dotted(facts))


def test_every_example_of_an_expression_can_be_read() -> None:
    examples = [line for block in blocks(page("rules.md"), "expression") for line in block.splitlines()]
    assert examples
    for example in examples:
        Expression(example, PostFacts)


def test_every_shipped_rule_is_explained() -> None:
    shipped = load_config(ROOT / "config.yaml", {}).rules
    assert set(shipped) <= documented(section(page("rules.md"), "The shipped rules"))


def test_sources_explains_exactly_the_reasons_that_a_visit_can_give() -> None:
    of_answers = {outcome.value for outcome in Outcome} | {"TLS failure"}
    known = of_answers | {reason for _, reason, *_ in (*REASONS, *IGNORED, *BY_THEIR_WORDS)}
    assert documented(section(page("sources.md"), "What each refusal means")) == known


def test_sources_explains_exactly_the_errors_of_weibos_open_api() -> None:
    rows = re.findall(r"^\| (\d.*?) \| `(\w+)` \|", section(page("sources.md"), "weibo-api"), re.MULTILINE)
    told = {int(code): outcome for codes, outcome in rows for code in codes.split(", ")}
    assert told == {code: outcome.value for code, (outcome, _) in ERRORS.items()}


def test_every_source_type_has_its_section() -> None:
    for name in SOURCE_TYPES:
        assert section(page("sources.md"), name)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    path = tmp_path / "fresh.db"
    SqliteStore(path).close()
    connection = sqlite3.connect(path)
    yield connection
    connection.close()


def test_store_describes_exactly_the_tables_and_columns_that_there_are(database: sqlite3.Connection) -> None:
    listed = database.execute("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type <> 'shadow'")
    tables = [name for (name,) in listed if not name.startswith("sqlite_")]
    assert len(tables) > 10
    for table in tables:
        columns = {row[1] for row in database.execute(f"PRAGMA table_info({table})")}
        assert documented(section(page("store.md"), table)) == columns


def test_store_names_every_table_that_only_postgresql_has(database: sqlite3.Connection, postgres_url: str) -> None:
    import psycopg  # noqa: PLC0415 - an extra that may be missing

    open_store(postgres_url).close()
    shared = {name for (name,) in database.execute("SELECT name FROM pragma_table_list WHERE schema = 'main'")}
    with psycopg.connect(postgres_url) as connection:
        listed = connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace "
            "AND relkind IN ('r', 'p', 'v') AND NOT relispartition"
        ).fetchall()
        columns = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"
        ).fetchall()
    there = {name for (name,) in listed}
    only_here = documented(section(page("store.md"), "On PostgreSQL"))
    assert there - shared <= only_here
    assert only_here <= there | {"engine_migration", "procrastinate_*", "moving", "moving_table"}
    both = there & shared
    assert both
    extra = {"mention": {"words"}}
    extra |= {
        table: {"first_seen"}
        for table in ("mention_brand", "engagement", "hot", "revision", "score", "evidence", "gone")
    }
    with psycopg.connect(postgres_url) as connection:
        for query in blocks(page("store.md"), "postgresql"):
            connection.execute(query.encode())
    for table in both:
        told = documented(section(page("store.md"), table)) | extra.get(table, set()) | {"n"}
        assert {column for name, column in columns if name == table} <= told, table


def test_every_query_of_store_runs(database: sqlite3.Connection) -> None:
    queries = blocks(page("store.md"), "sql")
    assert len(queries) >= 10
    for query in queries:
        database.executescript(query)


def commands() -> Iterator[tuple[str, ...]]:
    for command in app.registered_commands:
        yield (str(command.name or getattr(command.callback, "__name__", "")),)
    for group in app.registered_groups:
        inside = group.typer_instance
        assert isinstance(inside, typer.Typer)
        yield from (
            (str(group.name), str(command.name or getattr(command.callback, "__name__", "")))
            for command in inside.registered_commands
        )


@pytest.mark.parametrize("readme", READMES)
def test_the_readme_lists_exactly_the_commands_that_there_are(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    groups = {path[0] for path in commands() if len(path) > 1}
    listed: set[tuple[str, ...]] = set()
    for row in re.findall(r"^\| (`tingfeng [^|]*) \|", text, re.MULTILINE):
        first, *others = re.findall(r"\b[a-z]+\b", row.replace("tingfeng", ""))
        listed |= {(first, other) for other in others} if first in groups else {(first,), *((o,) for o in others)}
    assert listed == set(commands())


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_relative_link_leads_somewhere(path: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
        target, _, heading = link.partition("#")
        if "://" in target:
            continue
        file = path.parent / target if target else path
        assert file.exists(), link
        assert not heading or heading in anchors(file), link


def anchors(file: Path) -> set[str]:
    """How GitHub names the headings of a page."""
    titles = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_both_readmes_lead_to_the_same_pages() -> None:
    english, chinese = (re.findall(r"\]\((docs/[^)]+)\)", (ROOT / name).read_text("utf-8")) for name in READMES)
    assert english == chinese
