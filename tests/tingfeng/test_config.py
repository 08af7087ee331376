"""config.yaml: every mistake at once, each at its place."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from alerts.notifiers import Slack
from alerts.repolling import Schedule
from crawlers.sources import SOURCE_TYPES
from mentions.brands import BrandMatcher
from tingfeng.config import BadConfig, Config, load_config

PROJECT = Path(__file__).parents[2] / "config.yaml"
GOOD = {
    "brands": "brands: {星河: {}}",
    "sources": "sources: {v2ex: {type: v2ex}}",
    "channels": "channels: {desk: {type: console}}",
    "rules": "rules: {any: {type: post, title: 负面, severity: red}}",
}
TAG = "tag:yaml.org,2002:"
Load = Callable[..., Config]
Complain = Callable[..., list[str]]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def loaded(text: str = "", /, *, environment: dict[str, str] | None = None, **parts: str) -> Config:
        """The good file with some blocks replaced, and some text behind it."""
        path = tmp_path / "config.yaml"
        path.write_text("\n".join([*(GOOD | parts).values(), dedent(text)]), encoding="utf-8")
        return load_config(path, environment or {})

    return loaded


@pytest.fixture
def complain(tmp_path: Path) -> Complain:
    def complaints(text: str | bytes, **environment: str) -> list[str]:
        """What is wrong with a whole file: "line:column: message"."""
        path = tmp_path / "config.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        with pytest.raises(BadConfig) as caught:
            load_config(path, environment)
        assert str(caught.value) == "\n".join(str(mistake) for mistake in caught.value.mistakes)
        return [str(mistake).removeprefix(f"{path}:") for mistake in caught.value.mistakes]

    return complaints


CRON = "write a duration (2m, 1h) or a cron line (*/5 * * * *)"
BROKEN = """\
nonsense: 1
language: fr
timezone: Mars/Base
resolve_after: soon
reread: {every: 0s, suspect: autor.x}
brands:
  星河:
    aliases: ["\\u200b", 360]
    colour: red
  空:
