"""Timestamps: had from an authority of ours on loopback, checked against its root, and never in anybody's way."""

import json
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from mentions.evidence import Copy, DamagedCopy, Harm, Kind
from mentions.sql.evidence import SqlEvidence
from mentions.sqlite import SqliteStore
from tests.making import BIG_V, NOW, mention, negative, seen
from tests.tingfeng.fleets import write_config
from tingfeng import stamping, timestamps
from tingfeng.cli import main
from tingfeng.config import BadConfig, load_config
from tingfeng.desk import Desk, open_desk
from tingfeng.timestamps import NoTimestamp, roots_of, signed_at, stamped

pytest.importorskip("rfc3161_client", reason="the extra `timestamp` is not installed")
OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(OPENSSL is None, reason="no openssl to make an authority with")
CONFIG = """
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
[signer]
extendedKeyUsage = critical, timeStamping
keyUsage = critical, digitalSignature
[tsa]
default_tsa = ours
[ours]
serial = serial
signer_cert = signer.pem
signer_key = signer.key
certs = root.pem
default_policy = 1.2.3.4.1
digests = sha256
signer_digest = sha256
"""


@dataclass
class Authority:
    """It answers as `reply` says; `asked` counts."""

    folder: Path
    url: str = ""
    asked: int = 0
    reply: Callable[[bytes], tuple[int, bytes]] | None = None

    @property
    def roots(self) -> str:
        return str(self.folder / "root.pem")

    def openssl(self, *arguments: str, stdin: bytes | None = None) -> bytes:
        assert OPENSSL is not None
        return subprocess.run(
            [OPENSSL, *arguments], cwd=self.folder, input=stdin, capture_output=True, check=True
        ).stdout

    def sign(self, query: bytes) -> tuple[int, bytes]:
        (self.folder / "query.tsq").write_bytes(query)
        return 200, self.openssl("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query.tsq")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority's keys: a root, and a certificate for time stamping that it signed."""
    folder = tmp_path_factory.mktemp("authority")
    (folder / "tsa.cnf").write_text(CONFIG)
    (folder / "serial").write_text("01")
    openssl = Authority(folder).openssl
    new = ("-newkey", "rsa:2048", "-nodes", "-config", "tsa.cnf")
    openssl(
        *("req", "-x509", *new, "-subj", "/CN=Our Root", "-extensions", "root"),
        *("-keyout", "root.key", "-out", "root.pem"),
    )
    openssl("req", *new, "-subj", "/CN=Our Clock", "-keyout", "signer.key", "-out", "signer.csr")
    openssl(
        *("x509", "-req", "-in", "signer.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial"),
        *("-extfile", "tsa.cnf", "-extensions", "signer", "-out", "signer.pem"),
    )
    return folder


@pytest.fixture
def authority(made: Path) -> Iterator[Authority]:
    ours = Authority(made)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            ours.asked += 1
            query = self.rfile.read(int(self.headers["Content-Length"]))
            status, body = (ours.reply or ours.sign)(query)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        ours.url = f"http://127.0.0.1:{server.server_port}/tsr"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield ours
        server.shutdown()


@pytest.fixture
def config(authority: Authority, tmp_path: Path) -> Path:
    """A desk with an incident, whose post has two copies: a row and a picture."""
    block = {"timestamp": authority.url, "timestamp_roots": authority.roots, "screenshots": False}
    path = write_config(tmp_path, "store.db", evidence=block)
    with SqliteStore(tmp_path / "store.db") as store:
        store.posts.record([seen(mention(author=BIG_V), reposts=7)])
        store.posts.add_scores([negative()])
        store.evidence.keep("weibo:1", b"\x89PNG..", Kind.SCREENSHOT, NOW, url="https://weibo.com/1")
    return path


@pytest.fixture
def desk(config: Path) -> Iterator[Desk]:
    with open_desk(load_config(config), lambda: NOW) as opened:
        opened.store.evidence.freeze("weibo:1", NOW)
        yield opened


