"""One visit to one source: what was asked, how an answer is stored, and which pages are worth following."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from operator import attrgetter
from typing import Any, cast

from crawlers.browsing.ending import mark
from crawlers.browsing.screenshots import Pictures
from crawlers.conduct.cooling import WAITS, cooled, sentence
from crawlers.conduct.hosts import site_of
from crawlers.conduct.secrets import Secrets, secrets_of
from crawlers.looking import Looking
from crawlers.rereads import Rereads
from crawlers.samples import Samples
from crawlers.seeking import first_page, whose
from crawlers.source import Answer, Fetch, Gate, Outcome, Page, Source
from crawlers.tally import Tally
from mentions.brands import BrandMatcher
from mentions.posts import Recorded
from mentions.sites import Cooling, Validators
from mentions.sought import Sought
from mentions.store import Store, StoreError
from mentions.types import Engagement, Mention, Observation

COUNTING = frozenset({Gate.DISCUSSED, Gate.SPREAD, Gate.RECOUNTED})
"""Gates that ask what was counted of a post before this page."""
LEARNT_LATELY = timedelta(days=7)
"""How long it is believed that so many follow an author."""
OUR_FAULT = frozenset({Outcome.LAYOUT_CHANGED, Outcome.GARBAGE})
"""Answers that another attempt will hardly read better."""


@dataclass(frozen=True, slots=True)
class Item:
    """What came of a fetch: a page that was read, or the reason why there is none.

    `reason` is the key under which a block is counted; None where nothing was asked at all. `wait` is how long
    the site asked us to stay away.
    """

    fetch: Fetch
    page: Page | None
    reason: str | None = None
    detail: str = ""
    answer: Answer | None = None
    wait: timedelta | None = None
    picture: bytes | None = None


@dataclass(slots=True)
class Visit:
    """The state that the parts of one visit share. `since` is the start of the last complete one."""

    name: str
    source: Source
    store: Store
    matcher: BrandMatcher
    clock: Callable[[], datetime]
    user_agent: str
    rereads: Rereads
    first: Sequence[Fetch]
    since: datetime | None = None
    broken_off: Sequence[tuple[datetime, datetime]] = ()
    """When earlier visits began and ended in which some page could not be read."""
    tally: Tally = field(default_factory=Tally)
    shown: list[Observation] | None = None
    """What the pages showed, where somebody wants to know."""
    landed: str | None = None
    """Where the first answer was found, or where it sent us."""
    looked_up: set[str] = field(default_factory=set)
    """The addresses of the profiles that were worth it."""
    looking: Looking = field(default_factory=Looking)
    samples: Samples = field(default_factory=Samples)
    pauses: Mapping[str, timedelta] = field(default_factory=dict)
    """The strictest that the sources of a site ask for, where that is known."""
    asker: str = ""
    """What the answers to the visit's questions depend on, beside the site: settings and brands."""
    validators: Mapping[str, Validators] = field(default_factory=dict)
    read: dict[str, Validators] = field(default_factory=dict)
    """The versions of the pages that this visit began with."""
    taken: dict[str, datetime] = field(default_factory=dict)
    """The sites that are being asked, and since when."""
    sought: Sequence[Sought] = ()
    """Words of watched posts, which are looked for besides."""
    elsewhere: bool = True
    """Whether they are looked for, and not only known where they are met."""
    over: bool = False
    """Whether nothing more may be asked."""
    secrets: Secrets = field(init=False)
    """What no row and no log may hold."""
    looked_at: dict[str, Cooling | None] = field(default_factory=dict)
    """What is known of sites that may have turned this source away."""
    home: frozenset[str] = frozenset()
    """The source's own sites, which may stand in our network."""
    profile: str | None = None
    """The browser's profile with which those pages may be pictured that strangers may not see."""
    mark: str = field(default_factory=mark)
    """By what the visit's browsers are found."""

    def __post_init__(self) -> None:
        self.secrets = secrets_of(self.source)

    def pause(self, site: str) -> timedelta:
        """How long a site rests after an answer, at least."""
        return max(self.source.delay, self.pauses.get(site, self.source.delay))

    def cooling(self, site: str) -> Cooling | None:
        """What is known of a site that turned this source away; looked up once a visit."""
        if site not in self.looked_at:
            known = next(iter(self.store.sites.cooling(self.name, site)), None)
            if known is not None and known.source != self.name and known.until > self.clock():
                known = replace(known, source=self.name)  # so that it is also known of this source
                self.store.sites.cool(known)
            self.looked_at[site] = known
        return self.looked_at[site]

    @property
    def worth_keeping(self) -> dict[str, Validators]:
        """The versions that a site named, or once named and does no more."""
        return {url: seen for url, seen in self.read.items() if seen != Validators() or url in self.validators}

    def commit_now(self, item: Item) -> list[Fetch]:
        """The same as `commit` at once, or StoreBusy: a hand-over to a thread costs a quarter of a page's CPU."""
        with self.store.transaction(wait=False, durable=False):
            return self.commit(item)

    def commit(self, item: Item) -> list[Fetch]:
        """Store what an item shows, and say what to fetch next. Call it in a thread: it may wait."""
        self._check_room()
        if isinstance(self.rereads, Pictures):
            return self._pictured(item, self.rereads)
        hide = self.secrets.hide
        page = item.page and replace(item.page, detail=hide(item.page.detail), note=hide(item.page.note))
        if page is None:
            self.looking.ended(item.fetch, item.reason, self.clock())
            return self._not_read(item.fetch, item.reason, item.detail, our_fault=False)
        if page.outcome is Outcome.NOT_FOUND and item.fetch.url in self.rereads.waiting:
            self.rereads.missed(item.fetch.url, self.clock())
        self._cool(item, page)
        if page.outcome.blocked:
            reason = page.outcome.value
            self._refused(item, (page, *page.refused))
            return self._not_read(item.fetch, reason, page.detail, our_fault=page.outcome in OUR_FAULT)
        page = first_page(item.fetch, page)
        observations = self._branded(page.observations)
        if self.shown is not None:
            self.shown += observations
        before = self._counted(page)
        recorded = self._record(observations, item.fetch)
        if page.authors:
            self.store.posts.record_authors(page.authors, self.clock())
        follow = self._worth(
            page, {o.mention.id: o for o in observations}, recorded, before, again=item.fetch.again
        )
        if item.fetch.again:
            follow = [replace(fetch, again=True) for fetch in follow]
        self.tally.read(page, recorded, len(follow), again=item.fetch.again or item.fetch.sought)
        if item.answer is not None:
            self._looked(item, item.answer, page, set(recorded.new), follow)
        self._refused(item, page.refused)
        for refusal in {refusal.outcome: refusal for refusal in page.refused}.values():
            self._count(item.fetch, refusal.outcome.value, refusal.detail, again=item.fetch.again)
        return follow

    def _refused(self, item: Item, refusals: Collection[Page]) -> None:
        """Remember that a look ended so, and what the refusals looked like."""
        for refusal in refusals:
            self.looking.ended(item.fetch, refusal.outcome.value, self.clock())
            if item.answer is not None:
                self.samples.refusal(item.fetch, item.answer, refusal)

    def _looked(
        self, item: Item, answer: Answer, page: Page, new: Collection[str], follow: Collection[Fetch]
    ) -> None:
        """Remember what a page says of its query: one that is not there shows nothing of it."""
        if answer.status == HTTPStatus.NOT_MODIFIED:
            self.looking.unchanged(item.fetch, answer.fetched_at)
            return
        if page.outcome is Outcome.NOT_FOUND:
            self.looking.ended(item.fetch, page.outcome.value, answer.fetched_at)
        else:
            self.looking.read(item.fetch, page, new, follow, answer.fetched_at)
        self.samples.sample(item.fetch, answer, page)

    def _check_room(self) -> None:
        if (room := self.store.shortage()) is not None:
            raise StoreError(f"{room}.")

    def _pictured(self, item: Item, pictures: Pictures) -> list[Fetch]:
        """Keep a picture of a page; it shows no posts."""
        page, answer = item.page, item.answer
        if page is None or answer is None:
            return self._not_read(item.fetch, item.reason, item.detail, our_fault=False)
        if page.outcome is Outcome.NO_PERMISSION and self.profile and item.fetch.profile is None:
            return [replace(item.fetch, profile=self.profile)]
        self._cool(item, page)
        if page.outcome.blocked or item.picture is None:
            ours = page.outcome in OUR_FAULT or page.outcome is Outcome.NO_PERMISSION
            return self._not_read(item.fetch, page.outcome.value, page.detail, our_fault=ours)
        pictures.keep(item.fetch.url, answer.url, item.picture, answer.fetched_at)
        self.tally.read(page, Recorded((), 0), 0, again=True)
        return []

    def _cool(self, item: Item, page: Page) -> None:
        """Leave a site alone that turned us away; forget that it did once it answers."""
        if item.fetch.side:
            return
        site = site_of(item.fetch.url)
        before = self.cooling(site)
        refusal = page.wall
        if item.wait is not None and item.answer is not None and item.answer.status in WAITS:
            refusal = refusal or page
        if refusal is not None:
            what = {
                "source": self.name,
                "site": site,
                "reason": refusal.outcome.value,
                "detail": self.secrets.hide(refusal.detail),
            }
            now = cooled(before, self.clock(), item.wait, **what)
            self.store.sites.cool(now)
            self.looked_at[site] = now
            self.tally.note(f"{site}: {sentence(now)}")
        elif before is not None and not page.outcome.blocked:
            self.store.sites.warm(self.name, site)
            self.looked_at[site] = None

    def _not_read(self, fetch: Fetch, reason: str | None, detail: str, *, our_fault: bool) -> list[Fetch]:
        if reason is not None:
            self._count(fetch, reason, detail, again=fetch.again or fetch.sought)
        self.rereads.failed(fetch.url, self.secrets.hide(detail), self.clock(), our_fault=our_fault)
        return []

    def _count(self, fetch: Fetch, reason: str, detail: str, *, again: bool) -> None:
        self.tally.block(reason, self.secrets.hide(f"{fetch.url}: {detail}"), again=again)

    def _record(self, observations: Sequence[Observation], fetch: Fetch) -> Recorded:
        if fetch.url in self.rereads.waiting:
            uncounted = [o.mention.id for o in observations if o.engagement is None]
            with self.store.transaction():
                recorded = self.store.posts.record(observations)
                self.rereads.uncounted(fetch.url, uncounted, self.clock())
                self.rereads.done(fetch.url)
            return recorded
        return self.store.posts.record(observations) if observations else Recorded((), 0)

    def _branded(self, observations: Sequence[Observation]) -> list[Observation]:
        """The same, with the brands that each post mentions: in its title, its text, or what it reposts.

        Who says what a watched post says is about its brand, also without a name of it.
        """
        texts = {o.mention.id: o.mention.text for o in observations}
        branded = []
        for o in observations:
            m = o.mention
            words = "\n".join(filter(None, (m.title, m.text, texts.get(m.repost_of or ""))))
            brands = tuple(dict.fromkeys((*m.brands, *self.matcher.match(words), *whose(words, self.sought))))
            branded.append(replace(o, mention=replace(m, brands=brands)) if brands != m.brands else o)
        return branded

    def _counted(self, page: Page) -> dict[str, Engagement | None]:
        """What was counted before of the posts that the page's gates ask about."""
        asked = [f.mention_id for f in page.follow if f.gate in COUNTING and f.mention_id]
        found = self.store.posts.get(asked) if asked else {}
        return {mention_id: known.engagement for mention_id, known in found.items()}

    def _worth(
        self,
        page: Page,
        shown: dict[str, Observation],
        recorded: Recorded,
        before: dict[str, Engagement | None],
        *,
        again: bool,
    ) -> list[Fetch]:
        """Those of the pages pointed to whose gate is open."""
        cut = [f.mention_id for f in page.follow if f.gate is Gate.TRUNCATED and f.mention_id]
        whole = self.store.posts.whole(cut)
        acquainted = self._acquainted(page)
        follow = []
        for fetch in page.follow:
            is_open = fetch.gate is Gate.ALWAYS
            match fetch.gate:
                case Gate.NEWS:
                    is_open = bool(recorded.new)
                case Gate.TRUNCATED:
                    is_open = fetch.mention_id not in whole
                case Gate.CHANGED:
                    is_open = self.since is None or fetch.changed is None or fetch.changed >= self.since
                case Gate.RECOUNTED:
                    is_open = self._is_recounted(fetch, before.get(fetch.mention_id or ""))
                case Gate.DISCUSSED:
                    is_open = _grew(shown.get(fetch.mention_id or ""), before, attrgetter("comments")) or (
                        again and self._is_unread(fetch, shown, self.store.posts.answered)
                    )
                case Gate.SPREAD:
                    is_open = _grew(shown.get(fetch.mention_id or ""), before, attrgetter("reposts")) or (
                        again and self._is_unread(fetch, shown, self.store.posts.reposts_by)
                    )
                case Gate.STRANGER:
                    is_open = self._is_worth_a_look(fetch, shown, acquainted)
            if is_open:
                follow.append(_remember(fetch, shown))
        return follow

    def _is_recounted(self, fetch: Fetch, known: Engagement | None) -> bool:
        """The count of a visit that was broken off is not believed: what it counts may not have been read."""
        if known is None or any(began <= known.at <= ended for began, ended in self.broken_off):
            return True
        return known.comments != fetch.comments

    def _acquainted(self, page: Page) -> Collection[tuple[str, str]]:
        asked = {(f.author.platform, f.author.id) for f in page.follow if f.gate is Gate.STRANGER and f.author}
        return self.store.posts.followed(asked, self.clock() - LEARNT_LATELY) if asked else ()

    def _is_worth_a_look(
        self, fetch: Fetch, shown: dict[str, Observation], acquainted: Collection[tuple[str, str]]
    ) -> bool:
        post, author = shown.get(fetch.mention_id or ""), fetch.author
        if post is None or author is None or not post.mention.brands or fetch.url in self.looked_up:
            return False
        if (author.platform, author.id) in acquainted or len(self.looked_up) >= self.source.look_ups:
            return False
        self.looked_up.add(fetch.url)
        return True

    def _is_unread(
        self, fetch: Fetch, shown: dict[str, Observation], stored: Callable[[Collection[str]], Collection[str]]
    ) -> bool:
        post = shown.get(fetch.mention_id or "")
        return post is not None and bool(post.mention.brands) and not stored([post.mention.id])


def _grew(
    observation: Observation | None,
    before: dict[str, Engagement | None],
    count: Callable[[Engagement], int | None],
) -> bool:
    """Whether a post that mentions a brand shows another number than was stored."""
    if observation is None or not observation.mention.brands or observation.engagement is None:
        return False
    known = before.get(observation.mention.id)
    return (known and count(known)) != count(observation.engagement)


def _remember(fetch: Fetch, shown: dict[str, Observation]) -> Fetch:
    """Let the whole text of a post be recorded with the brands that its repost's origin gave it."""
    if isinstance(fetch.context.get("mention"), Mention) and fetch.mention_id in shown:
        return replace(fetch, context={**fetch.context, "mention": shown[fetch.mention_id].mention})
    return fetch


def visit_of_spider(spider: Any) -> Visit:
    """The visit that a spider of Scrapy's is on: what Scrapy hands to its middlewares is any spider."""
    return cast("Visit", spider.visit)
