"""What pickers offer, what is made on the way, and duplicates seen while typing."""

import json
from typing import Any

import pytest

from guanxi.access.models import FieldRight
from guanxi.crm.models import Account, Stage
from guanxi.entity.actors import Level
from guanxi.record.memory import raise_epoch
from tests.cast import make

pytestmark = pytest.mark.django_db


def labels(client: Any, url: str) -> list[str]:
    return [one["label"] for one in json.loads(client.get(url).content)["options"]]


def test_a_picker_finds_by_words_and_by_pinyin_within_what_one_may_see(cast: Any, client_of: Any) -> None:
    make("accounts", name="Bluefin Freight", owner=cast.bob.pk)
    make("accounts", name="远洋物流", owner=cast.bob.pk)
    make("accounts", name="Bluefin Secret", owner=cast.charlie.pk)
    client = client_of(cast.bob)
    assert labels(client, "/accounts/suggest?q=blue") == ["Bluefin Freight"]
    assert labels(client, "/accounts/suggest?q=yywl") == ["远洋物流"]
    assert labels(client, "/accounts/suggest?q=secret") == []
    assert sorted(labels(client, "/accounts/suggest?q=")) == ["Bluefin Freight", "远洋物流"]


def test_an_option_tells_records_of_one_name_apart_as_far_as_the_reader_may_read(cast: Any, client_of: Any) -> None:
    make("accounts", name="Bluefin", owner=cast.bob.pk, relationship="partner", industry="retail")
    client = client_of(cast.bob)
    assert json.loads(client.get("/accounts/suggest?q=blue").content)["options"][0]["sub"] == "Partner · Retail"
    FieldRight.objects.create(role=cast.roles["seller"], entity="accounts", field="industry", level=Level.MASKED)
    raise_epoch()
    assert json.loads(client.get("/accounts/suggest?q=blue").content)["options"][0]["sub"] == "Partner"


def test_contacts_of_the_chosen_account_come_first_and_stages_are_those_of_the_pipeline(cast: Any, client_of: Any) -> None:
    account = make("accounts", name="Bluefin", owner=cast.bob.pk)
    make("contacts", name="Wei Other", owner=cast.bob.pk)
    make("contacts", name="Wei Zhang", owner=cast.bob.pk, account=account.pk)
    other = make("pipelines", name="Service")
    make("stages", name="Asked", pipeline=other.pk, position=1)
    client = client_of(cast.bob)
    assert labels(client, f"/contacts/suggest?q=wei&depend={account.pk}") == ["Wei Zhang", "Wei Other"]
    assert labels(client, f"/stages/suggest?q=&depend={other.pk}") == ["Asked"]
    assert labels(client, f"/stages/suggest?depend={cast.pipeline.pk}") == [
        stage.name for stage in Stage.objects.filter(pipeline=cast.pipeline).order_by("position")
    ]


def test_stages_of_several_pipelines_say_of_which_they_are(cast: Any, client_of: Any) -> None:
    service, rental = make("pipelines", name="Service", position=5), make("pipelines", name="Rental", position=6)
    for pipeline in (rental, service):
        for place in (1, 2):
            make("stages", name=f"Asked {place}", pipeline=pipeline.pk, position=place)
    client = client_of(cast.bob)
    both = ["Service · Asked 1", "Service · Asked 2", "Rental · Asked 1", "Rental · Asked 2"]
    assert labels(client, f"/stages/suggest?depend={rental.pk},{service.pk}") == both
    assert sorted(labels(client, "/stages/suggest?q=asked")) == sorted(both)
    assert labels(client, f"/stages/suggest?q=new&depend={rental.pk},{cast.pipeline.pk}") == ["Sales · New"]


@pytest.mark.parametrize(
    "query",
    ["q=%00", "q=%27%22%3B--", "depend=x", "depend=-1", "depend=999999999999999999999", "q=" + "a" * 5000, "q=%F0%9F%92%A9", "q=%25_"],
)
def test_no_question_to_a_picker_is_a_fault(cast: Any, client_of: Any, query: str) -> None:
    make("accounts", name="Bluefin", owner=cast.bob.pk)
    assert client_of(cast.bob).get(f"/accounts/suggest?{query}").status_code == 200
    assert client_of(cast.bob).get(f"/stages/suggest?{query}").status_code == 200


