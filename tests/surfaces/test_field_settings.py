"""Fields that administrators added are reworded in the browser; no record loses its choice."""

from __future__ import annotations

from typing import Any

import pytest

from guanxi.entity.registry import entity_named
from guanxi.record.models import CustomField
from tests.cast import Cast, make

pytestmark = pytest.mark.django_db


def test_a_choice_is_added_later_and_one_in_use_stays(cast: Cast, client_of: Any) -> None:
    client = client_of(cast.admin)
    new = {"key": "grade", "kind": "choice", "label_en": "Grade", "label_zh": "等级", "options": "gold | Gold | 金牌\nsilver"}
    client.post("/settings/fields/accounts", new)
    row = CustomField.objects.get()
    make("accounts", name="Bluefin", grade="silver")
    page = client.get(f"/settings/fields/{row.pk}").content.decode()
    assert "gold | Gold | 金牌\nsilver</textarea>" in page
    answer = client.post(f"/settings/fields/{row.pk}", {"label_en": "Class", "options": "gold | Gold"})
    assert "“silver” is in use" in answer.content.decode()
    client.post(f"/settings/fields/{row.pk}", {"label_en": "Class", "options": "bronze\nsilver", "glance": "on"})
    row.refresh_from_db()
    assert (row.key, row.kind, row.label_en, row.glance, [one[0] for one in row.options]) == (
        "grade",
        "choice",
        "Class",
        True,
        ["bronze", "silver"],
    )
    client.get("/settings/fields/accounts")
    assert "Class" in [str(one.label) for one in entity_named("accounts").glance]
    assert client_of(cast.bob).get(f"/settings/fields/{row.pk}").status_code == 403


@pytest.mark.parametrize(
    ("labels", "key"),
    [
        ({"label_en": "Truck count"}, "truck_count"), ({"label_zh": "客户等级"}, "ke_hu_deng_ji"), ({"label_zh": "VIP 等级"}, "vip_deng_ji"),
        ({"label_en": "Größe (m²)", "label_zh": "面积"}, "grosse_m2"), ({"label_en": "2nd phone"}, "field_2nd_phone"), ({"label_en": "Name"}, "name_2"),
        ({"label_en": "客户等级", "label_zh": "等级"}, "ke_hu_deng_ji"), ({"label_en": "Цвет"}, "field"), ({"label_en": "x " * 40}, "x_x_x_x_x_x_x_x_x_x_x_x_x_x_x"),
    ],
)  # fmt: skip
def test_the_key_is_made_of_the_name(cast: Cast, client_of: Any, labels: dict[str, str], key: str) -> None:
    client = client_of(cast.admin)
    assert f'placeholder="{key}"' in client.get("/settings/fields/accounts/key", labels).content.decode()
    for made in (key, f"{key[:-2]}_3" if key.endswith("_2") else f"{key}_2"):
        client.post("/settings/fields/accounts", {"kind": "text", **labels})
        row = CustomField.objects.latest("pk")
        assert (row.key, row.label_en, row.label_zh) == (
            made,
            (labels.get("label_en") or labels["label_zh"]).strip(),
            labels.get("label_zh", ""),
        )
    client.post("/settings/fields/accounts", {"kind": "text", "key": "my_own", **labels})
    assert CustomField.objects.latest("pk").key == "my_own"


def test_a_choice_is_a_line_and_may_have_a_chinese_name(cast: Cast, client_of: Any) -> None:
    client = client_of(cast.admin)
    client.post("/settings/fields/accounts", {"kind": "choice", "label_en": "Grade", "options": "Gold | 金牌\n银牌\nb | Bronze"})
    row = CustomField.objects.get()
    assert row.options == [["Gold", "Gold", "金牌"], ["银牌", "银牌", ""], ["b", "Bronze", ""]]
    page = client.get(f"/settings/fields/{row.pk}").content.decode()
    assert ">Gold | 金牌\n银牌\nb | Bronze</textarea>" in page
    client.post("/settings/fields/deals", {"kind": "link", "label_en": "Agent", "to": "contacts"})
    assert CustomField.objects.latest("pk").options == ["contacts"]
    assert "Fill this in." in client.post("/settings/fields/deals", {"kind": "text"}).content.decode()


def test_a_role_says_which_records_when_it_says_those_that_match(cast: Cast, client_of: Any) -> None:
    role = cast.roles["seller"]
    page = client_of(cast.admin).get(f"/settings/roles/{role.pk}").content.decode()
    assert 'name="products.see"' not in page  # everyone sees them, whatever a role says
    answer = client_of(cast.admin).post(f"/settings/roles/{role.pk}", {"deals.see": "condition", "deals.see.condition": " "})
    assert "Say which ones." in answer.content.decode()
