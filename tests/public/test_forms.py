"""Web forms: what visitors send becomes leads, with what they agreed to; what robots and strangers send does not."""

from __future__ import annotations

import datetime as dt
import json
import re
import threading
from html import unescape
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from guanxi.crm.forms.model import FormEntry, WebForm
from guanxi.crm.leads.model import Lead
from guanxi.entity.registry import entity_named
from guanxi.record.changes import create, edit
from guanxi.record.models import Change, Identity, Notification
from guanxi.record.refusals import Forbidden, Refused
from tests.cast import Cast, make

pytestmark = pytest.mark.django_db

ASKS = ["name", "company", "emails", "phones", "need", "budget", "timeline", "address"]


def a_form(cast: Cast, **values: Any) -> WebForm:
    values = {
        "name": "Contact", "asks": ASKS, "required": ["name", "emails"], "goes_to": cast.bob.pk, "source": "website", "campaign": "Spring",
        "heading_en": "Talk to us", "heading_zh": "联系我们", "consent_en": "You may write to me.", "consent_zh": "同意贵司与我联系。", **values,
    }  # fmt: skip
    return WebForm.objects.get(pk=create(entity_named("web_forms"), values, by=cast.admin).pk)


def hidden(text: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert found is not None, name
    return unescape(found[1])


def seen(client: Client, form: WebForm, language: str = "en", ago: int = 10) -> dict[str, str]:
    """What the page hides in itself, for a visitor who opened it some seconds ago."""
    with time_machine.travel(timezone.now() - dt.timedelta(seconds=ago), tick=False):
        text = client.get(f"/f/{form.token}?lang={language}").content.decode()
    return {"stamp": hidden(text, "stamp"), **({"consent_key": hidden(text, "consent_key")} if "consent_key" in text else {})}


FILLED = {
    "name": "张伟", "company": "Bluefin", "emails": "wei@bluefin.example", "phones": "138 0013 8000", "need": "50 sensors\nby May", "budget": "12,000",
    "timeline": "now", "address": "上海市浦东新区东方路 88 号", "consent": "on",
}  # fmt: skip


def test_what_a_visitor_sends_becomes_a_lead(cast: Cast, client: Client) -> None:
    form = a_form(cast)
    before = timezone.now()
    done = client.post(
        f"/f/{form.token}?lang=zh-hans",
        {**FILLED, **seen(client, form, "zh-hans")},
        headers={"referer": "https://www.bluefin.example/contact?secret=1"},
    )
    assert (done.status_code, done["Location"]) == (303, f"/f/{form.token}/thanks?lang=zh-hans")
    assert client.get(done["Location"]).status_code == 200
    lead = Lead.objects.get()
    assert (lead.name, lead.company, lead.owner_id, lead.team_id) == ("张伟", "Bluefin", cast.bob.pk, cast.harbour.pk)
    assert (lead.source, lead.campaign, lead.status, lead.created_by_id) == ("website", "Spring", "new", None)
    assert (lead.phones, lead.emails) == ([{"value": "+8613800138000"}], [{"value": "wei@bluefin.example"}])
    assert (lead.need, lead.budget, lead.currency, lead.timeline) == ("50 sensors\nby May", 12000, "USD", "now")
    change = Change.objects.get(entity="leads", record_id=lead.pk)
    assert (change.event, change.origin, change.by_id) == ("lead.created", "portal", None)
    assert set(Identity.objects.filter(entity="leads", record_id=lead.pk).values_list("what", flat=True)) >= {"email", "phone"}
    entry = FormEntry.objects.get()
    assert (entry.lead_id, entry.consent, entry.language, entry.page) == (
        lead.pk,
        "同意贵司与我联系。",
        "zh-hans",
        "https://www.bluefin.example/contact",
    )
    assert entry.consented_at is not None
    assert entry.consented_at >= before
    assert list(Notification.objects.values_list("user_id", "what")) == [(cast.bob.pk, "lead by form")]


def test_leads_of_a_form_may_wait_in_a_pool(cast: Cast, client: Client) -> None:
    pool = make("pools", name="Web", of="leads")
    form = a_form(cast, goes_to=None, pool=pool.pk)
    assert client.post(f"/f/{form.token}", {**FILLED, **seen(client, form)}).status_code == 303
    lead = Lead.objects.get()
    assert (lead.owner_id, lead.pool_id, lead.pooled_at is not None) == (None, pool.pk, True)


def test_who_it_may_be_already_is_marked(cast: Cast, client: Client, client_of: Any) -> None:
    mine = make("leads", name="Wei", emails="WEI@bluefin.example", owner=cast.bob.pk)
    theirs = make("contacts", name="Secret Zhang", phones="+86 138 0013 8000", owner=cast.charlie.pk)
    form = a_form(cast)
    client.post(f"/f/{form.token}", {**FILLED, **seen(client, form)})
    entry = FormEntry.objects.get()
    assert sorted(map(tuple, entry.alike)) == [("contacts", theirs.pk), ("leads", mine.pk)]
    page = client_of(cast.bob).get(f"/leads/{entry.lead_id}").content.decode()
    assert f'href="/leads/{mine.pk}"' in page
    assert "You may write to me." in page
    assert "Secret Zhang" not in page


def test_what_is_wrong_is_said_in_place_and_nothing_typed_is_lost(cast: Cast, client: Client) -> None:
    form = a_form(cast)
    sent = {**FILLED, **seen(client, form), "emails": "not an address", "name": " "}
    page = client.post(f"/f/{form.token}", sent)
    text = page.content.decode()
    assert (page.status_code, Lead.objects.count()) == (422, 0)
    assert "Fill this in." in text
    assert 'value="not an address"' in text
    assert "50 sensors\nby May</textarea>" in text
    assert hidden(text, "stamp") == sent["stamp"]


def test_consent_is_asked_for_in_the_words_that_stand(cast: Cast, client: Client) -> None:
    form = a_form(cast)
    sent = {**FILLED, **seen(client, form)}
    assert client.post(f"/f/{form.token}", {**sent, "consent": ""}).status_code == 422
    edit(form, {"consent_en": "You may write and call."}, by=cast.admin)
    changed = client.post(f"/f/{form.token}", sent)
    assert changed.status_code == 422
    assert "These words have changed" in changed.content.decode()
    sent["consent_key"] = hidden(changed.content.decode(), "consent_key")
    assert client.post(f"/f/{form.token}", sent).status_code == 303
    assert FormEntry.objects.get().consent == "You may write and call."


def test_robots_get_thanks_or_nothing_and_leave_no_lead(cast: Cast, client: Client) -> None:
    form, other = a_form(cast), a_form(cast, name="Other")
    good = seen(client, form)
    assert client.post(f"/f/{form.token}", {**FILLED, **good, "contact_me_by_fax": "1"}).status_code == 303
    quick = client.post(f"/f/{form.token}", {**FILLED, **seen(client, form, ago=1)})
    assert quick.status_code == 422
    assert "very quick" in quick.content.decode()
    for stamp in ("", "x", good["stamp"] + "x", seen(client, other)["stamp"], seen(client, form, ago=90_000)["stamp"]):
        assert client.post(f"/f/{form.token}", {**FILLED, **good, "stamp": stamp}).status_code == 422
    assert Lead.objects.count() == 0


def test_asking_too_often_is_slowed_down(cast: Cast, client: Client) -> None:
    form = a_form(cast)
    good = seen(client, form)
    with time_machine.travel(timezone.now().replace(second=1), tick=False):
        said = [client.post(f"/f/{form.token}", {**FILLED, **good, "emails": "x"}).status_code for _ in range(9)]
    assert said == [422] * 8 + [429]


def test_the_same_filling_in_is_taken_once(cast: Cast, client: Client) -> None:
    form = a_form(cast)
    sent = {**FILLED, **seen(client, form)}
    assert [client.post(f"/f/{form.token}", sent).status_code for _ in range(2)] == [303, 303]
    assert Lead.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_same_moment_make_one_lead(cast: Cast) -> None:
    form = a_form(cast)
    sent = {**FILLED, **seen(Client(), form)}
    start, codes = threading.Barrier(4), list[int]()

    def click() -> None:
        start.wait()
        codes.append(Client().post(f"/f/{form.token}", sent).status_code)
        connection.close()

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (codes, Lead.objects.count(), Notification.objects.count()) == ([303] * 4, 1, 1)


def test_only_the_sites_it_stands_on_frame_it_and_send_to_it(cast: Cast, client: Client) -> None:
    form = a_form(cast, origins="https://www.bluefin.example/\nhttp://localhost:8080", thanks_url="https://www.bluefin.example/thanks")
    page = client.get(f"/f/{form.token}?embed=1")
    policy = dict(part.split(" ", 1) for part in page["Content-Security-Policy"].split("; "))
    assert policy["frame-ancestors"] == "'self' https://www.bluefin.example http://localhost:8080"
    assert (policy["form-action"], policy["script-src"]) == ("'self' https://www.bluefin.example", "'none'")
    assert "X-Frame-Options" not in page
    snippet = {name: value for name, value in {**FILLED, **seen(client, form)}.items() if name != "stamp"}
    for origin in ("https://evil.example", "https://www.bluefin.example.evil.example", "null", "http://www.bluefin.example"):
        refused = client.post(f"/f/{form.token}", snippet, headers={"origin": origin})
        assert (refused.status_code, "Access-Control-Allow-Origin" in refused) == (403, False)
    done = client.post(f"/f/{form.token}", snippet, headers={"origin": "https://www.bluefin.example"})
    assert (done.status_code, done["Location"]) == (303, "https://www.bluefin.example/thanks")
    assert Lead.objects.count() == 1
    closed = a_form(cast, name="Closed")
    assert client.get(f"/f/{closed.token}")["X-Frame-Options"] == "DENY"


def test_programs_send_json(cast: Cast, client: Client) -> None:
    form = a_form(cast, origins="https://www.bluefin.example", thanks_en="Soon.")

    def send(body: Any, **headers: str) -> Any:
        data = body if isinstance(body, str) else json.dumps(body)
        return client.post(f"/f/{form.token}?lang=en", data, content_type="application/json", headers=headers)

    values = {name: value for name, value in FILLED.items() if name != "consent"}
    assert send(values).json() == {"errors": {"consent": "We need your agreement to answer you."}}
    refused = send({**values, "consent": True, "owner": cast.charlie.pk, "status": "converted"})
    assert (refused.status_code, set(refused.json()["errors"])) == (422, {"owner", "status"})
    assert send({**values, "consent": True, "name": {"a": [1]}}).status_code == 422
    assert [send(body).status_code for body in ("[]", "{", '{"name": NaN}', "[" * 2000)] == [400, 400, 422, 400]
    made = send({**values, "consent": True}, origin="https://www.bluefin.example")
    assert (made.status_code, made.json(), made["Access-Control-Allow-Origin"]) == (
        201,
        {"message": "Soon."},
        "https://www.bluefin.example",
    )
    asked = client.options(f"/f/{form.token}", headers={"origin": "https://www.bluefin.example"})
    assert (asked.status_code, asked["Access-Control-Allow-Methods"]) == (204, "POST")
    assert FormEntry.objects.get().consent == "You may write to me."


def test_hostile_input_does_no_harm(cast: Cast, client: Client) -> None:
    form = a_form(cast)
    good = seen(client, form)
    for values in (
        {"name": "a\x00b"},
        {"name": "x" * 161},
        {"need": "x" * 200_000},
        {"timeline": "never"},
        {"budget": "NaN"},
        {"phones": "9" * 900},
    ):
        assert client.post(f"/f/{form.token}", {**FILLED, **good, **values}).status_code in {413, 422}, values
    assert Lead.objects.count() == 0
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=2)):
        tricky = {
            "name": "<script>alert(1)</script>",
            "owner": str(cast.charlie.pk),
            "status": "converted",
            "tags": "vip",
            "has_money": "yes",
        }
        assert client.post(f"/f/{form.token}", {**FILLED, **good, **tricky}).status_code == 303
    lead = Lead.objects.get()
    assert (lead.name, lead.owner_id, lead.status, lead.tags, lead.has_money) == (
        "<script>alert(1)</script>",
        cast.bob.pk,
        "new",
        [],
        "unknown",
    )


