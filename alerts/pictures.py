"""Asking for a picture of a post's page: once it raised a finding, and when something became of it."""

from datetime import datetime

from alerts.settings import Settings
from mentions.evidence import Kind
from mentions.store import Store
from mentions.tasks import screenshot
from mentions.types import Mention


def ask_for_picture(
    store: Store, settings: Settings, mention: Mention, at: datetime, *, again: bool = False
) -> None:
    """Let the crawler picture a post's page when it comes to it; `again` also where that was done before."""
    if settings.pictured is None or not mention.url.startswith(("http://", "https://")):
        return
    copies = () if again else store.evidence.copies([mention.id]).get(mention.id, ())
    if all(copy.kind is not Kind.SCREENSHOT for copy in copies):
        source = mention.source if mention.source in settings.pictured else None
        store.tasks.put(screenshot(source), [mention.id], at)
