"""Writing down what was done and what comes next, and telling colleagues by their names."""

import json
from typing import Any

import orjson
import psycopg
import pytest
from django.db import connection

from guanxi.access.models import User
from guanxi.crm.models import Account, Activity
from guanxi.record.memory import raise_epoch
from guanxi.record.models import Notification
from guanxi.surfaces.inbox.mentions import mentions_in, people_in, plain, shown
from guanxi.surfaces.inbox.telling import tell, tell_new_owner
from guanxi.web.events import CHANNEL
from tests.cast import make, person

HTMX = {"HX-Request": "true"}
DB = pytest.mark.django_db


@pytest.fixture
def account(cast: Any) -> Account:
    return Account.objects.get(pk=make("accounts", name="Northwind", owner=cast.bob.pk).pk)


def write(client: Any, about: Any, **sent: Any) -> Any:
    return client.post(f"/accounts/{about.pk}/timeline", sent, headers=HTMX)


# ——— the composer ———


@DB
def test_each_way_asks_what_belongs_to_it_and_keeps_what_was_typed(cast: Any, client_of: Any, account: Account) -> None:
    client = client_of(cast.bob)
    page = client.get(f"/accounts/{account.pk}").content.decode()
    call = page.split('id="compose"')[1].split("</section>")[0]
    assert 'name="kind" value="call"' in call
    assert 'name="result"' in call
    task = client.get(f"/accounts/{account.pk}/compose?way=task&body=Send+%3Cb%3E", headers=HTMX).content.decode()
    assert 'name="kind" value="task"' in task
    assert 'name="due_at"' in task
    assert 'name="result"' not in task
    assert "autofocus>Send &lt;b&gt;</textarea>" in task


@DB
def test_a_call_is_logged_with_its_result_and_the_page_is_told(cast: Any, client_of: Any, account: Account) -> None:
    contact = make("contacts", name="Wei", owner=cast.bob.pk, account=account.pk)
    response = write(
        client_of(cast.bob), account, kind="call", body="Budget approved.", result="reached", duration="12", contact=contact.pk
    )
    activity = Activity.objects.get()
    said = json.loads(response.headers["HX-Trigger"])
    assert (activity.kind, activity.body, activity.result, activity.duration) == ("call", "Budget approved.", "reached", 12)
    assert (activity.account_id, activity.contact_id, activity.owner_id) == (account.pk, contact.pk, cast.bob.pk)
    assert activity.done_at is not None
    assert said["rewritten"] == {"entity": "accounts", "id": account.pk}
    assert "></textarea>" in response.content.decode()
    account.refresh_from_db()
    assert account.last_contact_at == activity.done_at


@DB
def test_a_next_step_is_planned_with_it_and_undone_with_it(cast: Any, client_of: Any, account: Account) -> None:
    client = client_of(cast.bob)
    response = write(client, account, kind="call", body="Budget approved.", next_subject="Send terms", next_due="2027-01-05T09:00")
    done, following = Activity.objects.order_by("pk")
    assert (following.subject, following.kind, following.account_id, following.follows_id) == ("Send terms", "task", account.pk, done.pk)
    assert following.due_at.isoformat() == "2027-01-05T01:00:00+00:00"
    client.post(json.loads(response.headers["HX-Trigger"])["toast"]["undo"], headers=HTMX)
    assert Activity.objects.filter(deleted_at__isnull=True).count() == 0


@DB
def test_a_task_is_planned_not_done_and_may_be_given_to_another(cast: Any, client_of: Any, account: Account) -> None:
    write(client_of(cast.alice), account, kind="task", body="Send the offer", due_at="2027-01-05T09:00", owner=cast.bob.pk)
    task = Activity.objects.get()
    assert (task.done_at, task.owner_id, task.subject) == (None, cast.bob.pk, "Send the offer")


@DB
def test_nothing_is_not_written_down(cast: Any, client_of: Any, account: Account) -> None:
    response = write(client_of(cast.bob), account, kind="note", body="  ")
    assert response.status_code == 422
    assert 'role="alert"' in response.content.decode()
    assert Activity.objects.count() == 0


@DB
def test_what_is_refused_stays_typed_and_nothing_is_half_written(cast: Any, client_of: Any, account: Account) -> None:
    secret = make("contacts", name="Secret", owner=cast.charlie.pk)
    client = client_of(cast.bob)
    for wrong in ({"duration": "long"}, {"contact": secret.pk}, {"next_subject": "x", "next_due": "someday soon"}):
        response = write(client, account, kind="call", body="Kept <b>text</b>", **wrong)
        html = response.content.decode()
        assert response.status_code == 422, wrong
        assert "Kept &lt;b&gt;text&lt;/b&gt;</textarea>" in html
        assert 'class="error"' in html
        assert "Secret" not in html
    assert Activity.objects.count() == 0


