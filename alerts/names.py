"""What people call the things that a message names: English here, translated like every other text."""

PLATFORMS = {
    "weibo": "Weibo",
    "discuz": "forum",
    "tieba": "Tieba",
    "v2ex": "V2EX",
    "rss": "RSS",
    "mi-community": "Mi Community",
    "zhihu": "Zhihu",
    "xiaohongshu": "Xiaohongshu",
    "bilibili": "Bilibili",
    "heimao": "Heimao complaints",
    "douyin": "Douyin",
    "kuaishou": "Kuaishou",
    "wechat": "WeChat",
    "hot-weibo": "Weibo hot list",
    "hot-zhihu": "Zhihu hot list",
    "hot-baidu": "Baidu hot list",
    "hot-bilibili": "Bilibili hot list",
    "hot-toutiao": "Toutiao hot list",
    "hot-douyin": "Douyin hot list",
    "web": "web page",
    "note": "sent by a person",
}
PLACES = {
    "weibo": "Weibo",
    "tieba": "Tieba",
    "zhihu": "Zhihu",
    "xiaohongshu": "Xiaohongshu",
    "bilibili": "Bilibili",
    "douyin": "Douyin",
    "kuaishou": "Kuaishou",
    "wechat": "WeChat",
    "heimao": "Heimao complaints",
    "discuz": "forum",
    "v2ex": "V2EX",
}
"""Where people talk of brands, whether or not any source can read it: what is not watched is told."""
VERIFICATION = {
    0: "personal V",
    1: "government",
    2: "enterprise",
    3: "media",
    4: "campus",
    5: "website",
    6: "app",
    7: "organisation",
}
FIELDS = {
    "author.is_big_v": "the author is a big V",
    "author.is_kol": "the author is a KOL",
    "author.followers": "followers of the author",
    "author.verified": "the author is verified",
    "author.reach": "reach of the author",
    "engagement.reposts": "reposts",
    "engagement.comments": "comments",
    "engagement.likes": "likes",
    "engagement.views": "views",
    "velocity.reposts_10m": "reposts in 10 minutes",
    "velocity.comments_10m": "comments in 10 minutes",
    "velocity.likes_10m": "likes in 10 minutes",
    "velocity.reposts_30m": "reposts in 30 minutes",
    "velocity.comments_30m": "comments in 30 minutes",
    "velocity.likes_30m": "likes in 30 minutes",
    "spread.copies": "copies of the text",
    "spread.reposts_stored": "stored reposts",
    "spread.platforms": "platforms on which it is said",
    "authenticity.value": "authenticity",
    "authenticity.reasons": "signs against its authenticity",
    "score.label": "sentiment",
    "score.negativity": "negativity",
    "mention.is_repost": "it is a repost",
    "mention.platform": "platform",
    "mention.age_minutes": "age in minutes",
    "hot.list": "hot list",
    "hot.rank": "rank on the hot list",
    "hot.best_rank": "best rank on the hot list",
    "hot.heat": "heat",
    "hot.best_heat": "highest heat",
    "hot.tag": "tag",
    "hot.is_ad": "it is paid for",
    "hot.minutes_on_list": "minutes on the hot list",
    "words.length": "watched words found",
    "source.minutes_since_success": "minutes since the last successful read",
    "source.minutes_since_new": "minutes since anything new",
    "source.minutes_since_run": "minutes since the last run",
    "source.query_unread_minutes": "minutes that a query was not read while the rest was",
    "source.blocked": "the source refuses",
    "source.cap_hit": "a page cap was hit",
    "source.capped_in_a_row": "looks in a row that hit the page cap",
    "source.missing": "share of posts missed, estimated",
    "source.missing_at_least": "share of posts missed, at least",
    "source.missing_known": "how much is missed is known",
    "source.signed_in": "the source reads signed in",
    "source.cookie_days_left": "days until the cookie ends",
    "source.walls": "share of pages that were a login wall or a captcha",
    "source.walls_before": "the same share in earlier visits",
    "source.layout_changed": "a page had a layout that we do not know",
    "source.drift": "share of a page's usual parts that is gone",
    "source.cooling_minutes": "minutes for which it is still left alone",
    "scoring.waiting": "mentions waiting for a score",
    "scoring.oldest_minutes": "minutes that the oldest waits",
    "scoring.quarantined": "mentions set aside after failing",
    "scoring.failing": "the model cannot run",
}
KINDS = (
    *("search", "list", "board", "feed", "thread", "topic", "post", "reread", "whole", "long text", "timeline"),
    *("profile", "comments", "comment", "reposts", "video", "dynamics", "dynamic", "complaints", "complaint"),
    *("page", "screenshot"),
)
"""Kinds of pages, as the sources call them."""
BASES = {
    "overlap": "from looks that missed some of each other's posts; what is hidden from all of them is not in it",
    "gaps": "written while no look reached so far back; what is hidden from all looks is not in it",
    "uneven": "at least: some posts are hidden far more often than others",
    "other source": "held against other lists of the same platform",
    "agree": "cannot be known: all looks showed the same, and what is hidden from each of them leaves no trace",
    "unordered": "cannot be known: the list is not in the order of time",
    "too few": "cannot be known yet: too few posts or looks",
}
"""What an estimate of the share missed rests on, by the values of `mentions.coverage.Basis`."""
SIGN_IN = (
    "Sign in again in a browser and put the new cookie into its environment variable. If the account was "
    "restricted: wait, and look less often."
)
LAYOUT = (
    "See what the site sends: tingfeng source show {subject}. If posts are read rightly, tingfeng source accept "
    "{subject}; if not, look for a newer version."
)
UNREADABLE = (
    "Look at the answer that cannot be read: tingfeng source page {subject} layout_changed. Look for a newer "
    "version; tingfeng source accept changes nothing here."
)
REACH_BACK = "Raise max_pages of {subject}, or look more often (schedule)."
SEE_MORE = "Look more often, raise max_pages, or watch the platform by a second source as well."
LOOK_CLOSER = "See what the site answers: tingfeng source show {subject}."
ADVICE = {
    "source.walls": SIGN_IN,
    "source.signed_in": SIGN_IN,
    "source.cookie_days_left": SIGN_IN,
    "source.layout_changed": UNREADABLE,
    "source.drift": LAYOUT,
    "source.cap_hit": REACH_BACK,
    "source.capped_in_a_row": REACH_BACK,
    "source.missing": SEE_MORE,
    "source.missing_at_least": SEE_MORE,
    "source.blocked": LOOK_CLOSER,
    "source.minutes_since_success": LOOK_CLOSER,
    "source.query_unread_minutes": LOOK_CLOSER,
    "source.minutes_since_run": "Is the service, or cron, running? tingfeng doctor says so.",
}
"""What to do, by the field that met a rule."""
SIGNALS = {
    "equal_gaps": "the author posts every {seconds} s, like a clock",
    "synchronised": "{accounts} accounts posted the same text every {seconds} s",
    "few_followers": "{followers} followers",
    "default_name": "a name given by the site",
    "copied_text": "{accounts} accounts posted the same text within {minutes} min",
    "lottery": "a lottery",
    "advertising": "advertising",
}
"""What speaks against the authenticity of a post, with the numbers of mentions.authenticity.Reason."""
