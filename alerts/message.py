"""From the facts in the outbox to the words that a person reads at 3 a.m."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from alerts.language import Language

Privacy = Literal["full", "minimal"]
GIST = 60
"""Characters of an ordinary author's post that a channel with minimal privacy gets."""
QUOTE = 400
"""Characters of a post that any channel gets; the rest is behind the link."""
SIGNS = {"blue": "🔵", "yellow": "🟡", "orange": "🟠", "red": "🔴"}
BARS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class Section:
    """A titled paragraph of a message."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """What a channel shows, before the channel's own markup. All texts are plain; nothing in them is escaped."""

    incident: int
    severity: str
    headline: str
    quote: str
    sections: tuple[Section, ...]
    link: str | None
    link_label: str
    footer: str

    def text(self) -> str:
        """The whole message as plain text."""
        lines = [self.headline]
        if self.quote:
            lines.append(f"「{self.quote}」")
        for section in self.sections:
            lines.append(f"【{section.title}】")
            lines += [f"  {line}" for line in section.lines]
        if self.link:
            lines.append(f"{self.link_label}: {self.link}")
        return "\n".join((*lines, self.footer))


def render(
    facts: dict[str, Any],
    *,
    language: Language,
    privacy: Privacy,
    now: datetime,
    repeat_of: int | None = None,
) -> Message:
    """The message for the facts of one notification.

    `repeat_of` is the notification's number if an earlier attempt may have arrived: the reader is told.
    `privacy` "minimal" masks ordinary authors and gives the gist of what they wrote; 大V are public and named.
    """
    _ = language
    sections: Sequence[Section]
    if facts["kind"] == "post":
        public = privacy == "full" or (facts["mention"]["author"] or {}).get("reach") == "big_v"
        quote = _cut(_text(facts["mention"]), QUOTE if public else GIST)
        sections = tuple(_post_sections(facts, language, public=public, now=now))
        link = facts["mention"]["url"]
    else:
        quote, link = "", None
        sections = tuple(_health_sections(facts, language, now))
    footer = _(
        "Incident #{id} · rule {rule} · {at}",
        id=facts["incident"],
        rule=facts["rule"],
        at=_.moment(datetime.fromisoformat(facts["alerted"])),
    )
    if repeat_of is not None:
        footer += " · " + _("possibly a repeat of #{id}", id=repeat_of)
    return Message(
        incident=facts["incident"],
        severity=facts["severity"],
        headline=_headline(facts, language),
        quote=quote,
        sections=tuple(sections),
        link=link,
        link_label=_("Original post"),
        footer=footer,
    )


def _headline(facts: dict[str, Any], _: Language) -> str:
    if facts["kind"] == "recovery":
        return "✅ " + _("Over: {title} ({subject})", title=facts["title"], subject=facts["subject"])
    level = _({"blue": "BLUE", "yellow": "YELLOW", "orange": "ORANGE", "red": "RED"}[facts["severity"]])
    about = facts["brand"] or facts.get("subject") or ""
    rose = " · " + _("level has risen") if facts["change"] == "rose" else ""
    said = _("[{level}] {about}: {title}", level=level, about=about, title=facts["title"])
    return f"{SIGNS[facts['severity']]} {said}{rose}"


def _post_sections(facts: dict[str, Any], language: Language, *, public: bool, now: datetime) -> Iterator[Section]:
    _ = language
    yield Section(_("Who"), (_who(facts["mention"], language, public=public),))
    yield Section(_("Why you are told"), tuple(_reasons(facts, language)))
    yield Section(_("Spread so far"), tuple(_spread(facts, language)))
    yield Section(_("Detection clock"), (_clock(facts, language),))
    yield Section(_("How fresh the sources are"), tuple(_freshness(facts["sources"], language, now)))