@DB
@pytest.mark.parametrize(
    "forged", [{"kind": "nonsense"}, {"kind": ""}, {"account": "999"}, {"owner": "x", "kind": "task"}, {"mentions": ["x", "-1", "9" * 30]}]
)
def test_forged_values_are_ignored_or_refused_and_never_lead_elsewhere(
    cast: Any, client_of: Any, account: Account, forged: dict[str, Any]
) -> None:
    response = write(client_of(cast.bob), account, **{"kind": "note", "body": "Text", **forged})
    assert response.status_code in {200, 422}
    assert set(Activity.objects.values_list("account_id", flat=True)) <= {account.pk}


@DB
def test_who_may_not_write_has_no_composer(cast: Any, client_of: Any, account: Account) -> None:
    cast.roles["seller"].permissions.filter(entity="activities", action="create").update(scope="none")
    raise_epoch()
    client = client_of(cast.bob)
    assert 'id="compose"' not in client.get(f"/accounts/{account.pk}").content.decode()
    assert write(client, account, kind="note", body="x").status_code == 403
    assert client.get(f"/accounts/{account.pk}/compose").status_code == 403
    assert Activity.objects.count() == 0


@DB
def test_nobody_writes_about_a_pipeline_or_out_of_sight(cast: Any, client_of: Any, account: Account) -> None:
    assert client_of(cast.admin).post(f"/pipelines/{cast.pipeline.pk}/timeline", {"kind": "note", "body": "x"}).status_code == 403
    assert write(client_of(cast.charlie), account, kind="note", body="x").status_code == 404
    assert Activity.objects.count() == 0


# ——— mentions ———


@DB
def test_people_are_found_by_name_by_user_name_and_by_markup(cast: Any) -> None:
    wei = person("zhangwei", "张伟")
    text = (
        f"@Alice Chen, @bob and @[Charlie Ng](user:{cast.charlie.pk}): ask @张伟请看. Mail a@alice or me@example.com. @nobody @Alice Cheng"
    )
    assert people_in(text) == {cast.alice.pk, cast.bob.pk, cast.charlie.pk, wei.pk}
    assert [one.name for one in mentions_in(text)] == ["Alice Chen", "bob", "Charlie Ng", "张伟", "Alice"]


@DB
def test_of_two_people_with_one_name_the_one_chosen_is_meant(cast: Any) -> None:
    one, other = person("wei1", "Wei Li"), person("wei2", "Wei Li")
    assert people_in("@Wei Li look") == set()
    assert people_in("@Wei Li look", [other.pk]) == {other.pk}
    assert people_in("no name here", [one.pk]) == set()


@DB
def test_a_text_is_shown_with_names_set_apart_and_everything_else_escaped(cast: Any) -> None:
    html = shown("@Alice Chen <b>x</b>\nnew line\n\nhttps://example.com/?a=1&b=2 javascript:alert(1)")
    assert html == (
        '<p><span class="mention">@Alice Chen</span> &lt;b&gt;x&lt;/b&gt;<br>new line</p>'
        '<p><a href="https://example.com/?a=1&amp;b=2" rel="nofollow">https://example.com/?a=1&amp;b=2</a> javascript:alert(1)</p>'
    )
    assert shown("@[<img src=x>](user:1)") == '<p><span class="mention">@&lt;img src=x&gt;</span></p>'
    assert plain("@[Bob Reyes](user:3) and @bob") == "@Bob Reyes and @bob"


@DB
def test_a_colleague_who_is_named_finds_it_in_their_inbox(cast: Any, client_of: Any, account: Account) -> None:
    write(client_of(cast.bob), account, kind="note", body="@Alice Chen please look <b>", mentions=cast.alice.pk)
    row = Notification.objects.get()
    assert (row.user_id, row.what, row.entity, row.record_id, row.values) == (
        cast.alice.pk, "mention", "accounts", account.pk, {"by": cast.bob.pk, "excerpt": "@Alice Chen please look <b>"},
    )  # fmt: skip
    html = client_of(cast.alice).get("/inbox").content.decode()
    assert "Bob Reyes mentioned you in Northwind" in html
    assert "please look &lt;b&gt;" in html


@DB
def test_who_may_not_see_the_record_is_not_told_and_the_writer_learns_of_it(cast: Any, client_of: Any, account: Account) -> None:
    response = write(client_of(cast.bob), account, kind="note", body="@Charlie Ng and @Bob Reyes look", mentions=cast.charlie.pk)
    toast = json.loads(response.headers["HX-Trigger"])["toast"]
    assert Notification.objects.count() == 0
    assert toast["level"] == "warn"
    assert toast["message"].endswith("Not told, because they may not see this record: Charlie Ng.")


# ——— telling ———


