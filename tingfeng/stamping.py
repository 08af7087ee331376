"""Having frozen copies stamped by an authority, and checking what it signed. It holds nothing else up."""

from collections.abc import Collection, Iterator
from datetime import timedelta

import structlog

from mentions.evidence import Copy, Damaged, DamagedCopy, Harm
from mentions.store import Held
from tingfeng.desk import Desk
from tingfeng.timestamps import NoTimestamp, check_installed, roots_of, signed_at, stamped

JOB = "timestamp"
THROUGH = "timestamp pass"
"""The job of having come to the last copy that waited: what was left then is damaged."""
AT_ONCE = 50
DAMAGED_AGAIN = timedelta(days=1)
"""A damaged copy may have been mended from a backup: it is read again then. A hundred pictures fill a gigabyte."""
LATE = timedelta(minutes=10)
"""So much later than it says may a copy be frozen: the transaction takes its time, and clocks differ."""
RETRY_AFTER = timedelta(minutes=5)
"""An authority that failed is asked again then."""


def is_due(desk: Desk) -> bool:
    """Whether a copy waits, and the authority did not fail a moment ago."""
    if desk.config.evidence.timestamp is None or next(_waiting(desk), None) is None:
        return False
    failed = desk.store.runs.last_failed(JOB) if JOB in desk.store.runs.job_errors() else None
    return failed is None or not timedelta() <= desk.now() - failed < RETRY_AFTER


def _waiting(desk: Desk) -> Iterator[Copy]:
    """What has no timestamp, without what the last pass left."""
    last = desk.store.runs.last_done(THROUGH)
    is_known = last is not None and timedelta() <= desk.now() - last < DAMAGED_AGAIN
    return desk.store.evidence.unstamped(last - LATE if last is not None and is_known else None)


def stamp(desk: Desk) -> int:
    """Have what waits stamped, until the authority fails; how many were. Doctor knows why it failed.

    A damaged copy gets none, since it proves nothing, and stands in nobody's way; `incident verify` tells of it.
    """
    authority, roots = desk.config.evidence.timestamp, desk.config.evidence.timestamp_roots
    if authority is None or roots is None or not is_due(desk):
        return 0
    done, said, began = 0, None, desk.now()
    try:
        with desk.store.only(JOB, desk.owner):
            trusted = roots_of(roots)
            for copy in _waiting(desk):
                if done == AT_ONCE:
                    break
                try:
                    body = desk.store.evidence.body(copy)
                except DamagedCopy as error:
                    structlog.get_logger().warning("copy not stamped", why=str(error))
                    continue
                desk.store.evidence.stamp(copy, *stamped(body, authority=authority, roots=trusted))
                done += 1
            else:
                desk.store.runs.job_done(THROUGH, began)
    except Held:
        return 0  # somebody else is at it
    except NoTimestamp as error:
        said = f"No timestamp: {error}."
    desk.store.runs.job_done(JOB, desk.now(), said)
    return done


def unproven(desk: Desk, posts: Collection[str] | None = None) -> Iterator[Damaged]:
    """Timestamps of the copies of these posts, or of all, that are not what they seem.

    NoTimestamp where there are some, and this cannot be said.
    """
    trusted = None
    for copy, token in desk.store.evidence.tokens(posts):
        if trusted is None:
            check_installed()
            if desk.config.evidence.timestamp_roots is None:
                raise NoTimestamp("evidence.timestamp_roots does not name the certificates of whom you trust")
            trusted = roots_of(desk.config.evidence.timestamp_roots)
        try:
            at = signed_at(token, bytes.fromhex(copy.sha256), roots=trusted)
        except NoTimestamp:
            at = None
        if at is None or at != copy.stamped:
            yield Damaged(copy.mention_id, copy.sha256, Harm.UNPROVEN)
