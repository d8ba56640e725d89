"""Pages for people outside: what a link shows, who may make and end it, how it is answered."""

from __future__ import annotations

import datetime as dt
import re
import threading
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from guanxi.access.visitors import Visitor, locale_of
from guanxi.crm.quotes.model import Quote
from guanxi.crm.quotes.verbs import order, revise, send
from guanxi.entity.actors import Level
from guanxi.entity.registry import entity_named
from guanxi.record.changes import create, delete, edit
from guanxi.record.models import Change, Notification
from guanxi.record.reach import visible
from guanxi.record.refusals import Forbidden, Missing, Refused
from guanxi.surfaces.public.limits import counted, forget_attempts
from guanxi.surfaces.public.links import found, links_of, make_link, revoke_link, token_of
from guanxi.surfaces.public.model import Attempt, PublicLink, PublicVisit
from tests.cast import Cast, make

pytestmark = pytest.mark.django_db


def draft(cast: Cast, **values: Any) -> Quote:
    """Bob's quote for Northwind, with what outsiders must not see."""
    account = make("accounts", name="Northwind", currency="USD", owner=cast.bob.pk, description="Pays late")
    deal = make("deals", name="Secret discount", account=account.pk, owner=cast.bob.pk, currency="USD", stage=cast.stage("New").pk)
    values = {"account": account.pk, "deal": deal.pk, "name": "Sensors for hall 3", "terms": "Thirty days net.", **values}
    quote = create(entity_named("quotes"), values, by=cast.bob)
    line = {"quote": quote.pk, "tax_rate": "10%"}
    create(entity_named("quote_lines"), {**line, "name": "Sensor <b>X</b>", "quantity": 10, "price": 20}, by=cast.bob)
    create(entity_named("quote_lines"), {"quote": quote.pk, "name": "Training", "quantity": 1, "price": 500, "optional": True}, by=cast.bob)
    return now(quote)


def now(quote: Any) -> Quote:
    return Quote.objects.get(pk=quote.pk)


def sent(cast: Cast, **values: Any) -> tuple[Quote, str]:
    """A quote that was sent, and where its customer finds it."""
    quote = draft(cast, **values)
    send(quote, by=cast.bob)
    return now(quote), f"/p/{token_of(links_of(entity_named('quotes'), quote.pk)[0])}"


def answer(client: Client, url: str, quote: Any, verb: str = "accept", **values: str) -> Any:
    return client.post(url, {"answer": verb, "version": str(now(quote).version), "answered_by": "Nora Wind", **values})


def test_a_visitor_reads_the_record_its_own_lines_and_declared_fields_alone(cast: Cast) -> None:
    quote, _url = sent(cast)
    other, _other_url = sent(cast, name="Another customer's")
    quotes, lines = entity_named("quotes"), entity_named("quote_lines")
    visitor = Visitor(quotes, quote.pk, locale_of("en")).knowing(quote)
    assert list(visible(quotes, to=visitor)) == [quote]
    assert {line.quote_id for line in visible(lines, to=visitor)} == {quote.pk}
    assert lines.model._default_manager.filter(quote=other).exists()
    assert list(visible(entity_named("deals"), to=visitor)) == []
    public = quotes.public
    assert public is not None
    for entity, named in ((quotes, public.named), (lines, {*public.columns, public.beneath, public.marked, public.chosen})):
        readable = {name for name in entity.fields if visitor.rights.level(entity.path, name) != Level.HIDDEN}
        assert readable == set(named), entity.path
    assert visitor.rights.level("accounts", "description") == Level.HIDDEN


def test_whoever_has_the_link_sees_what_is_declared_and_nothing_else(cast: Cast, client: Client) -> None:
    _quote, url = sent(cast)
    page = client.get(url)
    text = page.content.decode()
    shown = (
        "Sensors for hall 3",
        "Northwind",
        "Sensor &lt;b&gt;X&lt;/b&gt;",
        "Training",
        "Optional",
        "$220.00",
        "Thirty days net.",
        "Bob Reyes",
    )
    assert [one for one in shown if one not in text] == []
    kept_back = ("Secret discount", "Pays late", "/accounts/", "/quotes/", "/deals/", cast.bob.username + "@", "csrf")
    assert [one for one in kept_back if one in text] == []
    assert client.cookies == {}


