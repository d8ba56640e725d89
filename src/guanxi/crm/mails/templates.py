"""The words a mail begins with: the company's own template in the reader's language, or the one that comes with Guanxi."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from guanxi.crm.mails.model import MailTemplate
from guanxi.record.memory import remember

PLACES = frozenset({"name", "title", "number", "total", "valid_until", "link", "seller", "company"})
"""What a template may name."""


@dataclass(frozen=True)
class Words:
    """A subject and a text, with places."""

    subject: str
    text: str


USUAL: Mapping[str, Words] = {
    "en": Words(
        "Quote {number}: {title}",
        "Dear {name},\n\nthank you for your interest. Our quote {number} over {total} is attached, and you can read and answer it here:\n\n"
        "{link}\n\nIt is valid until {valid_until}. I am glad to answer your questions.\n\nKind regards\n{seller}\n{company}",
    ),
    "zh-hans": Words(
        "报价单 {number}：{title}",
        "{name}，您好！\n\n感谢您的关注。报价单 {number}（合计 {total}）见附件，您也可以在以下网页查看并答复：\n\n"
        "{link}\n\n报价有效期至 {valid_until}。如有任何问题，欢迎随时与我联系。\n\n顺祝商祺！\n{seller}\n{company}",
    ),
}


def words_for(of: str, language: str) -> Words:
    """The newest template in use for that, in that language."""
    return remember(("mail template", of, language), lambda: _read(of, language))


def _read(of: str, language: str) -> Words:
    own = MailTemplate.objects.filter(of=of, language=language, active=True, deleted_at__isnull=True).order_by("-pk").first()
    return Words(own.subject, own.text) if own is not None else USUAL.get(language, USUAL["en"])
