"""What `doctor` says of evidence: whether pages are pictured, legibly, and copies stamped."""

import shutil
import subprocess
from collections.abc import Iterator

from crawlers.browsing import browser
from crawlers.webpage import WebPage
from tingfeng import stamping
from tingfeng.desk import Desk
from tingfeng.timestamps import NoTimestamp, roots_of

SECONDS = 10.0
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
    return True, f"taken with {browser.executable()}"


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
