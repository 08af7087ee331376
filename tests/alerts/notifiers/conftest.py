"""A message, and a receiver on loopback that answers as it is told."""

import socket
from collections.abc import Iterator
from datetime import datetime

import pytest

from alerts.message import Message, Section
from tingfeng.sandbox import Sandbox, World
from tingfeng.sandbox.receiver import Receiver


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(World(())) as opened:
        yield opened


@pytest.fixture
def receiver(sandbox: Sandbox) -> Iterator[Receiver]:
    yield sandbox.slack
    sandbox.slack.plan.clear()
    sandbox.slack.hook_plan.clear()


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address on which nobody listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


@pytest.fixture
def message(now: datetime) -> Message:
    return Message(
        incident=7,
        severity="red",
        headline="🔴 [RED] 星河: 负面正在扩散",
        quote="星河手机电池鼓包 👨\u200d👩\u200d👧",
        sections=(Section("Who", ("数码老炮 (big V)",)), Section("Spread so far", ("120 reposts", "▁▃█"))),
        link="https://weibo.test/1",
        link_label="Original post",
        footer=f"Incident #7 · {now:%m-%d}",
    )