def test_who_may_see_no_account_at_all_has_no_picker_of_them(cast: Any, client_of: Any) -> None:
    cast.roles["seller"].permissions.filter(entity="accounts", action="see").update(scope="none")
    raise_epoch()
    assert client_of(cast.bob).get("/accounts/suggest?q=").status_code == 404


def test_a_record_is_made_on_the_way_from_its_name_alone(cast: Any, client_of: Any) -> None:
    option = json.loads(client_of(cast.bob).post("/accounts/quick", {"label": " Bluefin  "}).content)
    account = Account.objects.get()
    assert (option["value"], option["label"], account.owner_id) == (account.pk, "Bluefin", cast.bob.pk)


def test_what_cannot_be_made_on_the_way_says_why(cast: Any, client_of: Any) -> None:
    response = client_of(cast.bob).post("/accounts/quick", {"label": ""})
    assert (response.status_code, response.headers["Content-Type"]) == (422, "application/problem+json")
    assert json.loads(response.content)["detail"] == "Name: Fill this in."
    assert client_of(cast.bob).post("/pipelines/quick", {"label": "Mine"}).status_code == 403


# ——— duplicates ———


def test_the_same_phone_written_otherwise_is_seen_and_said_by_its_field(cast: Any, client_of: Any) -> None:
    account = make("accounts", name="Bluefin", owner=cast.bob.pk, phones=["+8613812345678"])
    found = client_of(cast.bob).get("/accounts/duplicates?name=Other&phones=138-1234-5678&phones-label=").content.decode()
    assert f'href="/accounts/{account.pk}"' in found
    assert "(same Phones)" in found


def test_names_are_compared_folded_and_a_shared_address_outranks_them(cast: Any, client_of: Any) -> None:
    by_name = make("accounts", name="BLUEFIN  Freight", owner=cast.bob.pk)
    by_mail = make("accounts", name="Northwind", owner=cast.bob.pk, emails=["sales@bluefin.example"])
    found = client_of(cast.bob).get("/accounts/duplicates?name=Bluefin+freight&emails=Sales@Bluefin.example").content.decode()
    assert found.index(f'"/accounts/{by_mail.pk}"') < found.index(f'"/accounts/{by_name.pk}"')


def test_nothing_out_of_sight_is_given_away_as_a_duplicate(cast: Any, client_of: Any) -> None:
    make("accounts", name="Secret Ltd", owner=cast.charlie.pk, emails=["boss@secret.example"])
    found = client_of(cast.bob).get("/accounts/duplicates?name=Secret+Ltd&emails=boss@secret.example").content.decode()
    assert found.strip() == ""
    assert "Secret Ltd" in client_of(cast.charlie).get("/accounts/duplicates?name=Secret+Ltd").content.decode()


def test_a_field_one_may_not_read_recognises_nobody(cast: Any, client_of: Any) -> None:
    make("accounts", name="Bluefin", owner=cast.bob.pk, emails=["a@bluefin.example"])
    FieldRight.objects.create(role=cast.roles["seller"], entity="accounts", field="emails", level=Level.MASKED)
    raise_epoch()
    assert client_of(cast.bob).get("/accounts/duplicates?emails=a@bluefin.example").content.decode().strip() == ""


def test_a_record_is_no_duplicate_of_itself_and_half_a_number_of_nobody(cast: Any, client_of: Any) -> None:
    account = make("accounts", name="Bluefin", owner=cast.bob.pk, phones=["+8613812345678"])
    client = client_of(cast.bob)
    assert client.get(f"/accounts/duplicates?name=Bluefin&_id={account.pk}").content.decode().strip() == ""
    assert client.get("/accounts/duplicates?phones=138").content.decode().strip() == ""
    assert client.get("/accounts/duplicates?_id=x&name=%00").status_code == 200


def test_what_is_in_the_trash_is_no_duplicate(cast: Any, client_of: Any) -> None:
    account = make("accounts", name="Bluefin", owner=cast.bob.pk)
    client = client_of(cast.bob)
    client.post(f"/accounts/{account.pk}/delete")
    assert client.get("/accounts/duplicates?name=Bluefin").content.decode().strip() == ""
