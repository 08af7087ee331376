"""How the demo looks: its opening, its live panel, and its closing summary in plain words."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from shutil import which

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from alerts.language import Language
from alerts.message import SIGNS, render
from mentions.outbox import Notification
from tingfeng.cli.common import table
from tingfeng.demo.scene import LATEST, Scene
from tingfeng.sandbox import Sandbox

COLOURS = {"blue": "blue", "yellow": "yellow", "orange": "dark_orange", "red": "bold red"}


def opening(out: Console, _: Language, sandbox: Sandbox, *, recorded: bool) -> None:
    """Say what is going to happen."""
    out.print(Text(_("Tingfeng: one post's whole way, on this machine"), style="bold"))
    speed = f"{sandbox.clock.speed:g}"
    told = (
        _("Recorded Weibo posts, whose counts grow as they did; {speed} times as fast.", speed=speed)
        if recorded
        else _(
            "Two invented phone brands, an ordinary day, and one battery fire; {speed} times as fast as life.",
            speed=speed,
        )
    )
    out.print(told, markup=False)
    urls = sandbox.urls
    out.print(
        _("Sites on loopback: {sites}", sites=f"{urls.weibo} {urls.forum} {urls.v2ex} {urls.rss}"),
        markup=False,
    )
    out.print(_("A receiver that answers like Slack: {url}", url=urls.slack), markup=False)


def panel(scene: Scene, _: Language) -> RenderableType:
    """The live view."""
    parts: list[RenderableType] = [_sources(scene, _)]
    parts.append(
        Text(
            _(
                "{mentions} posts stored, {negative} judged negative, {waiting} waiting for a score",
                mentions=scene.mentions,
                negative=scene.negative,
                waiting=scene.scoring.waiting,
            )
        )
    )
    parts += [_message_line(message, _) for message in scene.sent[-LATEST:]]
    if not scene.sent:
        parts.append(Text(_("no alert so far: listening …"), style="dim"))
    return Panel(Group(*parts), title="听风 Tingfeng", border_style="cyan")


def _sources(scene: Scene, _: Language) -> Table:
    shown = table(_("source"), _("last read"), _("newest post"), _("blocked"))
    now = datetime.now(UTC)
    for fresh in scene.sources:
        age = fresh.age(now)
        shown.add_row(
            fresh.source,
            _("never") if age is None else _("{span} ago", span=_.span(age)),
            _.clock(fresh.newest_post) if fresh.newest_post else "—",
            ", ".join(fresh.blocked) or "—",
        )
    return shown


def _message_line(message: Notification, _: Language) -> Text:
    facts = message.payload
    at = _.clock(message.sent or message.created)
    line = Text(f"{at} ", style="dim")
    line.append(f"{SIGNS[facts['severity']]} ", style=COLOURS[facts["severity"]])
    line.append(f"{facts['brand'] or facts.get('subject', '')} {facts['title']} ", style="bold")
    line.append(_("→ {channel}", channel=message.channel))
    if facts["kind"] == "post" and facts["counts"]["reposts"] is not None:
        line.append(" · " + _("{n} reposts", n=_.count(facts["counts"]["reposts"])))
    return line


def summary(out: Console, _: Language, scene: Scene, *, folder: Path) -> None:
    """Say in plain words what was seen, and what to try next."""
    first = scene.first
    out.print()
    if first is None:
        said = [_("No alert arrived. The service's own log says why:")]
        log = folder / "service.log"
        said += log.read_text(errors="replace").splitlines()[-20:] if log.exists() else []
        out.print("\n".join(said), markup=False)
        return
    out.print(Text(_("The first message about a big V's post, as it arrived:"), style="bold"))
    arrived = first.sent or first.created
    words = Language(_.tag, _.zone)
    out.print(Panel(Text(render(first.payload, language=words, privacy="minimal", now=arrived).text())))
    out.print(Text(_("In short"), style="bold"))
    for line in _lines(scene, first, arrived, _):
        out.print(f"  {line}", markup=False)
    out.print(Text(_("What to try next"), style="bold"))
    for line in _next_steps(folder, _):
        out.print(f"  {line}", markup=False, soft_wrap=True)  # whole, so that it can be pasted


def _lines(scene: Scene, first: Notification, arrived: datetime, _: Language) -> list[str]:
    clock = first.payload["clock"]
    lines = [
        _(
            "{n} posts were read from {sources} sources; {negative} were judged negative.",
            n=scene.mentions,
            sources=len(scene.sources),
            negative=scene.negative,
        ),
        _(
            "{n} messages reached the chat about {incidents} matters.",
            n=len(scene.sent),
            incidents=len({n.incident_id for n in scene.sent}),
        ),
    ]
    if clock["published"]:
        posted, seen = (datetime.fromisoformat(clock[key]) for key in ("published", "seen"))
        scored = datetime.fromisoformat(clock["scored"] or clock["seen"])
        alerted = datetime.fromisoformat(first.payload["alerted"])
        lines.append(
            _(
                "Detection clock: posted {posted} → seen +{seen} → scored +{scored} → alerted +{alerted} "
                "→ on the phone +{sent}; {all} in all.",
                posted=_.clock(posted),
                seen=_.span(seen - posted),
                scored=_.span(scored - seen),
                alerted=_.span(alerted - scored),
                sent=_.span(arrived - alerted),
                all=_.span(arrived - posted),
            )
        )
        lines.append(_("By then it had {n} reposts.", n=_.count(first.payload["counts"]["reposts"])))
    risen = [n for n in scene.sent if n.reason == "rose"]
    if risen:
        lines.append(_("It was heard of again only when its level rose: {n} times.", n=len(risen)))
    return lines


def _next_steps(folder: Path, _: Language) -> list[str]:
    """Commands that can be pasted as they stand."""
    here = Path(sys.prefix) / "bin" / "tingfeng"
    installed = os.path.relpath(here) if here.exists() else "python -m tingfeng"
    command = "tingfeng" if which("tingfeng") else installed
    config = f"-c {folder / 'config.yaml'}"
    steps = {
        f"{command} search 电池 {config}": _("everything that was said of the battery"),
        f"{command} incident list {config}": _("the incidents; then: incident show 1, incident ack 1"),
        f"{command} doctor {config}": _("is everything well?"),
        f"$EDITOR config.yaml && {command} check && {command} run": _("the service, with your own brands"),
    }
    return [line for step, said in steps.items() for line in (f"# {said}", step)]
