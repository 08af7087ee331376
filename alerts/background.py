"""What is known of a post beside itself: who else says it, and what speaks against its being meant."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from mentions.authenticity import Authenticity, authenticity
from mentions.copies import Kin
from mentions.posts import Found
from mentions.store import Store
from mentions.tasks import JUDGE


@dataclass(frozen=True, slots=True)
class Background:
    """The posts that say the same as one, and its authenticity."""

    kin: Kin
    authenticity: Authenticity


def backgrounds(store: Store, posts: Collection[Found], at: datetime) -> Mapping[str, Background]:
    """Look for copies of posts that are judged for the first time, and keep what speaks against any of them.

    An origin whose copies became more is judged again: a rule may ask how many there are.
    """
    mentions = [post.mention for post in posts]
    judged = {mention.id for mention in mentions}
    store.tasks.put(JUDGE, store.copies.link(mentions, at) - judged, at)
    kin, earlier = store.copies.kin(judged), store.copies.earlier(mentions)
    found = {
        mention.id: Background(
            alike := kin.get(mention.id, Kin(mention.repost_of or mention.id)),
            authenticity(mention, at, earlier=earlier.get(mention.id, ()), peers=alike.peers),
        )
        for mention in mentions
    }
    store.copies.note([background.authenticity for background in found.values()])
    return found
