"""Posts made up for measuring: the same ones at every run, as long and as marked up as those of a phone maker."""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from random import Random

from mentions.brands import Brand
from tingfeng.sandbox.world import Account, Growth, Post, Site

SHORTEST, LONGEST = 80, 120
"""Characters of a post."""
COMPLAINTS = 0.3
"""The share of phrases that many people write alike."""
NAMES = (
    *("星河", "云岭", "青禾", "北辰", "赤霄", "白露"),
    *("听澜", "远山", "松涛", "长庚", "照夜", "流萤"),
)
CONTEXT = ("手机", "电池", "充电", "客服", "售后", "门店", "退款", "系统", "拍照", "新机", "屏幕", "发布会")
PHRASES = (
    "用了不到三个月屏幕就开始闪",
    "客服一直让我等通知",
    "售后说要自己承担运费",
    "充电的时候烫得不敢拿",
    "系统更新以后掉电特别快",
    "门店的小哥态度倒是很好",
    "拍照比上一代清楚多了",
    "朋友推荐我买的新机",
    "官网的退款到现在也没有到账",
    "打了四个电话都没人接",
    "昨天在地铁上突然自动关机",
    "发布会上说得天花乱坠",
    "这个价位真的没什么可挑的",
    "iPhone用户第一次换过来",
    "续航两天完全没有问题",
    "问了三家店都说没有现货",
    "希望能给一个说法",
    "电池鼓起来把后盖都顶开了",
)
COMMON = (
    "的一是不了人我在有他这中大来上个国和也子时道说要们生到就出会可那得对你以然过去之年小能天只还用家"
    "都多没好看起自后事前面又样最想己经其新心把当很无手机回知被把开点两三长身话儿本什么方主间高明正老实外"
    "见些文现次位些发法意此打因进动它问气女真听分作学眼工相公同四声水给成山力加走几定做再条进员关却比或者"
    "路让五电直特向场金认论业表提万思海世全理已路重车步何必每西住反原结情件月门平走白马光叫许格少数花目"
)
"""The characters of most of any text, the most frequent first: an index is as large as its pairs are many."""
RANKS = list(accumulate(1 / (rank + 8) for rank in range(len(COMMON))))
EMOJI = ("[怒]", "[doge]", "[泪]", "[赞]", "[思考]", "[跪了]")


def brands() -> list[Brand]:
    """Twelve brands as people configure them: seven ways to call each, told apart by a context."""
    return [
        Brand(
            name=name,
            aliases=(f"{name}手机", f"{name}X9", f"{name}Pro", f"某{name[0]}", f"{name[0]}厂", f"{name}科技"),
            ambiguous=(name,),
            context=CONTEXT,
            exclude=(f"{name}路", f"《{name}》", f"{name}小区"),
            search=(name,),
        )
        for name in NAMES
    ]


def text(chance: Random, name: str, talks: Sequence[str] = ()) -> str:
    """What somebody writes about a brand; every third post has a topic, an emoji or a new line.

    `talks` are phrases made before, of which any are taken: making each anew is most of the time.
    """
    parts = [f"我的{name}手机"]
    length = len(parts[0])
    goal = chance.randint(SHORTEST, LONGEST - 20)
    while length < goal:
        phrase = _phrase(chance, talks)
        parts += ("，", phrase)
        length += 1 + len(phrase)
    written = "".join((*parts, "。"))
    match chance.randrange(3):
        case 0:
            return f"#{name}手机#{written}"
        case 1:
            return written + chance.choice(EMOJI)
        case _:
            return written.replace("，", "\n", 1)


def _phrase(chance: Random, talks: Sequence[str]) -> str:
    if chance.random() < COMPLAINTS:
        return chance.choice(PHRASES)
    return chance.choice(talks) if talks else talk(chance)


def talk(chance: Random) -> str:
    """A phrase of frequent characters in any order."""
    return "".join(chance.choices(COMMON, cum_weights=RANKS, k=chance.randint(5, 14)))


def author(chance: Random, number: int) -> Account:
    """One of the many; few of them are verified."""
    return Account(
        id=str(1_000_000_000 + number),
        name=f"用户{number}",
        followers=int(10 ** chance.uniform(1, 5)),
        region=chance.choice(("广东", "北京", "四川", "浙江")),
    )


def weibo_post(chance: Random, number: int, name: str, at: float) -> Post:
    """A Weibo post that somebody of a few thousand people wrote at a moment of the story."""
    return Post(
        site=Site.WEIBO,
        id=str(5_100_000_000_000_000 + number * 1_009),
        at=at,
        author=author(chance, chance.randrange(5_000)),
        text=text(chance, name),
        reposts=Growth(chance.randrange(30)),
        comments=Growth(chance.randrange(60)),
        likes=Growth(chance.randrange(400)),
    )


def weibo_posts(each: int, seed: int = 1) -> Iterator[Post]:
    """So many posts on every brand, one a minute, the newest a minute old."""
    chance = Random(seed)  # noqa: S311 - the same posts at every run
    for place, name in enumerate(NAMES):
        for age in range(each):
            yield weibo_post(chance, place * each + age, name, at=-60.0 * (age + 1))
