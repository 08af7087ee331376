"""What can be seen of the running service from outside: its store, and what the chat receiver got."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mentions.incidents import Incident
from mentions.outbox import Notification, NotificationState
from mentions.posts import Search
from mentions.runs import Freshness
from mentions.store import Store
from mentions.tasks import SCORE, Backlog
from mentions.types import Label, Severity
from tingfeng.config import Config
from tingfeng.sandbox import Received

LATEST = 6
"""Incidents and messages that fit on a screen."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One look. `told`: the gravest level was reached and its message has arrived, so the story is over."""

    sources: list[Freshness]
    mentions: int
    negative: int
    scoring: Backlog
    incidents: list[Incident]
    sent: list[Notification]
    messages: list[Received]

    @property
    def told(self) -> bool:
        """Whether everything there is to see has been seen."""
        return any(message.severity is Severity.RED for message in self.sent)

    @property
    def first(self) -> Notification | None:
        """The first message about a post by a big V, else the first about any post."""
        about_posts = [n for n in self.sent if n.payload["kind"] == "post"]
        viral = [n for n in about_posts if (n.payload["mention"]["author"] or {}).get("reach") == "big_v"]
        return min(viral or about_posts, key=lambda n: n.sent or n.created, default=None)


def look(store: Store, config: Config, received: Sequence[Received]) -> Scene:
    """Look once."""
    incidents = store.incidents.recent(unresolved=False)
    messages = [n for i in incidents for n in store.outbox.of_incident(i.id)]
    sent = [n for n in messages if n.state is NotificationState.SENT]
    return Scene(
        sources=store.runs.freshness(list(config.enabled_sources())),
        mentions=store.posts.count(Search()),
        negative=store.posts.count(Search(label=Label.NEGATIVE)),
        scoring=store.tasks.backlog(SCORE),
        incidents=incidents,
        sent=sorted(sent, key=lambda n: n.sent or datetime.max.replace(tzinfo=n.created.tzinfo)),
        messages=[entry for entry in received if entry.shown],
    )