def _health_sections(facts: dict[str, Any], language: Language, now: datetime) -> Iterator[Section]:
    _ = language
    if facts["kind"] == "health":
        reasons = [_term(term, language) for term in facts["terms"]]
        if facts["error"]:
            reasons.append(_("Error: {error}", error=facts["error"]))
        yield Section(_("Why you are told"), tuple(reasons))
        yield Section(_("What this means"), (_("Until it is over, quiet does not mean that nothing is said."),))
    else:
        lasted = datetime.fromisoformat(facts["alerted"]) - datetime.fromisoformat(facts["opened"])
        yield Section(_("What happened"), (_("It lasted {span}.", span=_.span(lasted)),))
    yield Section(_("How fresh the sources are"), tuple(_freshness(facts["sources"], language, now)))


def _text(mention: dict[str, Any]) -> str:
    title, text = mention["title"], mention["text"]
    return f"{title} — {text}" if title and title not in text else text


def _cut(text: str, length: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= length else flat[:length] + "…"


def _who(mention: dict[str, Any], _: Language, *, public: bool) -> str:
    author = mention["author"]
    platform = _(PLATFORMS.get(mention["platform"], mention["platform"]))
    if author is None:
        return _("an unnamed author on {platform}", platform=platform)
    name = author["name"] if public or not author["name"] else author["name"][0] + "**"
    followers = _.count(author["followers"], at_least=author["followers_at_least"])
    parts = [
        _({"big_v": "big V", "kol": "KOL", "ordinary": "ordinary user"}[author["reach"]]),
        _("{n} followers", n=followers),
        _verification(author, _),
    ]
    where = platform + (f" · {mention['region']}" if mention["region"] else "")
    return f"{name} ({' · '.join(part for part in parts if part)}) · {where}"


def _verification(author: dict[str, Any], _: Language) -> str:
    if not author["verified"]:
        return "" if author["verified"] is None else _("not verified")
    kind = _(VERIFICATION.get(author["verified_type"], "verified"))
    return f"{kind}: {author['verified_reason']}" if author["verified_reason"] else kind


def _reasons(facts: dict[str, Any], language: Language) -> Iterator[str]:
    _ = language
    for term in facts["terms"]:
        yield _term(term, language)
    if facts["words"]:
        yield _("watched words: {words}", words=" · ".join(facts["words"]))
    score = facts["score"]
    if score:
        words = " · ".join(score["words"])
        yield _("negativity {n} (model {model})", n=f"{score['negativity']:.2f}", model=score["model"]) + (
            "; " + _("negative words: {words}", words=words) if words else ""
        )


def _term(term: dict[str, Any], _: Language) -> str:
    field = _(FIELDS.get(term["field"], term["field"]))
    if term["operator"] == "is":
        return field if term["value"] else _("not: {field}", field=field)
    value, threshold = (_value(term[name], _) for name in ("value", "threshold"))
    if term["operator"] in {"==", "in", "contains"}:
        return f"{field}: {value}" if term["operator"] != "contains" else f"{field}: {threshold}"
    sign = {">=": "≥", "<=": "≤", "!=": "≠"}.get(term["operator"], term["operator"])
    return f"{field} {value} {sign} {threshold}"


def _value(value: Any, _: Language) -> str:
    if isinstance(value, bool | str):
        return _(str(value))
    if isinstance(value, list):
        return " / ".join(str(item) for item in value)
    return _.count(value)


def _spread(facts: dict[str, Any], language: Language) -> Iterator[str]:
    _ = language
    counts, capped = facts["counts"], facts["counts"]["at_least"]
    yield " · ".join(
        _(name, n=_.count(counts[key], at_least=key in capped))
        for key, name in (
            ("reposts", "{n} reposts"),
            ("comments", "{n} comments"),
            ("likes", "{n} likes"),
            ("views", "{n} views"),
        )
        if counts[key] is not None
    ) or _("the site shows no counts")
    if facts["growth"]["reposts_10m"]:
        grown = _("+{n} reposts in 10 minutes", n=_.count(facts["growth"]["reposts_10m"]))
        curve = _curve(facts["curve"])
        yield grown + (f"  {curve}" if curve else "")
    if facts["voices"]:
        names = (f"{v['name']} ({_.count(v['followers'])})" for v in facts["voices"])
        yield _("passed on by: {names}", names=", ".join(names))
    posts = sum(facts["platforms"].values())
    if posts > 1:
        where = ", ".join(f"{_(PLATFORMS.get(p, p))} {n}" for p, n in facts["platforms"].items())
        yield _("{n} posts in this incident: {where}", n=posts, where=where)


def _curve(values: Sequence[int]) -> str:
    if len(set(values)) <= 1:
        return ""
    low, high = min(values), max(values)
    return "".join(BARS[round((value - low) / (high - low) * (len(BARS) - 1))] for value in values)


def _clock(facts: dict[str, Any], language: Language) -> str:
    _ = language
    steps = [
        (_("posted"), facts["clock"]["published"]),
        (_("seen"), facts["clock"]["seen"]),
        (_("scored"), facts["clock"]["scored"]),
        (_("alerted"), facts["alerted"]),
    ]
    parts, before = [], None
    for name, iso in steps:
        if iso is None:
            continue
        at = datetime.fromisoformat(iso)
        parts.append(f"{name} {_.clock(at)}" if before is None else f"{name} +{_.span(at - before)}")
        before = at
    return " → ".join(parts)


def _freshness(sources: Sequence[dict[str, Any]], language: Language, now: datetime) -> Iterator[str]:
    _ = language
    for source in sources:
        last = source["last_success"]
        said = (
            _("never read so far")
            if last is None
            else _("read {span} ago", span=_.span(max(now - datetime.fromisoformat(last), timedelta())))
        )
        notes = [f"{_(reason)} ×{n}" for reason, n in source["blocked"].items()]
        notes += [_("page cap hit")] if source["cap_hit"] else []
        notes += [source["error"]] if source["error"] else []
        yield f"{source['name']}: {said}" + (f" ({'; '.join(notes)})" if notes else "")


PLATFORMS = {"weibo": "Weibo", "discuz": "forum", "v2ex": "V2EX", "rss": "RSS"}
VERIFICATION = {
    0: "personal V",
    1: "government",
    2: "enterprise",
    3: "media",
    4: "campus",
    5: "website",
    6: "app",
    7: "organisation",
}
FIELDS = {
    "author.is_big_v": "the author is a big V",
    "author.is_kol": "the author is a KOL",
    "author.followers": "followers of the author",
    "author.verified": "the author is verified",
    "author.reach": "reach of the author",
    "engagement.reposts": "reposts",
    "engagement.comments": "comments",
    "engagement.likes": "likes",
    "engagement.views": "views",
    "velocity.reposts_10m": "reposts in 10 minutes",
    "velocity.comments_10m": "comments in 10 minutes",
    "velocity.likes_10m": "likes in 10 minutes",
    "velocity.reposts_30m": "reposts in 30 minutes",
    "velocity.comments_30m": "comments in 30 minutes",
    "velocity.likes_30m": "likes in 30 minutes",
    "score.label": "sentiment",
    "score.negativity": "negativity",
    "mention.is_repost": "it is a repost",
    "mention.platform": "platform",
    "mention.age_minutes": "age in minutes",
    "words.length": "watched words found",
    "source.minutes_since_success": "minutes since the last successful read",
    "source.minutes_since_new": "minutes since anything new",
    "source.minutes_since_run": "minutes since the last run",
    "source.blocked": "the source refuses",
    "source.cap_hit": "a page cap was hit",
    "scoring.waiting": "mentions waiting for a score",
    "scoring.oldest_minutes": "minutes that the oldest waits",
    "scoring.quarantined": "mentions set aside after failing",
    "scoring.failing": "the model cannot run",
}
