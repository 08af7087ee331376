"""The hot lists as their sites send them: entries out of an answer, each list's own words made one.

All are read by what is publicly known of their shapes: none of them was recorded.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import quote, urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawlers.reading.fields import first
from crawlers.reading.html import to_text
from crawlers.reading.jsontext import dumped
from mentions.counts import parse_count
from mentions.hot import AD

WORD_CARD = 4
"""The `card_type` of a line of words on m.weibo.cn; others hold posts."""
UNRANKED = 0
"""The rank of what the site pins above its list, or was paid to put into it."""
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a list."""

    title: str
    rank: int
    heat: int | None
    tag: str
    url: str
    raw: bytes


Read = Callable[[Any], Sequence[Entry] | None]
"""Makes entries of an answer's JSON; None where it is not of this list's shape."""


def weibo(said: Any) -> Sequence[Entry] | None:
    """data.realtime[], or data.band_list[]: {word, note, num, realpos, label_name, is_ad, icon_desc}.

    data.hotgov and data.hotgovs[] stand above them. The phone's page has cards in their place.
    """
    data = _inside(said, "data")
    listed = _objects(data, "realtime" if "realtime" in (data or ()) else "band_list")
    if listed is None:
        return _weibo_cards(data)
    above = (_inside(data, "hotgov"), *(_objects(data, "hotgovs") or ()))
    pinned = [_weibo(item, UNRANKED) for item in above if item is not None]
    found = []
    place = 0
    for item in listed:
        place += not _is_paid(item)  # it stands between two ranks and has none
        found.append(_weibo(item, UNRANKED if _is_paid(item) else place))
    return _named(found, pinned)


def _weibo(item: Json, place: int) -> Entry:
    word = unescape(_text(item, "note") or _text(item, "word")).strip("#")
    tag = AD if _is_paid(item) else _text(item, "label_name") or _text(item, "icon_desc")
    rank = place and (_whole(item.get("realpos")) or place)
    query = _text(item, "word_scheme") or f"#{word}#"
    return _entry(item, word, rank, item.get("num"), tag=tag, url=f"https://s.weibo.com/weibo?q={quote(query)}")


def _weibo_cards(data: Any) -> Sequence[Entry] | None:
    """data.cards[].card_group[] {card_type 4, desc, desc_extr '剧集 123456', scheme, promotion}."""
    groups = [_objects(card, "card_group") or () for card in _objects(data, "cards") or ()]
    listed = [item for group in groups for item in group if item.get("card_type") == WORD_CARD]
    if not listed:
        return None
    found, place = [], 0
    for item in listed:
        said = re.sub(r"^\D+", "", _text(item, "desc_extr"))
        place += bool(said)  # what is pinned or paid has neither heat nor rank
        tag, url = AD if item.get("promotion") else "", _text(item, "scheme")
        found.append(
            _entry(item, _text(item, "desc").strip("#"), place if said else UNRANKED, said, tag=tag, url=url)
        )
    return _named(found)


def _is_paid(item: Json) -> bool:
    return bool(item.get("is_ad")) or AD in {_text(item, "icon_desc"), _text(item, "label_name")}


def zhihu(said: Any) -> Sequence[Entry] | None:
    """data[] {target {id, title}, detail_text '1234 万热度'}, in order.

    Of the site's own page, and what that asks for: target {title_area {text}, metrics_area {text}, link {url}}.
    """
    state = _inside(_inside(said, "initial_state"), "topstory")
    listed = _objects(said, "data") if state is None else _objects(state, "hot_list")
    if listed is None or not all(isinstance(item.get("target"), dict) for item in listed):
        return None
    return _named([_zhihu(item, place) for place, item in enumerate(listed, 1)])


def _zhihu(item: Json, place: int) -> Entry:
    target = item["target"]
    title, heat, link = (_inside(target, area) or {} for area in ("title_area", "metrics_area", "link"))
    number = _text(target, "id")
    url = f"https://www.zhihu.com/question/{number}" if number.isdigit() else _text(target, "url")
    said = _text(item, "detail_text") or _text(heat, "text")
    return _entry(
        item,
        _text(target, "title") or _text(title, "text"),
        place,
        said.removesuffix("热度"),
        tag="新" if item.get("debut") else "",
        url=url or _text(link, "url"),
    )


