"""Dynamics of Bilibili as older and newer answers write them, put into the shape that `bilibili_posts` reads."""

from collections.abc import Iterator
from typing import Any

from crawlers.reading.fields import NOTHING, Json, first, identity, part, rows
from crawlers.reading.jsontext import NotJson, read_json

FORWARD, GONE, LIVE = "DYNAMIC_TYPE_FORWARD", "DYNAMIC_TYPE_NONE", "DYNAMIC_TYPE_LIVE_RCMD"
CARD_FORWARD = 1
CARDS_OF_LIVE = frozenset({4200, 4302, 4308})
"""`desc.type` of an old card; those are live rooms and paid courses."""


def is_dynamic(item: Json) -> bool:
    """Whether this is a dynamic in any of its shapes. A list of modules without an author is another page's."""
    modules = item.get("modules")
    of_opus = any("module_author" in module for module in rows(modules))
    return isinstance(modules, dict) or of_opus or _is_card(item)


def as_dynamic(item: Json) -> Json:
    """A dynamic as the web's list of them writes it: `modules` by their names."""
    if _is_card(item):
        return _of_card(item)
    return _of_opus(item) if isinstance(item.get("modules"), list) else item


def _is_card(item: Json) -> bool:
    return isinstance(item.get("card"), str) and bool(part(item, "desc"))


def _of_opus(item: Json) -> Json:
    """The page of a single dynamic (opus): a list of modules, and the text in paragraphs."""
    modules: dict[str, Any] = {key: value for module in rows(item["modules"]) for key, value in module.items()}
    said = "\n".join(_paragraphs(modules.get("module_content")))
    title = part(modules, "module_title").get("text")
    shown = {"desc": {"text": said}, "major": {"type": "MAJOR_TYPE_OPUS", "opus": {"title": title}}}
    return {**item, "modules": {"module_dynamic": shown, **modules}}


def _paragraphs(content: object) -> Iterator[str]:
    """Their words; a picture, a line between two and a card that links elsewhere have none."""
    for paragraph in rows(part(content).get("paragraphs")):
        if isinstance(code := part(paragraph, "code").get("content"), str):
            yield code
        listed = rows(part(paragraph, "list").get("items"))
        for words in (part(paragraph, "text"), part(paragraph, "heading"), *listed):
            if said := "".join(map(_node, rows(words.get("nodes")))):
                yield said


def _node(node: Json) -> str:
    said = first(part(node, "word"), "words") or first(part(node, "rich"), "text", "orig_text")
    return said if isinstance(said, str) else ""


def _of_card(item: Json, *, passed_on: bool = False) -> Json:
    """A dynamic of the older answers: what it is in `desc`, and what it says as JSON within a string.

    Numbers of dynamics are read as words where there are any: as numbers they may have been rounded.
    """
    desc = part(item, "desc")
    try:
        card = part(read_json(item["card"].encode("utf-8", "replace")))
    except NotJson:
        return NOTHING
    profile, kind = part(desc, "user_profile"), desc.get("type")
    user = part(profile, "info")
    return {
        "id_str": identity(first(desc, "dynamic_id_str", "dynamic_id")),
        "type": LIVE if kind in CARDS_OF_LIVE else FORWARD if kind == CARD_FORWARD else None,
        "modules": {
            "module_author": {
                "mid": first(user, "uid") or desc.get("uid"),
                "name": user.get("uname"),
                "pub_ts": desc.get("timestamp"),
                "official_verify": part(profile, "card", "official_verify"),
            },
            "module_dynamic": {"desc": {"text": _words(card)}, "major": _major(card, desc)},
            # What a card says of its origin's counts is mostly 0.
            "module_stat": {} if passed_on else _stat(card, desc),
        },
        "orig": _origin(card, desc) if kind == CARD_FORWARD else None,
    }


def _words(card: Json) -> object:
    return (
        first(part(card, "item"), "content", "description")
        or first(card, "dynamic")
        or part(card, "vest").get("content")
    )


def _major(card: Json, desc: Json) -> Json:
    """What is shown under the author's words: a video, or an article, a song, a page."""
    shown = {**(part(card, "sketch") or card)}
    shown["desc"] = first(shown, "desc", "summary", "intro", "desc_text")
    if identity(card.get("aid")) is None:
        return {"type": "MAJOR_TYPE_ARTICLE", "article": shown} if "title" in shown else {}
    video = {**shown, "bvid": desc.get("bvid"), "stat": {"play": part(card, "stat").get("view")}}
    return {"type": "MAJOR_TYPE_ARCHIVE", "archive": video}


def _stat(card: Json, desc: Json) -> Json:
    """Replies are counted in one of three places."""
    replies = (part(card, name).get("reply") for name in ("item", "stat", "stats"))
    comments = next((count for count in (desc.get("comment"), *replies) if count is not None), None)
    said = {"forward": desc.get("repost"), "comment": comments, "like": desc.get("like")}
    return {name: {"count": count} for name, count in said.items()}


def _origin(card: Json, desc: Json) -> Json:
    """What is passed on; where it is deleted its number at most is left."""
    if isinstance(card.get("origin"), str) and (of := part(desc, "origin")):
        written = {"desc": {**of, "user_profile": card.get("origin_user")}, "card": card["origin"]}
        return _of_card(written, passed_on=True)
    return {"id_str": identity(first(desc, "orig_dy_id_str", "orig_dy_id")), "type": GONE}
