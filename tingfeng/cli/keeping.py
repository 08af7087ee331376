"""What `doctor` says of evidence: whether pages are pictured, legibly, and copies stamped."""

import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator

from crawlers.browsing import browser
from crawlers.browsing.screenshots import SCREENSHOT
from crawlers.webpage import PLATFORM as WEB
from crawlers.webpage import WebPage
from mentions.tasks import screenshot
from tingfeng import stamping
from tingfeng.desk import Desk
from tingfeng.timestamps import NoTimestamp, roots_of

SECONDS = 10.0
RUNS_LOOKED_AT = 1000
"""Visits of a source among which the last one for pictures is looked for: two days of one a few minutes."""
Said = tuple[str, bool, str]
"""What was looked at, whether it is well, and a sentence."""


def evidence(desk: Desk) -> Iterator[Said]:
    """Pictures and timestamps."""
    yield "screenshots", *_pictures(desk)
    if desk.config.evidence.timestamp is not None:
        yield "timestamps", *_timestamps(desk)


def _pictures(desk: Desk) -> tuple[bool, str]:
    if not desk.config.evidence.screenshots:
        return True, "none are taken: evidence.screenshots is off"
    try:
        browser.check(WebPage())
    except browser.NoBrowser as why:
        return False, f"none are taken: {why}"
    if has_chinese_font() is False:
        return False, "taken, but Chinese is shown as empty boxes: install a font that has it (fonts-noto-cjk)"
    names = (None, *desk.config.enabled_sources())
    failing = sum((_failed(desk, WEB if name is None else name) for name in names), Counter[str]())
    queues = [desk.store.tasks.backlog(screenshot(name)) for name in names]
    left = (
        f"{sum(queue.quarantined for queue in queues)} set aside, {sum(queue.waiting for queue in queues)} waiting"
    )
    if failing:
        reasons = ", ".join(f"{reason} {n}" for reason, n in failing.items())
        return False, f"the last visits pictured no page ({reasons}): {left}"
    return True, f"taken with {browser.executable()}: {left}"


def _failed(desk: Desk, name: str) -> Counter[str]:
    """Why the last visit for pictures to a source had none, if it had none."""
    taken = (
        run for run in desk.store.runs.recent(name, RUNS_LOOKED_AT) if run.kind == SCREENSHOT and run.finished
    )
    last = next(taken, None)
    return Counter(last.blocked or {"error": 1}) if last is not None and not last.pages else Counter()


def has_chinese_font() -> bool | None:
    """Whether this machine can show Chinese; None where fontconfig does not say."""
    asking = shutil.which("fc-list")
    if asking is None:
        return None
    try:
        told = subprocess.run([asking, ":lang=zh-cn"], capture_output=True, timeout=SECONDS, check=True)  # noqa: S603 - fontconfig's own
    except (OSError, subprocess.SubprocessError):
        return None
    return bool(told.stdout.strip())


def _timestamps(desk: Desk) -> tuple[bool, str]:
    settings = desk.config.evidence
    try:
        roots_of(settings.timestamp_roots or "")
    except NoTimestamp as why:
        return False, f"none are had: {why}"
    if error := desk.store.runs.job_errors().get(stamping.JOB):
        return False, error
    return True, f"signed by {settings.timestamp}"