BAIDU_TAGS = {"1": "新", "2": AD, "3": "热", "4": "爆", "5": "沸"}


def baidu(said: Any) -> Sequence[Entry] | None:
    """data.cards[] {topContent[], content[] {word, hotScore, hotTag, url}}; the mobile page nests content."""
    cards = _objects(_inside(said, "data") or said, "cards")
    if cards is None or (cards and not any({"topContent", "content"} & card.keys() for card in cards)):
        return None
    found, pinned, place = list[Entry](), list[Entry](), 0
    for card in cards:
        pinned += [_baidu(item, UNRANKED) for item in _objects(card, "topContent") or ()]
        for item in _unfolded(_objects(card, "content") or ()):
            place += not item.get("isTop")
            found.append(_baidu(item, UNRANKED if item.get("isTop") else place))
    return _named(found, pinned)


def _unfolded(items: Sequence[Json]) -> Iterator[Json]:
    for item in items:
        inner = _objects(item, "content")
        if inner is None:
            yield item
        else:
            yield from inner


def _baidu(item: Json, rank: int) -> Entry:
    word = _text(item, "word") or _text(item, "query")
    url = _text(item, "url") or f"https://www.baidu.com/s?wd={quote(word)}"
    return _entry(item, word, rank, item.get("hotScore"), tag=BAIDU_TAGS.get(_text(item, "hotTag"), ""), url=url)


BILIBILI_TAGS = {"4": "新", "5": "热"}


def bilibili(said: Any) -> Sequence[Entry] | None:
    """data.trending.list[], data.list[] or list[]: {keyword, show_name, heat_score, pos, word_type}.

    top_list[] beside it stands above them.
    """
    data = _inside(said, "data")
    beside = _inside(data, "trending") or data or said
    listed = _objects(beside, "list")
    if listed is None or not all("keyword" in item for item in listed):
        return None
    pinned = [_bilibili(item, UNRANKED) for item in _objects(beside, "top_list") or ()]
    ranked = [_bilibili(item, _whole(first(item, "pos", "position")) or n) for n, item in enumerate(listed, 1)]
    return _named(ranked, pinned)


def _bilibili(item: Json, rank: int) -> Entry:
    keyword = _text(item, "keyword")
    return _entry(
        item,
        _text(item, "show_name") or keyword,
        rank,
        item.get("heat_score"),
        tag=BILIBILI_TAGS.get(_text(item, "word_type"), ""),
        url=f"https://search.bilibili.com/all?keyword={quote(keyword)}",
    )


TOUTIAO_TAGS = {"new": "新", "hot": "热", "boom": "爆", "ad": AD}


def toutiao(said: Any) -> Sequence[Entry] | None:
    """data[] {Title, HotValue '1234', Label, LabelDesc, Url, ClusterId}, fixed_top_data[] above them."""
    listed = _objects(said, "data")
    if listed is None or not all("Title" in item for item in listed):
        return None
    pinned = [_toutiao(item, UNRANKED) for item in _objects(said, "fixed_top_data") or ()]
    return _named([_toutiao(item, place) for place, item in enumerate(listed, 1)], pinned)


def _toutiao(item: Json, rank: int) -> Entry:
    label, title = _text(item, "Label"), _text(item, "Title")
    tag = TOUTIAO_TAGS.get(label.lower(), _text(item, "LabelDesc") or label)
    url = f"https://so.toutiao.com/search?keyword={quote(title)}"
    return _entry(item, title, rank, item.get("HotValue"), tag=tag, url=_text(item, "Url") or url)


DOUYIN_TAGS = {"1": "新", "2": "荐", "3": "热", "4": "爆", "5": "首发", "8": "独家"}