def test_records_that_pools_keep_back_lead_to_nobody_outside(cast: Cast, client: Client) -> None:
    make("pools", name="Accounts", of="accounts", masked=["phones"], admin_roles=[cast.roles["manager"].pk])
    quote, url = sent(cast)
    assert "Northwind" in client.get(url).content.decode()
    assert client.get(f"{url}/pdf").status_code == 200
    assert answer(client, url, quote).status_code == 303


def test_the_page_is_kept_to_whom_it_was_sent(cast: Cast, client: Client) -> None:
    quote, url = sent(cast)
    page = client.get(url)
    assert (page["X-Robots-Tag"], page["Cache-Control"]) == ("noindex, nofollow, noarchive", "no-store, private")
    assert (page["Referrer-Policy"], page["X-Frame-Options"]) == ("same-origin", "DENY")
    policy = dict(part.split(" ", 1) for part in page["Content-Security-Policy"].split("; "))
    assert (policy["script-src"], policy["connect-src"], policy["frame-ancestors"]) == ("'self'", "'self'", "'none'")
    assert page.content.decode().count("<script") == 1
    assert answer(client, url, quote).status_code == 303
    page = client.get(url)
    policy = dict(part.split(" ", 1) for part in page["Content-Security-Policy"].split("; "))
    assert (policy["script-src"], policy["connect-src"], page.content.decode().count("<script")) == ("'none'", "'none'", 0)


def test_it_speaks_the_visitors_language(cast: Cast, client: Client) -> None:
    _quote, url = sent(cast)
    assert client.get(url, headers={"accept-language": "zh-CN,zh;q=0.9"})["Content-Language"] == "zh-hans"
    assert client.get(url, headers={"accept-language": "fr,en;q=0.5"})["Content-Language"] == "en"
    assert client.get(f"{url}?lang=zh-hans", headers={"accept-language": "en"})["Content-Language"] == "zh-hans"
    assert client.get(f"{url}?lang=xx", headers={"accept-language": "!!"})["Content-Language"] == "en"


def test_a_token_is_no_good_with_anything_changed(cast: Cast, client: Client) -> None:
    quote, url = sent(cast)
    other = make_link(quote, by=cast.bob)
    token = url.removeprefix("/p/")
    key, signature = token.split("-", 1)
    wrong = [
        f"{other.pk}-{signature}",
        f"{key}-{signature[:-1]}A" if signature[-1] != "A" else f"{key}-{signature[:-1]}B",
        f"0{token}",
        key,
        "x",
        f"{key}-",
    ]
    assert [found(one) for one in wrong] == [None] * len(wrong)
    assert [client.get(f"/p/{one}").status_code for one in wrong] == [404] * len(wrong)
    assert "Northwind" not in client.get(f"/p/{wrong[0]}").content.decode()


def test_drafts_are_never_public(cast: Cast) -> None:
    with pytest.raises(Refused):
        make_link(draft(cast), by=cast.bob)
    assert not PublicLink.objects.exists()


def test_only_who_may_change_the_record_makes_and_ends_links(cast: Cast, client: Client, client_of: Any) -> None:
    quote, url = sent(cast)
    link = links_of(entity_named("quotes"), quote.pk)[0]
    for person, refusal in ((cast.charlie, Missing),):
        with pytest.raises(refusal):
            make_link(quote, by=person)
        with pytest.raises(refusal):
            revoke_link(quote, link.pk, by=person)
    edit(quote, {"readers": [cast.charlie.pk]}, by=cast.admin)
    with pytest.raises(Forbidden):
        make_link(quote, by=cast.charlie)
    share = f"/quotes/{quote.pk}/share"
    assert [client_of(one).get(share).status_code for one in (cast.bob, cast.alice, cast.charlie)] == [200, 200, 403]
    assert client.get(share).status_code == 302
    made = client_of(cast.bob).post(share, {"note": "Nora", "expires_on": "2099-01-01"})
    assert made.status_code == 422
    assert client_of(cast.bob).post(share, {"note": "Nora"}).status_code == 200
    assert PublicLink.objects.filter(note="Nora", made_by=cast.bob).count() == 1
    other = make("quotes", account=quote.account_id, owner=cast.charlie.pk)
    assert client_of(cast.charlie).post(f"/quotes/{other.pk}/share/{link.pk}/revoke").status_code == 404
    assert client_of(cast.bob).post(f"{share}/{link.pk}/revoke").status_code == 200
    page = client.get(url)
    assert page.status_code == 410
    assert "This link has ended." in page.content.decode()
    assert "Northwind" not in page.content.decode()