def test_a_timestamp_says_when_a_content_existed(authority: Authority) -> None:
    roots = roots_of(authority.roots)
    token, at = stamped(b"words", authority=authority.url, roots=roots)
    assert abs(at - datetime.now(UTC)) < timedelta(minutes=1)
    assert signed_at(token, sha256(b"words").digest(), roots=roots) == at
    with pytest.raises(NoTimestamp, match="proves nothing"):
        signed_at(token, sha256(b"other words").digest(), roots=roots)


def test_openssl_agrees(authority: Authority) -> None:
    token, _ = stamped(b"words", authority=authority.url, roots=roots_of(authority.roots))
    (authority.folder / "a.tsr").write_bytes(token)
    check = ("ts", "-verify", "-in", "a.tsr", "-CAfile", "root.pem", "-digest")
    authority.openssl(*check, sha256(b"words").hexdigest())
    with pytest.raises(subprocess.CalledProcessError):
        authority.openssl(*check, sha256(b"other words").hexdigest())


def test_a_signature_of_a_stranger_is_none(authority: Authority, tmp_path: Path) -> None:
    stranger = tmp_path / "stranger.pem"
    Authority(tmp_path).openssl(
        *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=Stranger"),
        *("-keyout", "k", "-out", str(stranger)),
    )
    with pytest.raises(NoTimestamp, match="proves nothing"):
        stamped(b"words", authority=authority.url, roots=roots_of(str(stranger)))


def test_an_old_answer_played_again_is_none(authority: Authority) -> None:
    roots = roots_of(authority.roots)
    old, _ = stamped(b"words", authority=authority.url, roots=roots)
    authority.reply = lambda _: (200, old)
    with pytest.raises(NoTimestamp, match="Nonce"):
        stamped(b"words", authority=authority.url, roots=roots)


@pytest.mark.parametrize(
    "reply",
    [(500, b"oops"), (200, b"<html>"), (200, b""), (200, b"0\x82"), (200, bytes.fromhex("300530030201020000"))],
)
def test_what_is_no_answer_is_a_sentence(authority: Authority, reply: tuple[int, bytes]) -> None:
    authority.reply = lambda _: reply
    with pytest.raises(NoTimestamp):
        stamped(b"words", authority=authority.url, roots=roots_of(authority.roots))


def test_every_frozen_copy_is_stamped_and_proven(desk: Desk) -> None:
    assert (stamping.stamp(desk), stamping.is_due(desk)) == (2, False)
    assert {copy.kind for copy, _ in desk.store.evidence.tokens()} == {Kind.ROW, Kind.SCREENSHOT}
    assert list(stamping.unproven(desk)) == []


def test_an_authority_that_fails_is_asked_again_later(desk: Desk, authority: Authority) -> None:
    authority.reply = lambda _: (503, b"")
    assert (stamping.stamp(desk), authority.asked) == (0, 1)
    assert "HTTP 503" in desk.store.runs.job_errors()["timestamp"]
    assert (stamping.stamp(desk), authority.asked) == (0, 1), "not at once"
    authority.reply = None
    later = replace(desk, now=lambda: NOW + timedelta(minutes=6))
    assert stamping.stamp(later) == 2
    assert desk.store.runs.job_errors() == {}


def test_a_damaged_copy_stands_in_nobody_s_way(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stamping, "AT_ONCE", 1)
    damaged, whole = desk.store.evidence.unstamped()
    monkeypatch.setattr(type(desk.store.evidence), "body", only(damaged.sha256))
    assert stamping.stamp(desk) == 1
    assert desk.store.runs.job_errors() == {}
    assert list(desk.store.evidence.unstamped()) == [damaged]
    assert [copy.sha256 for copy, _ in desk.store.evidence.tokens()] == [whole.sha256]