def test_a_form_that_is_not_in_use_takes_nothing(cast: Cast, client: Client) -> None:
    form = a_form(cast)
    good = seen(client, form)
    edit(form, {"active": False}, by=cast.admin)
    assert client.get(f"/f/{form.token}").status_code == 410
    assert client.post(f"/f/{form.token}", {**FILLED, **good}).status_code == 410
    assert client.get("/f/nonsense").status_code == 410
    assert Lead.objects.count() == 0


def test_forms_are_set_up_by_administrators(cast: Cast) -> None:
    values = {"name": "F", "goes_to": cast.bob.pk, "asks": ["name"]}
    with pytest.raises(Forbidden):
        create(entity_named("web_forms"), values, by=cast.bob)
    for wrong, where in (
        ({"origins": "https://a.example/path"}, "origins"),
        ({"origins": "https://a.example; script-src *"}, "origins"), ({"asks": ["name", "status"]}, "asks"), ({"thanks_url": "javascript:alert(1)"}, "thanks_url"),
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            create(entity_named("web_forms"), {**values, **wrong}, by=cast.admin)
        assert list(refused.value.errors) == [where], wrong


def test_its_page_shows_how_to_put_it_on_a_website(cast: Cast, client_of: Any) -> None:
    form = a_form(cast)
    text = unescape(client_of(cast.admin).get(f"/web_forms/{form.pk}").content.decode())
    assert f"/f/{form.token}" in text
    assert "<iframe" in text
    assert '<input type="checkbox" name="consent" required> You may write to me.' in text


def test_a_form_asks_who_it_is_and_its_leads_have_an_owner_or_a_pool(cast: Cast) -> None:
    form = a_form(cast, asks=["need"], required=["phones", "need"])
    assert (form.asks, form.required) == (["name", "need"], ["need"])
    pool = make("pools", name="Web", of="leads")
    edit(form, {"pool": pool.pk}, by=cast.admin)
    assert WebForm.objects.values_list("goes_to", "pool").get() == (None, pool.pk)
    edit(form, {"goes_to": cast.bob.pk}, by=cast.admin)
    assert WebForm.objects.values_list("goes_to", "pool").get() == (cast.bob.pk, None)
    with pytest.raises(Refused):
        edit(form, {"pool": make("pools", name="Accounts", of="accounts").pk}, by=cast.admin)


def test_leads_of_a_form_that_is_nobodys_are_the_administrators(cast: Cast, client: Client) -> None:
    form = a_form(cast, goes_to=None)
    assert client.post(f"/f/{form.token}", {**FILLED, **seen(client, form)}).status_code == 303
    assert (Lead.objects.get().owner_id, Lead.objects.get().team_id) == (None, None)
