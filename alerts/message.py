"""From the facts in the outbox to the words that a person reads at 3 a.m."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from alerts.language import Language
from alerts.names import ADVICE, PLATFORMS, SIGNALS
from alerts.privacy import NAME, QUOTE, Privacy, is_public, quoted_length, shown_name, who_wrote
from alerts.seeing import behind, freshness, unwatched
from alerts.spread import spread
from alerts.terms import term_words
from mentions.text import one_line

SIGNS = {"blue": "🔵", "yellow": "🟡", "orange": "🟠", "red": "🔴"}


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
    `privacy` "minimal" masks ordinary authors and gives the gist of what they wrote; 大V and institutions are
    public and named.
    """
    _ = language
    sections: Sequence[Section]
    if facts["kind"] in {"post", "change"}:
        quote = one_line(_text(facts["mention"]), quoted_length(facts, privacy))
        of_post = _post_sections if facts["kind"] == "post" else _change_sections
        sections = tuple(of_post(facts, language, privacy=privacy, now=now))
        link = facts["mention"]["url"] if facts["mention"]["url"].startswith(("http://", "https://")) else None
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
        about = _about(facts)
        return "✅ " + _("Over: {title} ({subject})", title=_(facts["title"]), subject=about)
    level = _({"blue": "BLUE", "yellow": "YELLOW", "orange": "ORANGE", "red": "RED"}[facts["severity"]])
    about = _about(facts)
    change = {
        "rose": _("level has risen"),
        "another": _("another post of incident #{id}", id=facts["incident"]),
        "edited": _("the post was edited"),
        "deleted": _("the post is gone"),
        "restored": _("the post is back"),
    }
    rose = f" · {change[facts['change']]}" if facts["change"] in change else ""
    said = _("[{level}] {about}: {title}", level=level, about=about, title=_(facts["title"]))
    return f"{SIGNS[facts['severity']]} {said}{rose}"


def _about(facts: dict[str, Any]) -> str:
    """Whom a message is about: a brand, a part of the watch, or how a source sees a brand."""
    return " · ".join(filter(None, (facts["brand"], facts.get("subject"))))


def _post_sections(
    facts: dict[str, Any], language: Language, *, privacy: Privacy, now: datetime
) -> Iterator[Section]:
    _ = language
    hot = facts.get("hot")
    if hot:
        yield Section(_("On the hot list"), (_standing(hot, facts["mention"]["platform"], language),))
    else:
        yield Section(_("Who"), (who_wrote(facts["mention"], language, privacy), *_doubts(facts, language)))
    yield Section(_("Why you are told"), tuple(_reasons(facts, language, privacy)))
    if not hot:
        yield Section(_("Spread so far"), tuple(spread(facts, language, privacy)))
    yield Section(_("Detection clock"), (_clock(facts, language),))
    yield Section(_("How fresh the sources are"), tuple(freshness(facts["sources"], language, now)))


def _change_sections(
    facts: dict[str, Any], language: Language, *, privacy: Privacy, now: datetime
) -> Iterator[Section]:
    _ = language
    yield Section(_("Who"), (who_wrote(facts["mention"], language, privacy),))
    yield Section(_("What happened"), tuple(_happened(facts, language, privacy)))
    yield Section(_("How fresh the sources are"), tuple(freshness(facts["sources"], language, now)))


def _happened(facts: dict[str, Any], _: Language, privacy: Privacy) -> Iterator[str]:
    seen = _.clock(datetime.fromisoformat(facts["seen"]))
    if facts["change"] == "edited":
        yield _("Seen to be edited at {at}.", at=seen)
        yield _("before: {words}", words=one_line(facts["before"] or "", quoted_length(facts, privacy)))
        yield _("after: {words}", words=one_line(facts["after"] or "", quoted_length(facts, privacy)))
    elif facts["change"] == "deleted":
        lasted = _.span(timedelta(minutes=facts["minutes"] or 0))
        yield _(
            "Not there any more since {at}, {span} after it was posted; a second look confirmed it.",
            at=seen,
            span=lasted,
        )
    else:
        yield _("It can be read again since {at}.", at=seen)
    yield _("Copies kept as evidence: {n}", n=facts["copies"])