@pytest.mark.django_db(transaction=True)
def test_what_is_told_reaches_the_open_pages_when_it_is_committed(cast: Any) -> None:
    account = make("accounts", name="Northwind", owner=cast.bob.pk)
    User.objects.filter(pk=cast.alice.pk).update(language="zh-hans")
    listening = psycopg.connect(
        **{key: value for key, value in connection.get_connection_params().items() if key not in {"context", "cursor_factory"}},
        autocommit=True,
    )
    with listening:
        listening.execute(f"LISTEN {CHANNEL}")
        assert tell([cast.alice.pk, cast.bob.pk, cast.alice.pk], "mention", account, by=cast.bob) == 1
        notices = [orjson.loads(notice.payload) for notice in listening.notifies(timeout=3, stop_after=3)]
    assert [(notice["to"], notice["event"]) for notice in notices] == [
        ([cast.alice.pk], "inbox"),
        ([cast.alice.pk], "changed"),
        ([cast.alice.pk], "toast"),
    ]
    row = Notification.objects.get()
    assert notices[2]["data"]["link"]["url"] == f"/inbox/{row.pk}"
    assert "Northwind" in notices[2]["data"]["message"]


@DB
def test_several_records_handed_over_at_once_are_one_message(cast: Any) -> None:
    records = [make("accounts", name=f"A{number}", owner=cast.bob.pk) for number in range(3)]
    from guanxi.entity.registry import entity_named

    tell_new_owner(entity_named("accounts"), records, by=cast.alice)
    row = Notification.objects.get()
    assert (row.user_id, row.what, row.values) == (cast.bob.pk, "handed over many", {"count": 3, "entity": "accounts", "by": cast.alice.pk})


# ——— the inbox ———


@DB
def test_the_inbox_counts_what_is_unread_and_reading_it_follows_it(cast: Any, client_of: Any, account: Account) -> None:
    client = client_of(cast.bob)
    assert client.get("/inbox/count").content == b""
    tell([cast.bob.pk], "handed over", account, by=cast.alice)
    row = Notification.objects.get()
    assert client.get("/inbox/count").content == b"1"
    assert "Alice Chen handed Northwind over to you" in client.get("/inbox").content.decode()
    response = client.get(f"/inbox/{row.pk}")
    assert (response.status_code, response.headers["Location"]) == (302, f"/accounts/{account.pk}")
    assert client.get("/inbox/count").content == b""
    assert "Northwind" not in client.get("/inbox?show=unread").content.decode()


@DB
def test_a_message_is_marked_as_read_and_as_unread_again_and_all_at_once(cast: Any, client_of: Any, account: Account) -> None:
    for _number in range(2):
        tell([cast.bob.pk], "handed over", account, by=cast.alice)
    first, _second = Notification.objects.order_by("pk")
    client = client_of(cast.bob)
    client.post(f"/inbox/{first.pk}/mark", {"read": "yes"}, headers=HTMX)
    assert client.get("/inbox/count").content == b"1"
    html = client.post(f"/inbox/{first.pk}/mark", {"read": "no"}, headers=HTMX).content.decode()
    assert 'class="mini unread"' in html
    assert client.get("/inbox/count").content == b"2"
    client.post("/inbox/read", headers=HTMX)
    assert client.get("/inbox/count").content == b""


@DB
def test_nobody_reads_or_marks_the_messages_of_another(cast: Any, client_of: Any, account: Account) -> None:
    tell([cast.bob.pk], "handed over", account, by=cast.alice)
    row = Notification.objects.get()
    charlie = client_of(cast.charlie)
    assert charlie.get(f"/inbox/{row.pk}").status_code == 404
    assert charlie.post(f"/inbox/{row.pk}/mark").status_code == 404
    charlie.post("/inbox/read")
    assert "Northwind" not in charlie.get("/inbox").content.decode()
    row.refresh_from_db()
    assert row.read_at is None


@DB
def test_a_message_about_a_record_no_longer_in_sight_names_neither_it_nor_what_was_said(
    cast: Any, client_of: Any, account: Account
) -> None:
    tell([cast.charlie.pk], "mention", account, by=cast.alice, excerpt="secret words")
    html = client_of(cast.charlie).get("/inbox").content.decode()
    assert "mentioned you in a record you may not see" in html
    assert "Northwind" not in html
    assert "secret words" not in html


@DB
@pytest.mark.parametrize("url", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_a_message_never_leads_out_of_guanxi(cast: Any, client_of: Any, url: str) -> None:
    tell([cast.bob.pk], "import", None, file="x.csv", url=url)
    assert client_of(cast.bob).get(f"/inbox/{Notification.objects.get().pk}").headers["Location"] == "/inbox"


@DB
def test_the_inbox_goes_on_where_its_page_ends(cast: Any, client_of: Any) -> None:
    for number in range(45):
        tell([cast.bob.pk], "import", None, file=f"f{number:02}.csv", url="/accounts")
    client = client_of(cast.bob)
    first = client.get("/inbox").content.decode()
    older = first.split('hx-get="/inbox?before=')[1].split('"')[0]
    second = client.get(f"/inbox?before={older}", headers=HTMX).content.decode()
    assert first.count("f") > 0
    assert {number for number in range(45) if f"f{number:02}.csv" in first} == set(range(5, 45))
    assert {number for number in range(45) if f"f{number:02}.csv" in second} == set(range(5))