def test_a_link_ends_by_itself(cast: Cast, client: Client) -> None:
    _quote, url = sent(cast)
    with time_machine.travel(timezone.now() + dt.timedelta(days=181), tick=False):
        assert client.get(url).status_code == 410
        assert client.post(url, {"answer": "accept"}).status_code == 410


def test_what_was_replaced_or_thrown_away_is_not_shown(cast: Cast, client: Client) -> None:
    quote, url = sent(cast)
    revise(quote, by=cast.bob)
    page = client.get(url)
    assert page.status_code == 410
    assert "replaced by a newer one" in page.content.decode()
    assert answer(client, url, quote).status_code == 410
    assert now(quote).status == "replaced"
    trashed, where = sent(cast)
    Quote.objects.filter(pk=trashed.pk).update(deleted_at=timezone.now())
    assert client.get(where).status_code == 410


def test_openings_are_counted_and_the_first_is_told(cast: Cast, client: Client, client_of: Any) -> None:
    quote, url = sent(cast)
    client_of(cast.bob).get(url)
    client.head(url)
    assert PublicLink.objects.get().opened == 0
    client.get(url, headers={"user-agent": "Browser\x01 " + "x" * 900})
    client.get(url)
    link = PublicLink.objects.get()
    assert (link.opened, link.visits.count(), link.first_opened_at is not None) == (2, 2, True)
    assert list(Notification.objects.values_list("user_id", "what", "record_id")) == [(cast.bob.pk, "opened outside", quote.pk)]


def test_the_customer_accepts_by_name(cast: Cast, client: Client, client_of: Any) -> None:
    quote, url = sent(cast)
    refused = client.post(url, {"answer": "accept", "version": str(quote.version), "answered_by": "  "})
    assert (refused.status_code, now(quote).status) == (422, "sent")
    done = answer(client, url, quote)
    assert (done.status_code, done["Location"]) == (303, f"{url}?lang=en&done=accept")
    fresh = now(quote)
    assert (fresh.status, fresh.answered_by, fresh.changed_by_id) == ("accepted", "Nora Wind", None)
    change = Change.objects.filter(entity="quotes", record_id=quote.pk).latest("id")
    assert (change.event, change.origin, change.by_id) == ("quote.accepted", "portal", None)
    assert PublicVisit.objects.filter(what="accept").values_list("name", flat=True).get() == "Nora Wind"
    assert Notification.objects.filter(user=cast.bob, what="quotes.accept outside", values__name="Nora Wind").count() == 1
    assert "Accept: Nora Wind" in client_of(cast.bob).get(f"/quotes/{quote.pk}/share").content.decode()
    text = client.get(done["Location"]).content.decode()
    assert "Your acceptance has reached us." in text
    assert "Nora Wind" in text
    assert '<form class="fields"' not in text


def test_the_customer_takes_optional_lines(cast: Cast, client: Client) -> None:
    quote, url = sent(cast)
    create_line = {"quote": quote.pk, "name": "Spare parts", "quantity": 3, "price": "33.335", "tax_rate": "10%", "optional": True}
    Quote.objects.filter(pk=quote.pk).update(status="draft")
    create(entity_named("quote_lines"), create_line, by=cast.bob)
    Quote.objects.filter(pk=quote.pk).update(status="sent")
    training, spares = (quote.lines.get(name=name) for name in ("Training", "Spare parts"))
    client.get(url)
    page = client.get(url, {"ticked": "1", "line": [str(training.pk), "x", "9" * 30], "answered_by": "Nora"}).content.decode()
    assert "$720.00" in page
    assert f'value="{training.pk}" form="accept" checked' in page
    assert f'value="{spares.pk}" form="accept">' in page
    assert 'value="Nora"' in page
    assert "$830.01" in client.get(url, {"ticked": "1", "line": [str(training.pk), str(spares.pk)]}).content.decode()
    assert PublicLink.objects.get().opened == 1, "another choice is no other opening"
    base = quote.lines.get(optional=False)
    other = sent(cast, name="Another customer's")[0].lines.get(optional=True)
    for wrong in (base.pk, other.pk):
        assert (
            client.post(url, {"answer": "accept", "version": now(quote).version, "answered_by": "Nora", "line": str(wrong)}).status_code
            == 422
        )
    assert now(quote).status == "sent"
    said = {"answer": "accept", "version": now(quote).version, "answered_by": "Nora", "line": str(spares.pk)}
    assert client.post(url, said).status_code == 303
    fresh = now(quote)
    assert (fresh.status, fresh.net, fresh.tax, fresh.total) == ("accepted", Decimal("300.01"), Decimal(30), Decimal("330.01"))
    assert list(fresh.lines.filter(taken=True)) == [spares]
    change = Change.objects.filter(entity="quote_lines", record_id=spares.pk).latest("id")
    assert (change.event, change.origin, change.by_id) == ("line.taken", "portal", None)
    after = client.get(url).content.decode()
    assert "$330.01" in after
    assert 'name="line"' not in after
    made = order(fresh, by=cast.bob)
    assert sorted(made.lines.values_list("name", flat=True)) == ["Sensor <b>X</b>", "Spare parts"]
    assert made.total == fresh.total