sources:
  a: {type: v2ex, schedule: "* * *"}
  b: {type: weibo2}
  c: {schedule: 5m}
  d: {type: rss, feeds: [http://x.test/], max_pages: many}
  d: {type: v2ex}
channels:
  chat: {type: slack, token: "${NO_TOKEN}", channel: "#x"}
  hook: {type: webhook, url: nowhere}
rules:
  one:
    type: post
    title: x
    when: author.folowers > 5
    levels:
      purple: "true"
      orange: author.name > 5
      red: mention.text
    notify: [chatt, [x]]
    brands: [星, 星河]
  two: {type: post, title: t}
  three: {type: source, title: t, severity: red, sources: [a, z], when: author.is_kol}
"""


def test_everything_that_is_wrong_is_said_at_once_at_its_place(complain: Complain) -> None:
    assert complain(BROKEN) == [
        "1:1: nonsense: there is no such setting",
        "2:1: language: Input should be 'zh_CN' or 'en'",
        "3:1: timezone: 'Mars/Base' is no time zone: write Asia/Shanghai",
        "4:1: resolve_after: 'soon' is no duration: write 30s, 5m, 2h, 1d or 1h30m",
        "5:10: reread.every: has to be longer than nothing",
        "5:21: reread.suspect: 'autor.x': unknown symbol: 'autor'; did you mean 'author'?",
        "8:15: brands.星河.aliases.0: '\\u200b' holds nothing that can be looked for",
        "9:5: brands.星河.colour: there is no such setting",
        "10:3: brands.空: a block of settings belongs here",
        f"12:19: sources.a.schedule: '* * *' is no schedule: {CRON}",
        f"13:7: sources.b: there is no type 'weibo2' (there is: {', '.join(map(repr, SOURCE_TYPES))})",
        "14:3: sources.c: 'type' is missing",
        "16:3: 'd' stands here twice",
        "18:30: ${NO_TOKEN} is not set in the environment",
        "19:25: channels.hook.url: Input should be a valid URL, relative URL without a base",
        "24:5: rules.one.when: 'author.folowers > 5': unknown attribute: 'folowers'; did you mean 'followers'?",
        "26:7: rules.one.levels.purple: 'purple' is no severity: blue, yellow, orange or red",
        "27:7: rules.one.levels.orange: 'author.name > 5': data type mismatch",
        "28:7: rules.one.levels.red: 'mention.text' is a text, not a condition",
        "29:14: rules.one.notify.0: there is no 'chatt' under channels (there is: chat, hook)",
        "29:21: rules.one.notify.1: Input should be a valid string",
        "30:14: rules.one.brands.0: there is no '星' under brands (there is: 星河, 空)",
        "31:3: rules.two: a rule needs either a severity or levels",
        "32:63: rules.three.sources.1: there is no 'z' under sources (there is: a, b, c, d)",
        "32:67: rules.three.when: 'author.is_kol': unknown symbol: 'author'; did you mean 'source'?",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ["1:1: the file is empty"]),
        ("# nothing\n", ["1:1: the file is empty"]),
        ("- a\n- b\n", ["1:1: a block of settings belongs here"]),
        ("hello", ["1:1: a block of settings belongs here"]),
        (b"\xff\xfe", ["1:1: cannot be read: it is not UTF-8 text"]),
        (b"\xd0\xc7\xba\xd3", ["1:1: cannot be read: it is not UTF-8 text"]),
        ("a: 1\nb: x\x01", ["2:5: this is not YAML: the character U+0001 cannot stand in it"]),
        (
            "a: [1\nb: 2",
            ["2:2: this is not YAML: while parsing a flow sequence, expected ',' or ']', but got ':'"],
        ),
        ("a: *b", ["1:4: this is not YAML: found undefined alias 'b'"]),
        ("a: &x [*x]", ["1:1: this is not YAML: it is nested too deep, or holds itself"]),
        ("[" * 5000, ["1:1: this is not YAML: it is nested too deep, or holds itself"]),
        (
            "a: 1\n---\nb: 2",
            ["2:1: this is not YAML: expected a single document in the stream, but found another document"],
        ),
        (
            "a: !!python/name:os.system",
            [f"1:4: this is not YAML: could not determine a constructor for the tag '{TAG}python/name:os.system'"],
        ),
        ("{}", [f"1:1: {name!r} is missing" for name in ("brands", "channels", "rules", "sources")]),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_what_is_no_configuration_is_a_sentence(complain: Complain, text: str | bytes, said: list[str]) -> None:
    assert complain(text) == said


def test_a_missing_file_or_a_folder_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match=r"none\.yaml:1:1: cannot be read: No such file or directory"):
        load_config(tmp_path / "none.yaml", {})
    with pytest.raises(BadConfig, match="1:1: cannot be read: Is a directory"):
        load_config(tmp_path, {})


def test_the_projects_own_file_loads_without_an_environment() -> None:
    config = load_config(PROJECT, {})
    assert config.store == str(PROJECT.parent / "data/tingfeng.db")
    assert set(config.alerting().book.posts) == {"小米", "苹果"}
    assert list(config.enabled_sources()) == ["v2ex", "news", "hot"]


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + "\n".join(GOOD.values()).encode())
    assert list(load_config(path, {}).brands) == ["星河"]


def test_the_store_is_beside_the_file(load: Load, tmp_path: Path) -> None:
    assert load("store: 数据/a.db").store == str(tmp_path / "数据/a.db")
    assert load("store: /var/a.db").store == "/var/a.db"


SLACK = 'channels: {chat: {type: slack, token: "${TOKEN}", channel: "#${ROOM}"}}'


def test_secrets_come_from_the_environment(load: Load) -> None:
    config = load(channels=SLACK, environment={"TOKEN": "xoxb-geheim", "ROOM": "pr"})
    chat = config.channels["chat"]
    assert isinstance(chat, Slack)
    assert (chat.token.get_secret_value(), chat.channel) == ("xoxb-geheim", "#pr")
    assert "geheim" not in f"{config!r}{config}"


@pytest.mark.parametrize("environment", [{}, {"TOKEN": "", "ROOM": ""}])
def test_each_secret_that_is_not_set_is_named(load: Load, environment: dict[str, str]) -> None:
    with pytest.raises(BadConfig, match=r"\$\{TOKEN\} is not set(.|\n)*\$\{ROOM\} is not set"):
        load(channels=SLACK, environment=environment)


@pytest.mark.parametrize("secret", ["geheim-42", "geheim'\\x\n口令"])
def test_a_secret_in_the_wrong_place_is_not_quoted(load: Load, secret: str) -> None:
    with pytest.raises(BadConfig) as caught:
        load(
            """
            timezone: ${SECRET}
            resolve_after: ${SECRET}
            reread: {suspect: "${SECRET}"}
            """,
            rules='rules: {r: {type: "${SECRET}"}, q: {type: post, severity: "${SECRET}", brands: ["${SECRET}"]}}',
            environment={"SECRET": secret},
        )
    assert "geheim" not in str(caught.value)
    assert len(caught.value.mistakes) == 8
    assert "timezone: what ${SECRET} holds does not fit here" in str(caught.value)
    assert "there is no '${SECRET}' under brands" in str(caught.value).replace('"', "'")


def test_a_value_from_the_environment_is_not_read_again(load: Load) -> None:
    config = load(channels=SLACK, environment={"TOKEN": "xoxb-${ROOM}", "ROOM": "pr"})
    chat = config.channels["chat"]
    assert isinstance(chat, Slack)
    assert chat.token.get_secret_value() == "xoxb-${ROOM}"


def test_anchors_and_merged_blocks_work(load: Load) -> None:
    sources = """\
sources:
  a: &base {type: rss, feeds: [http://a.test/], delay: 9s, max_pages: 2}
  b:
    <<: *base
    delay: 3s
"""
    found: dict[str, Any] = load(sources=sources).sources
    assert [(s.delay, s.max_pages, s.feeds) for s in found.values()] == [
        (timedelta(seconds=9), 2, found["a"].feeds),
        (timedelta(seconds=3), 2, found["a"].feeds),
    ]


def test_a_mistake_in_a_merged_block_is_found_where_it_stands(complain: Complain) -> None:
    text = "\n".join(
        [
            *("brands: {星河: {}}", "channels: {desk: {type: console}}", "sources:"),
            *("  a: &base {type: v2ex, delay: soon}", "  b:", "    <<: *base", "    max_pages: 2", GOOD["rules"]),
        ]
    )
    said = "'soon' is no duration: write 30s, 5m, 2h, 1d or 1h30m"
    assert complain(text) == [f"4:25: sources.a.delay: {said}", f"4:25: sources.b.delay: {said}"]


def test_a_secret_in_an_anchor_is_missed_once(complain: Complain) -> None:
    text = "\n".join(GOOD.values()) + "\ncontact: &c ${NOBODY}\nstore: *c\n"
    assert complain(text) == ["5:10: ${NOBODY} is not set in the environment"]


BRANDS = "brands: {360: {aliases: [360, 7.10, 001, 2026-01-01, 1:30, 1_0]}, ON: {aliases: [on, no, 昂跑]}}"


def test_names_that_look_like_numbers_or_yes_and_no_are_names(load: Load) -> None:
    config = load(
        brands=BRANDS,
        rules="rules: {315: {type: post, title: 315, severity: red, brands: [360, ON], words: [315, 3.15]}}",
    )
    assert list(config.brands) == ["360", "ON"]
    assert config.brands["360"].aliases == ["360", "7.10", "001", "2026-01-01", "1:30", "1_0"]
    assert config.brands["ON"].aliases == ["on", "no", "昂跑"]
    assert [name for name, _ in config.alerting().book.posts["ON"]] == ["315"]
    assert BrandMatcher(config.watched()).match("360又出事了") == ("360",)


def test_settings_still_read_numbers_and_yes_and_no(load: Load) -> None:
    config = load(
        "story_speed: 2.5\nreach: {big_v: 1000000}",
        sources="sources: {a: {type: v2ex, enabled: false, max_pages: 3}, b: {type: v2ex, enabled: yes}}",
    )
    assert (config.story_speed, config.reach.big_v, config.sources["a"].max_pages) == (2.5, 1_000_000, 3)
    assert list(config.enabled_sources()) == ["b"]


def test_a_level_that_always_holds_needs_no_quotes(load: Load) -> None:
    config = load(rules="rules: {r: {type: post, title: t, levels: {blue: true}}}")
    assert config.rules["r"].levels == {1: "true"}


def test_the_same_name_in_two_writings_is_there_twice(complain: Complain) -> None:
    text = "\n".join(GOOD.values()).replace("{星河: {}}", '{360: {}, "360": {}}')
    assert complain(text) == ["1:19: '360' stands here twice"]


@pytest.mark.parametrize("block", ["aliases", "ambiguous", "context", "exclude", "search"])
def test_a_phrase_with_nothing_in_it_is_a_mistake_at_its_place(complain: Complain, block: str) -> None:
    text = "\n".join(GOOD.values()).replace("{星河: {}}", f'{{星河: {{{block}: [好, " "]}}}}')
    (said,) = complain(text)
    assert said.endswith(f"brands.星河.{block}.1: ' ' holds nothing that can be looked for")


def test_references_are_checked_also_where_types_are_wrong(complain: Complain) -> None:
    rules = (
        "rules: {a: {type: post, brands: [x], notify: [y, {z: 1}, ~]}, b: 5, c: {type: source, sources: weibo}}"
    )
    said = "\n".join(complain("\n".join((GOOD | {"rules": rules}).values())))
    for part in (
        "there is no 'x' under brands",
        "there is no 'y' under channels",
        "rules.b: ",
        "rules.c.sources: ",
    ):
        assert part in said


APPROVAL = "a signed-in source is off until approved_by and approval_reason say who allowed it and why"
ROBOTS = "obey_robots: false needs robots_reason, which is kept with every visit"
LEVEL = "a rule needs either a severity or levels"
SOON = "delay: 'soon' is no duration: write 30s, 5m, 2h, 1d or 1h30m"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{type: v2ex, obey_robots: no}", [ROBOTS]),
        ("{type: v2ex, delay: soon, obey_robots: no}", [ROBOTS, SOON]),
        ("{type: v2ex, collection: signed-in, obey_robots: no}", [APPROVAL, ROBOTS]),
        ("{type: weibo, cookie: '${C}', obey_robots: 'false', delay: soon}", [APPROVAL, ROBOTS, SOON]),
        ("{type: weibo, cookie: '${C}', enabled: no, obey_robots: yes, delay: soon}", [SOON]),
        ("{type: weibo, cookie: '${C}', approved_by: a, approval_reason: b, delay: soon}", [SOON]),
        (
            "{type: weibo, cookie: '${C}', collection: public, delay: soon}",
            ["a source with a cookie is signed-in: write collection: signed-in", SOON],
        ),
        ("{type: rss, delay: soon}", ["feeds is empty: name at least one feed by its address", SOON]),
        ("{type: rss, enabled: no, delay: soon}", [SOON]),
        ("{type: rss, feeds: [x]}", ["feeds: the feed 'x' is no http(s) address"]),
        ("{type: v2ex, obey_robots: maybe, enabled: [x]}", ["enabled: ", "obey_robots: "]),
    ],
)
def test_what_a_source_lacks_is_said_beside_its_other_mistakes_once(
    complain: Complain, source: str, said: list[str]
) -> None:
    found = complain("\n".join((GOOD | {"sources": f"sources: {{a: {source}}}"}).values()), C="a=b")
    assert len(found) == len(said)
    for part in said:
        assert any(re.search(rf"sources\.a(: |\.){re.escape(part)}", one) for one in found), (part, found)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("{type: post, title: t}", [f"4:9: rules.r: {LEVEL}"]),
        (
            "{type: post, tilte: t}",
            [
                "4:9: rules.r: 'title' is missing",
                f"4:9: rules.r: {LEVEL}",
                "4:25: rules.r.tilte: there is no such setting",
            ],
        ),
        (
            '{type: source, title: t, severity: pink, levels: {red: "true"}}',
            [
                f"4:9: rules.r: {LEVEL}",
                "4:37: rules.r.severity: 'pink' is no severity: blue, yellow, orange or red",
            ],
        ),
        (
            "{type: post, title: t, levels: {pink: true}}",
            ["4:44: rules.r.levels.pink: 'pink' is no severity: blue, yellow, orange or red"],
        ),
    ],
)
def test_that_a_rule_needs_a_level_is_said_beside_its_other_mistakes_once(
    complain: Complain, rule: str, said: list[str]
) -> None:
    assert complain("\n".join((GOOD | {"rules": f"rules: {{r: {rule}}}"}).values())) == said


@pytest.mark.parametrize("block", ["5", "~", "[x]", "{type: [x]}", "{type: {a: b}}", "{~: x, 1: y}", "{}"])
@pytest.mark.parametrize("section", ["sources", "rules"])
def test_a_block_of_any_shape_is_a_sentence_at_its_place(complain: Complain, section: str, block: str) -> None:
    found = complain("\n".join((GOOD | {section: f"{section}: {{a: {block}}}"}).values()))
    assert all(f"{section}.a" in one for one in found)


def test_a_value_that_a_field_never_has_is_found_where_it_is_asked_for(complain: Complain) -> None:
    text = "\n".join(GOOD.values()) + "\nreread: {suspect: score.label == 'negativ'}"
    (said,) = complain(text)
    assert said.startswith("5:10: reread.suspect: ")
    assert said.endswith("did you mean 'negative'?")


def test_what_is_built_from_the_file_is_what_it_says(load: Load) -> None:
    config = load(
        "language: en\ntimezone: UTC\nresolve_after: 2h\nreach: {big_v: 9}\n"
        "reread: {every: 30s, calm: 9m, big_v: 5m, until: 3h, share: .2}"
    )
    told, reader = config.alerting(), config.reader()
    assert (reader.tag, str(reader.zone)) == ("en", "UTC")
    looks = Schedule(timedelta(seconds=30), timedelta(minutes=9), timedelta(minutes=5), timedelta(hours=3))
    assert (told.resolve_after, told.looks, config.reread.share) == (timedelta(hours=2), looks, 0.2)
    assert (told.thresholds.big_v, told.channels, told.sources) == (9, ("desk",), ("v2ex",))


@pytest.mark.parametrize(
    "setting", ["tick: 0s", "resolve_after: 0m", "reread: {every: 0s}", "resolve_after: 9999999999d"]
)
def test_a_span_of_nothing_or_for_ever_is_refused(load: Load, setting: str) -> None:
    with pytest.raises(BadConfig, match="longer than"):
        load(setting)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql://me:ge@heim@host/db", "more than one @"),
        ("postgresql://me:100%@host/db", "cannot be read"),
        ("postgresql://me:geheim@host/db?bogus=1", "cannot be read"),
        ("mysql://me:geheim@host/db", "is a file's path, or postgresql://"),
    ],
)
def test_an_address_that_cannot_be_one_is_named_and_its_password_is_not(
    address: str, said: str, complain: Complain
) -> None:
    (found,) = complain("\n".join([*GOOD.values(), f'store: "{address}"']))
    assert said in found
    assert "heim" not in found


PLAIN = "a secret stands in the file: write ${NAME}, and set it in the environment"


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ("sources: {w: {type: weibo, enabled: no, cookie: SUB=abc}}", "1:49: cookie"),
        ("sources: {w: {type: weibo-api, enabled: no, token: abc}}", "1:52: token"),
        ("sources: {v: {type: v2ex, headers: {X-Api-Key: abc}}}", "1:48: X-Api-Key"),
        ("push: {feeds: {v: {token: 0123456789abcdef}}}", "1:27: token"),
        ("watch: {senders: {v: {token: 0123456789abcdef}}}", "1:30: token"),
        ("channels: {s: {type: slack, token: xoxb-1, channel: c}}", "1:36: token"),
        ("channels: {h: {type: webhook, url: 'https://a.test', authorization: abc}}", "1:69: authorization"),
    ],
)
def test_a_secret_that_stands_in_the_file_is_a_mistake_and_is_not_quoted(
    complain: Complain, block: str, said: str
) -> None:
    rest = (text for key, text in GOOD.items() if not block.startswith(key))
    assert complain("\n".join((block, *rest))) == [f"{said}: {PLAIN}"]


def test_a_sandbox_on_this_machine_keeps_no_secret(load: Load) -> None:
    base = '"http://127.0.0.1:9"'
    assert load(channels=f"channels: {{s: {{type: slack, token: xoxb-1, channel: c, base_url: {base}}}}}").channels