def _health_sections(facts: dict[str, Any], language: Language, now: datetime) -> Iterator[Section]:
    _ = language
    if facts["kind"] == "health":
        reasons = [term_words(term, language) for term in facts["terms"]]
        if facts["error"]:
            reasons.append(_("Error: {error}", error=one_line(facts["error"], QUOTE)))
        reasons += behind(facts.get("condition"), language)
        yield Section(_("Why you are told"), tuple(reasons))
        yield Section(_("What this means"), (_("Until it is over, quiet does not mean that nothing is said."),))
        if advice := _advice(facts, language):
            yield Section(_("What to do"), advice)
    else:
        lasted = datetime.fromisoformat(facts["alerted"]) - datetime.fromisoformat(facts["opened"])
        yield Section(_("What happened"), (_("It lasted {span}.", span=_.span(lasted)),))
    watched = (*freshness(facts["sources"], language, now), *unwatched(facts.get("unwatched"), language))
    yield Section(_("How fresh the sources are"), watched)


def _advice(facts: dict[str, Any], _: Language) -> tuple[str, ...]:
    fields = [term["field"] for term in facts["terms"]]
    told = dict.fromkeys(ADVICE[field] for field in fields if field in ADVICE)
    return tuple(_(advice, subject=facts["subject"]) for advice in told)


def _text(mention: dict[str, Any]) -> str:
    title, text = mention["title"], mention["text"]
    return f"{title} — {text}" if title and title not in text else text


def _doubts(facts: dict[str, Any], _: Language) -> Iterator[str]:
    """What speaks against the post; a message that was written before that was asked says nothing."""
    judged = facts.get("authenticity")
    if judged:
        signs = (_(SIGNALS.get(r["signal"], r["signal"]), **r["numbers"]) for r in judged["reasons"])
        yield _("Perhaps not genuine ({n} of 1): {signs}", n=f"{judged['value']:.2f}", signs="; ".join(signs))


def _standing(hot: dict[str, Any], platform: str, _: Language) -> str:
    """Which list, where on it, with which tag, how hot, for how long."""
    parts = [_(PLATFORMS.get(platform, platform))]
    parts.append(_("No. {n}", n=hot["rank"]) if hot["rank"] else _("without a rank"))
    if hot["best_rank"] and hot["best_rank"] != hot["rank"]:
        parts.append(_("at best No. {n}", n=hot["best_rank"]))
    parts += [_("tag {tag}", tag=one_line(hot["tag"], NAME))] if hot["tag"] else []
    parts += [_("heat {n}", n=_.count(hot["heat"]))] if hot["heat"] else []
    return " · ".join([*parts, _("{span} on the list", span=_.span(timedelta(minutes=hot["minutes_on_list"])))])


def _reasons(facts: dict[str, Any], language: Language, privacy: Privacy) -> Iterator[str]:
    _ = language
    author = facts["mention"]["author"]
    if sender := facts.get("sender"):
        who, note = one_line(sender["who"], NAME), one_line(sender["note"], QUOTE)
        yield _("sent in by {who}: {note}", who=who, note=note) if note else _("sent in by {who}", who=who)
    for term in facts["terms"]:
        private = term["field"] == "author.name" and author and not is_public(author, privacy)
        yield term_words(term | {"value": shown_name(author, privacy)} if private else term, language)
    if facts["words"]:
        yield _("watched words: {words}", words=" · ".join(facts["words"]))
    score = facts["score"]
    if score:
        # To a model trained on reviews the brand's own name may count as a complaint; a reader learns nothing.
        telling = [word for word in score["words"] if word not in (facts["brand"] or "")]
        words = " · ".join(one_line(word, NAME) for word in telling)
        yield _("negativity {n} (model {model})", n=f"{score['negativity']:.2f}", model=score["model"]) + (
            "; " + _("negative words: {words}", words=words) if words else ""
        )


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