def test_a_seller_writes_down_what_was_taken_by_telephone(cast: Cast, client_of: Any) -> None:
    quote, _url = sent(cast)
    training, bob = quote.lines.get(name="Training"), client_of(cast.bob)
    page = bob.get(f"/quotes/{quote.pk}/do/accept").content.decode()
    assert f'<option value="{training.pk}">Training</option>' in page
    assert bob.post(f"/quotes/{quote.pk}/do/accept", {"answered_by": "Nora", "taken": [training.pk]}).status_code == 302
    assert (now(quote).status, now(quote).total) == ("accepted", 720)
    other, _other_url = sent(cast)
    other.lines.filter(optional=True).delete()
    assert 'name="taken"' not in bob.get(f"/quotes/{other.pk}/do/accept").content.decode()


def test_the_customer_declines_with_a_reason(cast: Cast, client: Client) -> None:
    quote, url = sent(cast)
    assert answer(client, url, quote, "reject").status_code == 422
    assert answer(client, url, quote, "reject", reason="Too dear").status_code == 303
    fresh = now(quote)
    assert (fresh.status, fresh.reason, fresh.answered_by) == ("rejected", "Too dear", "Nora Wind")


def test_after_its_last_day_it_is_shown_but_cannot_be_accepted(cast: Cast, client: Client) -> None:
    quote, url = sent(cast)
    Quote.objects.filter(pk=quote.pk).update(valid_until=timezone.now().date() - dt.timedelta(days=2))
    text = client.get(url).content.decode()
    assert "no longer valid" in text
    assert 'value="accept"' not in text
    assert answer(client, url, quote).status_code == 409
    assert now(quote).status == "sent"


def test_nothing_but_declared_verbs_can_be_called(cast: Cast, client: Client) -> None:
    quote, url = sent(cast)
    for verb in ("send", "order", "revise", "delete", "", "accept\x00"):
        assert client.post(url, {"answer": verb, "version": str(quote.version)}).status_code == 422
    values = {"answered_on": "2001-01-01", "status": "draft", "owner": str(cast.charlie.pk), "total": "1"}
    assert answer(client, url, quote, **values).status_code == 303
    fresh = now(quote)
    assert (fresh.owner_id, fresh.total, fresh.answered_on) == (cast.bob.pk, quote.total, dt.datetime.now(cast.bob.locale.zone).date())


def test_what_changed_meanwhile_is_looked_at_again(cast: Cast, client: Client) -> None:
    quote, url = sent(cast)
    edit(quote, {"owner": cast.alice.pk}, by=cast.admin)
    stale = client.post(url, {"answer": "accept", "version": str(quote.version), "answered_by": "Nora Wind"})
    text = stale.content.decode()
    assert (stale.status_code, now(quote).status) == (422, "sent")
    assert "Something was changed meanwhile" in text
    assert 'value="Nora Wind"' in text
    version = re.search(r'name="version" value="(\d+)"', text)
    assert version is not None
    assert version[1] == str(now(quote).version)


