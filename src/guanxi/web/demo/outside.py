"""What the demo company shows to people outside: letterheads, web forms and what came in by them, links of quotes."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import TYPE_CHECKING

from guanxi.access.models import Company
from guanxi.crm.models import FormEntry, Lead, Pool, Product, Quote
from guanxi.entity.registry import entity_named
from guanxi.record.changes import create
from guanxi.record.memory import raise_epoch
from guanxi.surfaces.public.model import PublicLink, PublicVisit
from guanxi.web.demo.author import BY, ORIGIN

if TYPE_CHECKING:
    from guanxi.web.demo.company import Demo

LETTERHEAD = {
    "letterhead_en": "18 Harbour Road, Pudong, Shanghai 200120\n+86 21 5555 0188 · sales@harbour.example",
    "letterhead_zh": "上海市浦东新区港湾路 18 号，邮编 200120\n+86 21 5555 0188 · sales@harbour.example",
    "closing_en": "We are glad to answer your questions. Prices hold until the day named above.",
    "closing_zh": "如有疑问，欢迎随时联系。价格在上述有效期内保持不变。",
}
CONSENT = "You may use what I wrote to answer me. I can take this back at any time."
CONSENT_ZH = "同意贵司使用我填写的信息回复我的咨询，并可随时撤回。"
FORMS = (
    (
        "Website: contact",
        "en",
        {"heading_en": "Talk to us", "consent_en": CONSENT, "thanks_en": "Thank you. You hear from us within a working day."},
    ),
    (
        "官网：联系我们",
        "zh-hans",
        {"heading_zh": "联系我们", "consent_zh": CONSENT_ZH, "thanks_zh": "谢谢！我们会在一个工作日内与您联系。"},
    ),
)


def make_outside(demo: Demo) -> None:
    """Letterheads, two forms with their leads, a link for every quote that waits for its answer."""
    Company.objects.update(**LETTERHEAD)
    raise_epoch()
    pools = {pool.name: pool.pk for pool in Pool.objects.filter(of="leads")}
    chinese_sellers = {person.user.pk for person in demo.sellers if person.chinese}
    leads = list(Lead.objects.filter(source="website", owner__isnull=False).order_by("pk"))
    for name, language, words in FORMS:
        chinese = language != "en"
        values = {
            "name": name, "language": language, "pool": pools["线索公海" if chinese else "Lead pool"], "source": "website", "required": ["name", "emails"],
            "origins": "https://www.harbour.example", **words,
        }  # fmt: skip
        form = create(entity_named("web_forms"), values, by=BY, origin=ORIGIN)
        came = [lead for lead in leads if (lead.owner_id in chinese_sellers) is chinese]
        FormEntry.objects.bulk_create(
            FormEntry(
                form=form, lead=lead, at=lead.created_at, language=language, consent=form.said("consent", language),
                consented_at=lead.created_at, page="https://www.harbour.example/contact",
            )
            for lead in came
        )  # fmt: skip
    _links(demo)
    _bundle()


def _bundle() -> None:
    """Two products that are sold as one, too."""
    parts = list(Product.objects.filter(deleted_at__isnull=True, price__gt=0).order_by("pk")[:2])
    values = {"name": "Starter kit", "priced_as": "parts", "bundle_discount": "10%", "currency": parts[0].currency}
    kit = create(entity_named("products"), values, by=BY, origin=ORIGIN)
    for position, part in enumerate(parts):
        create(entity_named("components"), {"bundle": kit.pk, "part": part.pk, "position": position}, by=BY, origin=ORIGIN)


def _links(demo: Demo) -> None:
    """Half of the quotes that were sent have been opened, some of them often."""
    made, visits = [], []
    for quote in Quote.objects.filter(status="sent", sent_on__isnull=False).order_by("pk"):
        assert quote.sent_on is not None
        at = min(dt.datetime.combine(quote.sent_on, dt.time(9), dt.UTC), demo.now)
        opened = demo.chance.choice([0, 0, 1, 2, 3, 5])
        moments = sorted(demo.between(at, demo.now) for _ in range(opened))
        link = PublicLink(
            entity="quotes", record_id=quote.pk, nonce=secrets.token_hex(16), made_at=at, made_by_id=quote.owner_id,
            expires_at=at + dt.timedelta(days=400), opened=opened, first_opened_at=moments[0] if moments else None,
            last_opened_at=moments[-1] if moments else None,
        )  # fmt: skip
        made.append(link)
        visits += [PublicVisit(link=link, at=moment) for moment in moments]
    PublicLink.objects.bulk_create(made)
    PublicVisit.objects.bulk_create(visits)
