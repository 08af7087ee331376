"""`incident evidence`: the frozen copies of an incident's posts, listed or written out."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from alerts.response import NoSuchIncident
from mentions.evidence import Copy, Evidence, suffix
from mentions.shape import iso_utc
from mentions.store import StoreError
from tingfeng.cli.common import DEFAULT_CONFIG, AsJson, ConfigPath, console, desk_of, print_json, spoken, table
from tingfeng.cli.incidents import Number

MANIFEST = "manifest.json"
SHORT = 12
"""Characters of a SHA-256 in a file's name, and that a person is shown."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(evidence)


def evidence(
    number: Number,
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    out: Annotated[Path | None, typer.Option(help="A folder to write the copies into; made if missing.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the copies of an incident's posts, or write them out with a manifest of their hashes and times."""
    with desk_of(config, reading=True) as desk:
        if desk.store.incidents.get(number) is None:
            raise NoSuchIncident(f"There is no incident #{number}.")
        attached = desk.store.incidents.mentions(number)
        kept = desk.store.evidence.copies(attached)
        copies = [copy for mention_id in attached for copy in kept.get(mention_id, ())]
        known = desk.store.posts.get(attached)
        urls = {mention_id: found.mention.url for mention_id, found in known.items()}
        listed = [_json(copy, urls.get(copy.mention_id, "")) for copy in copies]
        tokens = {(copy.mention_id, copy.sha256): token for copy, token in desk.store.evidence.tokens(attached)}
        if out is not None:
            about = {"incident": number, "made": iso_utc(desk.now())}
            write(desk.store.evidence, copies, tokens, listed, folder=out, about=about)
        if as_json:
            print_json(listed)
            return
        _ = spoken(desk.language)
        shown = table(_("post"), _("copied"), _("frozen"), _("stamped"), _("what"), "SHA-256")
        for copy in copies:
            frozen, stamped = ("" if at is None else _.moment(at) for at in (copy.frozen, copy.stamped))
            what = _(copy.kind.value)
            shown.add_row(copy.mention_id, _.moment(copy.at), frozen, stamped, what, copy.sha256[:SHORT])
        console().print(shown if copies else _("no copies are kept"), markup=False)
        if out is not None:
            console().print(_("{n} copies written to {folder}", n=len(copies), folder=out), markup=False)


def _json(copy: Copy, url: str) -> dict[str, Any]:
    return {
        "mention": copy.mention_id,
        "url": url,
        "kind": copy.kind.value,
        "sha256": copy.sha256,
        "bytes": copy.size,
        "copied": iso_utc(copy.at),
        "frozen": iso_utc(copy.frozen),
        "page": copy.url,
        "stamped": iso_utc(copy.stamped),
    }


def write(
    kept: Evidence,
    copies: Sequence[Copy],
    tokens: Mapping[tuple[str, str], bytes],
    listed: Sequence[dict[str, Any]],
    *,
    folder: Path,
    about: dict[str, Any],
) -> None:
    """The files, and the manifest last: where it stands, all are there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, (copy, told) in enumerate(zip(copies, listed, strict=True), 1):
            body = kept.body(copy)
            name = f"{number:03d}-{copy.sha256[:SHORT]}"
            told["file"] = f"{name}.{suffix(body)}"
            (folder / told["file"]).write_bytes(body)
            token = tokens.get((copy.mention_id, copy.sha256))
            told["timestamp"] = None if token is None else f"{name}.tsr"
            if token is not None:
                (folder / f"{name}.tsr").write_bytes(token)
        manifest = json.dumps(about | {"copies": list(listed)}, ensure_ascii=False, indent=2)
        (folder / MANIFEST).write_text(manifest + "\n", encoding="utf-8")
    except OSError as error:
        raise StoreError(f"The copies cannot be written to {folder}: {error.strerror}.") from error