def test_what_a_pass_left_is_read_again_after_a_day(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = desk.store.evidence.unstamped()
    monkeypatch.setattr(type(desk.store.evidence), "body", only(first.sha256))
    assert stamping.stamp(desk) == 1
    assert stamping.stamp(replace(desk, now=lambda: NOW + timedelta(minutes=11))) == 0
    assert not stamping.is_due(replace(desk, now=lambda: NOW + timedelta(minutes=12)))
    assert stamping.is_due(replace(desk, now=lambda: NOW + timedelta(days=1, minutes=12)))


def test_an_answer_without_an_end_is_none(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timestamps, "LARGEST", 1000)
    authority.reply = lambda _: (200, b"x" * 5000)
    with pytest.raises(NoTimestamp, match="more than 1000 bytes"):
        stamped(b"words", authority=authority.url, roots=roots_of(authority.roots))


def test_an_authority_that_does_not_answer_is_not_waited_for(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timestamps, "SECONDS", 0.2)
    asked = threading.Event()
    authority.reply = lambda _: (200 + asked.wait(10), b"late")
    with pytest.raises(NoTimestamp, match="did not answer"):
        stamped(b"words", authority=authority.url, roots=roots_of(authority.roots))
    asked.set()


def only(broken: str) -> Callable[[SqlEvidence, Copy], bytes]:
    """Reading copies, of which one is damaged."""
    whole = SqlEvidence.body

    def body(self: SqlEvidence, copy: Copy) -> bytes:
        if copy.sha256 == broken:
            raise DamagedCopy("The copy cannot be used.")
        return whole(self, copy)

    return body


def test_a_timestamp_of_other_words_is_found_out(desk: Desk, authority: Authority) -> None:
    other = stamped(b"other words", authority=authority.url, roots=roots_of(authority.roots))
    (copy, _) = desk.store.evidence.unstamped()
    desk.store.evidence.stamp(copy, *other)
    assert [(d.sha256, d.harm) for d in stamping.unproven(desk)] == [(copy.sha256, Harm.UNPROVEN)]


def test_the_whole_way_ends_in_files_that_anybody_can_check(
    config: Path, authority: Authority, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["-c", str(config)]
    assert main(["alert", *options]) == 0
    assert main(["incident", "verify", *options]) == 0
    assert main(["incident", "evidence", "1", "--out", str(tmp_path / "out"), *options]) == 0
    assert "时间戳" in capsys.readouterr().out
    listed = json.loads((tmp_path / "out" / "manifest.json").read_text())["copies"]
    assert {copy["kind"]: copy["page"] for copy in listed} == {"row": None, "screenshot": "https://weibo.com/1"}
    for copy in listed:
        body, token = (str(tmp_path / "out" / copy[key]) for key in ("file", "timestamp"))
        authority.openssl("ts", "-verify", "-in", token, "-data", body, "-CAfile", "root.pem")


def test_timestamps_that_cannot_be_checked_are_said_to_be_unchecked(
    desk: Desk, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stamping.stamp(desk)
    write_config(config.parent, "store.db", evidence={"screenshots": False})
    assert main(["incident", "verify", "-c", str(config)]) == 0
    assert "timestamp_roots" in capsys.readouterr().err


def test_an_authority_whom_nobody_could_check_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="timestamp needs timestamp_roots"):
        load_config(write_config(tmp_path, "s.db", evidence={"timestamp": "https://tsa.example/"}))


def test_certificates_that_are_not_there_are_told_by_doctor(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    block = {"timestamp": "https://tsa.example/", "timestamp_roots": "none.pem", "screenshots": False}
    write_config(config.parent, "store.db", evidence=block)
    main(["doctor", "--no-model", "-c", str(config)])
    said = capsys.readouterr().out
    assert "! 时间戳: none are had: the certificates" in said
    assert "截图: 不截图：evidence.screenshots 已关闭" in said
