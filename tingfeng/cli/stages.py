"""`run`, and one pass of each stage for cron: `crawl`, `score`, `alert`."""

from dataclasses import asdict
from typing import Annotated

import typer

from mentions.runs import CrawlRun
from mentions.store import StoreError
from mentions.stores import place
from tingfeng import stages, stamping
from tingfeng.cli.common import DEFAULT_CONFIG, AsJson, ConfigPath, console, desk_of, print_json, spoken
from tingfeng.desk import Desk
from tingfeng.service import Service


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(run)
    app.command()(worker)
    app.command()(crawl)
    app.command()(score)
    app.command()(alert)


def run(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Listen, score, alert and deliver until stopped."""
    from crawlers.reactor import run_in_reactor  # noqa: PLC0415 - late: it imports Scrapy

    with desk_of(config, waiting=True) as desk:
        stages.sign_in_again(desk)
        if desk.store.shared:
            from tingfeng.fleet import Fleet  # noqa: PLC0415 - late: the extra may be missing

            run_in_reactor(Fleet(desk, listens=True).run)
            return
        service = Service(desk)
        with desk.only_run(*service.locks):
            run_in_reactor(service.run)


def worker(
    config: ConfigPath = DEFAULT_CONFIG,
    queues: Annotated[
        str,
        typer.Option(help="What this process does: crawl, score, alert, deliver, upkeep; with commas."),
    ] = "crawl,score,alert,deliver,upkeep",
) -> None:
    """Work on some queues of a fleet, on any machine, until stopped (PostgreSQL only)."""
    from crawlers.reactor import run_in_reactor  # noqa: PLC0415 - late: it imports Scrapy

    with desk_of(config, waiting=True) as desk:
        if not desk.store.shared:
            raise StoreError(
                f"Workers need a store that machines can share: {place(desk.config.store)} is a file of this one. "
                "Move it with `tingfeng store migrate --to postgresql://…`, or use `tingfeng run`."
            )
        from tingfeng.fleet import Fleet, parse_queues  # noqa: PLC0415 - late: the extra may be missing

        try:
            asked = parse_queues(queues)
        except ValueError as error:
            raise typer.BadParameter(str(error), param_hint="--queues") from None
        stages.sign_in_again(desk)
        run_in_reactor(Fleet(desk, asked).run)


def crawl(
    sources: Annotated[list[str] | None, typer.Argument(help="Names of sources; by default all enabled.")] = None,
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    as_json: AsJson = False,
) -> int:
    """Look at sources once. Exit 1 when one refused or failed, 3 when another run looks at them."""
    from crawlers.reactor import run_in_reactor  # noqa: PLC0415 - late: it imports Scrapy

    with desk_of(config) as desk:
        names = list(dict.fromkeys(sources or desk.config.enabled_sources()))
        for name in names:
            if name not in desk.config.sources:
                known = ", ".join(desk.config.sources)
                raise typer.BadParameter(f"there is no source {name!r} in {config} (there is: {known})")
            if not desk.config.sources[name].enabled:
                raise typer.BadParameter(f"the source {name!r} is off in {config} (enabled: false)")

        async def visit() -> list[CrawlRun]:
            runs = [await stages.crawl(desk, name) for name in names]
            for name in pictured:
                await stages.picture(desk, name)
            return runs

        pictured: list[str | None] = [*names, *(() if sources else (None,))] if stages.pictures(desk) else []
        with desk.only_run(
            *(f"crawl-{name}" for name in names),
            *{stages.picture_stage(desk, name) for name in pictured} - {f"crawl-{name}" for name in names},
        ):
            runs = run_in_reactor(visit)
        desk.store.maintain()
        show(desk, runs, as_json=as_json)
    return int(any(turned_away(run) for run in runs))


def turned_away(run: CrawlRun) -> bool:
    """Whether a visit was refused what it came for; a members-only thread on an open forum is no refusal."""
    from crawlers.crawl import STANDING_BLOCKS  # noqa: PLC0415 - late: it comes with the engine

    return run.error is not None or bool(set(run.blocked) - STANDING_BLOCKS)


def show(desk: Desk, runs: list[CrawlRun], *, as_json: bool) -> None:
    """Print what became of visits."""
    if as_json:
        print_json([{k: v if k in PLAIN else _text(v) for k, v in asdict(run).items()} for run in runs])
        return
    _ = spoken(desk.language)
    for run in runs:
        said = _("{source}: {pages} pages, {seen} posts, {new} new", **{k: getattr(run, k) for k in SHOWN})
        notes = [f"{_(reason)} ×{n}" for reason, n in run.blocked.items()]
        notes += [_("page cap hit")] if run.cap_hit else []
        cooling = [one for one in desk.store.sites.cooling(run.source)[:1] if one.until > desk.now()]
        notes += [_("left alone until {time}", time=_.moment(one.until)) for one in cooling]
        notes += [run.note] if run.note and not cooling else []  # of a cool-down it says the same
        notes += [run.error] if run.error else []
        console().print(said + (f" ({'; '.join(notes)})" if notes else ""), markup=False)


PLAIN = frozenset({"id", "source", "kind", "pages", "seen", "new", "blocked", "cap_hit", "error", "note"})
SHOWN = ("source", "pages", "seen", "new")


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def score(config: ConfigPath = DEFAULT_CONFIG, *, as_json: AsJson = False) -> None:
    """Score all mentions that wait. Exit 1 when the model cannot run."""
    with desk_of(config) as desk, desk.only_run("score"):
        scored = stages.score(desk)
        desk.store.maintain()
        if as_json:
            print_json(asdict(scored))
        else:
            _ = spoken(desk.language)
            said = _("{scored} scored, {quarantined} set aside, {waiting} waiting", **asdict(scored))
            console().print(said, markup=False)


def alert(
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    retry_failed: Annotated[
        bool, typer.Option(help="Also send what was given up, after a channel was repaired.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Hold what changed against the rules, and send what is due."""
    with desk_of(config) as desk, desk.only_run("alert", *(f"deliver-{name}" for name in desk.config.channels)):
        stages.begin(desk)
        if retry_failed:
            desk.store.outbox.retry_failed(list(desk.config.channels), desk.now())
        alerted = stages.alert(desk)
        watched = stages.watch(desk)
        delivered = stages.deliver_all(desk)
        stamping.stamp(desk)
        desk.store.maintain()
        changes = {change.value: n for change, n in (alerted.changes + watched).items()}
        if as_json:
            print_json(
                {
                    "posts": alerted.posts,
                    "failed": alerted.failed,
                    "changes": changes,
                    "delivered": asdict(delivered),
                }
            )
        else:
            _ = spoken(desk.language)
            said = _(
                "{posts} posts judged, {opened} incidents opened, {rose} risen; {sent} messages sent, "
                "{retried} to be tried again, {given_up} given up",
                posts=alerted.posts,
                opened=changes.get("opened", 0),
                rose=changes.get("rose", 0),
                **asdict(delivered),
            )
            console().print(said, markup=False)
