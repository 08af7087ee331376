"""Where a forum shows its boards and threads, in each of its views."""

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

View = Literal["desktop", "mobile", "archiver", "rss"]
"""`rss` is a list only: what it points to is read in the desktop view."""
ORDERS = {"newest": "&orderby=dateline&filter=author", "active": ""}
REWRITTEN = re.compile(r"/thread-(\d+)-(\d+)-\d+\.html$")
ARCHIVED = re.compile(r"(?:^|/)tid-(\d+)\.html(?:&page=(\d+))?")


@dataclass(frozen=True, slots=True)
class Place:
    """The thread, its page, and perhaps the post that an address names."""

    tid: str
    page: int = 1
    pid: str | None = None


def board(site: str, view: View, fid: int, page: int, order: str) -> str:
    """A page of a board's list."""
    root = site.rstrip("/")
    if view == "rss":
        return f"{root}/forum.php?mod=rss&fid={fid}"
    if view == "archiver":
        return f"{root}/archiver/?fid-{fid}.html{_page(page)}"
    mobile = "&mobile=2" if view == "mobile" else ""
    return f"{root}/forum.php?mod=forumdisplay&fid={fid}{ORDERS[order]}&page={page}{mobile}"


def thread(site: str, view: View, tid: str, page: int) -> str:
    """A page of a thread."""
    root = site.rstrip("/")
    if view == "archiver":
        return f"{root}/archiver/?tid-{tid}.html{_page(page)}"
    mobile = "&mobile=2" if view == "mobile" else ""
    return f"{root}/forum.php?mod=viewthread&tid={tid}{_page(page)}{mobile}"


def post(site: str, view: View, place: Place) -> str:
    """The page of a thread that shows a post, wherever it stands; the archiver cannot be asked for one."""
    if place.pid is None or view == "archiver":
        return thread(site, view, place.tid, place.page)
    mobile = "&mobile=2" if view == "mobile" else ""
    found = f"forum.php?mod=redirect&goto=findpost&ptid={place.tid}&pid={place.pid}"
    return f"{site.rstrip('/')}/{found}{mobile}"


def _page(number: int) -> str:
    return "" if number == 1 else f"&page={number}"


def place_of(url: str, site: str) -> Place | None:
    """What an address of this forum names, also a rewritten one; None for other pages, and for other sites."""
    try:
        parts, home = urlsplit(url), urlsplit(site)
        ours = parts.scheme in {"http", "https"} and (parts.hostname, parts.port) == (home.hostname, home.port)
    except ValueError:
        return None
    if not ours or not f"{parts.path}/".startswith(f"{home.path.rstrip('/')}/"):
        return None
    if match := REWRITTEN.search(parts.path) or ARCHIVED.search(f"{parts.path}{parts.query}"):
        return Place(match[1], int(match[2] or 1))
    query = dict(parse_qsl(parts.query))
    tid = query.get("ptid") or query.get("tid") or ""
    if not tid.isdecimal() or (query.get("mod") or "viewthread") not in {"viewthread", "redirect"}:
        return None
    page, pid = query.get("page", "1"), query.get("pid") or parts.fragment.removeprefix("pid")
    return Place(tid, int(page) if page.isdecimal() else 1, pid if pid.isdecimal() else None)
