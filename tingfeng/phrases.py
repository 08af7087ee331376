"""Which words of a text to look for elsewhere: a clause or two that hardly anybody writes, and nobody's data."""

import re
from collections.abc import Callable

from mentions.brands import stands_alone
from mentions.fingerprints import EMOJI_CODE
from mentions.text import LINK, NAME, REPOST_CHAIN, fold

SHORTEST, LONGEST = 6, 16
"""Characters of a phrase: a shorter one is anybody's, and what follows the 16th is often changed by who copies."""
MOST = 2
COMPARED = 5
"""Clauses, the longest ones, of which it is counted how common they are."""
PIECE = 4
"""Characters of what is counted: two could be chance, and more are hardly written twice."""
BETWEEN = re.compile(r"[^\w ]+|_+|\s{2,}")
"""Where a clause ends."""
SENTENCE = re.compile(r"[,。!?;…~]+|(?<!\d)\.|\.(?!\d)")
"""Where what is said of a person ends: 「收货人:张三 上海市」 is one, with its colon and its blank."""
LABEL = re.compile(r"(?:[:：=]|(?<![^\n])[^\n]{1,6}) *\n\s*")
"""What may be the label of a form, of which the value stands on the next line."""
HIDDEN = "\0"
"""Stands where something was struck out; a folded text holds none."""
MAIL = re.compile(r"[\w.+-]{1,64} ?@ ?[a-z0-9-]{1,63}(?: ?\. ?[a-z0-9-]{1,63})+")
DIGIT = "[0-9零〇○一二三四五六七八九幺两壹贰叁肆伍陆柒捌玖]"
NUMBER = re.compile(rf"{DIGIT}(?:(?:[^\w\0]|_){{0,3}}{DIGIT}){{4,}}")
"""Five digits and more, also spelled in Chinese, and with blanks, hyphens and the like between them."""
PERSONAL = re.compile(
    rf"{HIDDEN}|[a-z][0-9]|[0-9][a-z]|[0-9] ?(?:号楼?|室|栋|幢|单元|弄|层)"
    "|本人|我叫|我姓|姓名|名叫|名字|实名|署名|联系|收货|收件|寄[到给往]|送[到至]"
    "|身份证|护照|证件|车牌|车架|牌照|病历|社保|学号|工号|卡号|账号|账户|户名|银行卡"
    "|手机号|号码|电话[是为号:]|邮箱|邮件|微信|威信|薇信|v信|企鹅|扣扣|支付宝|加我|私我|(?<![a-z])(?:qq|vx|wx|wechat|tel)(?![a-z])"
    "|订单|单号|运单|流水号|编号|序列号"
    "|地址|住址|住在|家住|家在|小区|公寓|社区|路(?!由)|街|巷|胡同|大道|[省市区县镇乡村]\\w{0,8}[号楼]"
    "|女儿|儿子|孩子|小孩|娃|宝宝|女婿|儿媳|孙子|孙女|外孙|老公|老婆|丈夫|妻子|媳妇|爱人|男友|女友|男朋友|女朋友"
    "|爸|妈|父亲|母亲|爷爷|奶奶|外公|外婆|姥|哥哥|姐姐|弟弟|妹妹|表[哥姐弟妹]|堂[哥姐弟妹]|叔|舅|姑|姨"
    "|学校|小学|中学|幼儿园|年级|[0-9一二三四五六七八九]班|班主任"
)
"""What hints at whose the words are: numbers and codes, names, addresses, family, school. It goes to no site."""


def phrases(text: str, common: Callable[[str], float]) -> list[str]:
    """One or two clauses of a text, the rarest first, then the longest; none where all are short or personal.

    `common` says how many known posts hold some characters. What follows //@ is somebody else's. A name of which
    nothing around it says that it is one is not known to be personal.
    """
    lines = LABEL.sub(lambda label: label[0].replace("\n", " "), "\n".join(text.splitlines()))
    own = REPOST_CHAIN.split("。".join(map(fold, lines.split("\n"))), maxsplit=1)[0]
    for strange, instead in ((LINK, "。"), (MAIL, HIDDEN), (NAME, "。"), (EMOJI_CODE, "。"), (NUMBER, HIDDEN)):
        own = strange.sub(instead, own)
    sayable = [said for said in SENTENCE.split(own) if not PERSONAL.search(said)]
    clauses = dict.fromkeys(_cut(clause.strip()) for said in sayable for clause in BETWEEN.split(said))
    longest = sorted((c for c in clauses if len(c) >= SHORTEST), key=len, reverse=True)[:COMPARED]
    return sorted(longest, key=lambda clause: _commonness(clause, common))[:MOST]


def _cut(clause: str) -> str:
    """Its first characters, without half a Latin word at their end."""
    end = min(len(clause), LONGEST)
    while end and not stands_alone(clause, 0, end):
        end -= 1
    return clause[:end].strip()


def _commonness(clause: str, common: Callable[[str], float]) -> float:
    """How many posts hold a piece of the clause, on average."""
    pieces = [clause[at : at + PIECE] for at in range(0, len(clause) - PIECE + 1, PIECE)]
    return sum(map(common, pieces)) / len(pieces)
