"""What a new company starts with: the usual sources, and the textbook's ways of finding customers."""

from __future__ import annotations

from collections.abc import Mapping

from guanxi.crm.sources.model import Method
from guanxi.entity.actors import SYSTEM
from guanxi.entity.registry import entity_named
from guanxi.record.changes import Origin, create_many, insert
from guanxi.record.cleaning import prepare

METHODS: Mapping[str, tuple[str, str]] = {
    "door": ("Door to door", "逐户访问"),
    "fair": ("Meeting or fair", "会议与展会"),
    "club": ("Club", "俱乐部"),
    "friends": ("Friends and relatives", "亲友介绍"),
    "records": ("Directories and records", "查阅资料"),
    "consultants": ("Consultants", "咨询机构"),
    "spotters": ("Spotters", "委托助手（猎犬法）"),
    "referral": ("Referral", "连锁介绍"),
    "centre": ("Centre of influence", "中心开花"),
    "telephone": ("Telephone", "电话寻找"),
    "letter": ("Letter", "信函寻找"),
    "sms": ("SMS", "短信寻找"),
    "web": ("Web", "网络寻找"),
    "rivals": ("Rivals' customers", "争取对手客户"),
}
"""The prospecting methods, in English and Chinese."""

NAMES: Mapping[str, tuple[str, str]] = {
    "website": ("Website", "网站"),
    "referral": ("Referral", "转介绍"),
    "fair": ("Trade fair", "展会"),
    "advertising": ("Advertising", "广告"),
    "call": ("Cold call", "陌生电话"),
    "social": ("Social media", "社交媒体"),
    "partner": ("Partner", "合作伙伴"),
    "email": ("E-mail", "电子邮件"),
    "import": ("Import", "导入"),
    "other": ("Other", "其他"),
}
"""The usual sources by key, in English and Chinese."""
BEHIND = {
    "website": "web", "referral": "referral", "fair": "fair", "advertising": "web", "call": "telephone", "social": "web",
    "partner": "spotters", "email": "web", "import": "records",
}  # fmt: skip
"""The method behind each source."""


def start_sources(language: str = "en") -> None:
    """Methods and sources in the company's language; nothing when there are some."""
    if Method.objects.exists():
        return
    place, origin = int(language.startswith("zh")), Origin(via="system")
    names = [{"name": names[place], "position": at} for at, names in enumerate(METHODS.values())]
    methods = dict(zip(METHODS, create_many(entity_named("methods"), names, by=SYSTEM, origin=origin), strict=True))
    entity, records = entity_named("sources"), []
    for at, (key, called) in enumerate(NAMES.items()):
        method = methods.get(BEHIND.get(key, ""))
        record = prepare(entity, {"name": called[place], "method": method.pk if method else None, "position": at}, by=SYSTEM)
        record.key = key
        records.append(record)
    insert(entity, records, by=SYSTEM, origin=origin)