def test_hostile_answers_do_no_harm(cast: Cast, client: Client) -> None:
    quote, url = sent(cast)
    assert answer(client, url, quote, answered_by="a\x00b").status_code == 422
    assert answer(client, url, quote, answered_by="x" * 201).status_code == 422
    assert answer(client, url, quote, answered_by="x" * 70_000).status_code == 413
    assert client.post(url, {"answer": "accept", "version": "9" * 400, "answered_by": "N"}).status_code == 422
    elsewhere = {"origin": "https://evil.example"}
    assert client.post(url, {"answer": "accept", "version": str(quote.version), "answered_by": "N"}, headers=elsewhere).status_code == 403
    assert client.post(url, {"answer": "accept"}, headers={"origin": "null"}).status_code == 403
    assert client.post(url, {"answer": "accept"}, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert now(quote).status == "sent"
    assert answer(client, url, quote, answered_by="<script>alert(1)</script> 张伟").status_code == 303
    text = client.get(url).content.decode()
    assert "<script" not in text
    assert "张伟" in text


def test_asking_too_often_is_slowed_down(cast: Cast, client: Client) -> None:
    quote, url = sent(cast)
    with time_machine.travel(timezone.now().replace(second=1), tick=False):
        said = [answer(client, url, quote, "nonsense").status_code for _ in range(21)]
    assert said == [422] * 20 + [429]


def test_counters_are_forgotten(cast: Cast) -> None:
    with time_machine.travel(timezone.now() - dt.timedelta(days=3)):
        assert [counted("x", "10.0.0.1", 60) for _ in range(2)] == [1, 2]
    assert counted("x", "10.0.0.1", 60) == 1
    assert not Attempt.objects.filter(key__contains="10.0").exists()
    assert (forget_attempts(), Attempt.objects.count()) == (1, 1)


def test_the_paper_is_for_whoever_may_see_it(cast: Cast, client: Client, client_of: Any) -> None:
    quote, url = sent(cast, name="传感器报价")
    for where, reader in ((f"{url}/pdf?lang=zh-hans", client), (f"/quotes/{quote.pk}/paper?lang=zh-hans", client_of(cast.bob))):
        made = reader.get(where)
        assert (made.status_code, made["Content-Type"], made.content[:5]) == (200, "application/pdf", b"%PDF-")
        assert len(made.content) > 8000
    assert client_of(cast.charlie).get(f"/quotes/{quote.pk}/paper").status_code == 404
    assert client.get(f"/p/{'1-' + 'a' * 43}/pdf").status_code == 404


def test_a_paper_tells_no_field_that_is_kept_from_its_reader(cast: Cast, client_of: Any) -> None:
    from guanxi.access.models import FieldRight
    from guanxi.record.memory import raise_epoch

    quote, _url = sent(cast)
    FieldRight.objects.create(role=cast.roles["seller"], entity="quotes", field="total", level=0)
    raise_epoch()
    assert client_of(cast.bob).get(f"/quotes/{quote.pk}/paper").status_code == 403
    assert client_of(cast.alice).get(f"/quotes/{quote.pk}/paper").status_code == 200


def test_markup_in_a_value_is_text_on_the_paper(cast: Cast, client: Client) -> None:
    _quote, url = sent(cast, name='#read("/etc/passwd") $x$ *a* ] [', terms="#panic()\n\\ @ <a> = b")
    assert client.get(f"{url}/pdf").content[:5] == b"%PDF-"


@pytest.mark.django_db(transaction=True)
def test_of_two_clicks_at_the_same_moment_one_is_the_answer(cast: Cast) -> None:
    quote, url = sent(cast)
    start = threading.Barrier(4)
    codes: list[int] = []

    def click(number: int) -> None:
        start.wait()
        verb = "accept" if number % 2 else "reject"
        values = {"answer": verb, "version": str(quote.version), "answered_by": f"Nora {number}", "reason": "dear"}
        codes.append(Client().post(url, values).status_code)
        connection.close()

    threads = [threading.Thread(target=click, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [303, 409, 409, 409]
    assert PublicVisit.objects.exclude(what="opened").count() == 1
    assert Change.objects.filter(entity="quotes", record_id=quote.pk, origin="portal").count() == 1


def test_deleting_needs_no_link_to_be_gone(cast: Cast) -> None:
    quote = draft(cast)
    delete(quote, by=cast.bob)
    with pytest.raises(Missing):
        make_link(quote, by=cast.bob)