def douyin(said: Any) -> Sequence[Entry] | None:
    """word_list[], or data.word_list[]: {word, hot_value, position, label}."""
    listed = _objects(_inside(said, "data") or said, "word_list")
    if listed is None:
        return None
    found = []
    for place, item in enumerate(listed, 1):
        word = _text(item, "word")
        tag = DOUYIN_TAGS.get(_text(item, "label"), "")
        url = f"https://www.douyin.com/search/{quote(word)}"
        found.append(
            _entry(item, word, _whole(item.get("position")) or place, item.get("hot_value"), tag=tag, url=url)
        )
    return _named(found)


READERS: Mapping[str, Read] = {
    "weibo": weibo,
    "zhihu": zhihu,
    "baidu": baidu,
    "bilibili": bilibili,
    "toutiao": toutiao,
    "douyin": douyin,
}

BAIDU_DATA = re.compile(r"<!--s-data:(\{.*?\})-->", re.DOTALL)


def baidu_data(page: str) -> bytes | None:
    """The JSON that Baidu's page keeps in a comment."""
    found = BAIDU_DATA.search(page)
    return None if found is None else found[1].encode("utf-8", "replace")


def weibo_page(page: str) -> Sequence[Entry] | None:
    """The table of s.weibo.com/top/summary, empty where none of it can be read; None where there is none."""
    tree = LexborHTMLParser(page)
    if tree.css_first("td.td-02") is None:
        return None
    rows = [row for row in tree.css("tr") if row.css_first("td.td-02 a") is not None]
    return _named([_row(row) for row in rows]) or ()


def _row(row: LexborNode) -> Entry:
    said = _words(row, "td.td-01")
    tag = _words(row, "td.td-03 i")
    link = row.css_first("td.td-02 a")
    href = (link.attributes.get("href") or "") if link is not None else ""
    word = _words(row, "td.td-02 a").strip("#")
    if not said.isdigit() and row.css_first("td.td-01 i") is None:
        tag = AD  # a dot in place of the rank
    heat = re.sub(r"^\D+", "", _words(row, "td.td-02 span"))  # 剧集 123456: the kind of entry before its heat
    usable = href if not href.startswith("javascript") else f"/weibo?q={quote(f'#{word}#')}"
    return Entry(
        title=to_text(word),
        rank=int(said) if said.isdigit() else UNRANKED,
        heat=_heat(heat),
        tag=tag,
        url=urljoin("https://s.weibo.com/top/summary", usable),
        raw=(row.html or "").encode("utf-8", "replace"),
    )


def _words(row: LexborNode, selector: str) -> str:
    found = row.css_first(selector)
    return "" if found is None else found.text(strip=True)


def _entry(item: Json, title: str, rank: int, heat: object, *, tag: str, url: str) -> Entry:
    return Entry(to_text(unescape(title)), rank, _heat(heat), tag.strip(), url, dumped(item))


def _named(listed: Sequence[Entry], pinned: Sequence[Entry] = ()) -> Sequence[Entry] | None:
    """Those that say anything; one that stands there twice is where it stands higher.

    None where fewer than half of the list do: then their words stand elsewhere now. What is pinned above a list,
    or paid for, says nothing of the rest.
    """
    ranked = [entry for entry in listed if entry.rank != UNRANKED] or listed
    if sum(bool(entry.title) for entry in ranked) * 2 < len(ranked):
        return None
    found: dict[str, Entry] = {}
    for entry in (*pinned, *listed):
        if entry.title:
            found.setdefault(entry.title, entry)
    return list(found.values())


def _heat(value: object) -> int | None:
    count = parse_count(value.strip() if isinstance(value, str) else value)
    return None if count is None else count.value


def _whole(value: object) -> int | None:
    """A rank that the site gives; a position that counts from 0 is none."""
    count = parse_count(value)
    return count.value or None if count is not None else None


def _inside(said: Any, key: str) -> Any:
    found = said.get(key) if isinstance(said, dict) else None
    return found if isinstance(found, dict) else None


def _objects(said: Any, key: str) -> list[Json] | None:
    found = said.get(key) if isinstance(said, dict) else None
    if not isinstance(found, list):
        return None
    objects: list[Json] = [item for item in found if isinstance(item, dict)]
    return objects if objects or not found else None


def _text(item: Json, key: str) -> str:
    value = item.get(key)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
