"""Icons: one list of names, one sprite, and no page that asks for another."""

import re
from pathlib import Path

import pytest
from django.template import Context, Template
from django.test import override_settings

from guanxi.web.icons import UnknownIconError, _address, icon, names
from guanxi.web.templatetags.icons import av, initials

SOURCE = Path(__file__).parents[2] / "src/guanxi"
SPRITE = SOURCE / "web/static/vendor/icons.svg"


def test_the_sprite_holds_exactly_the_names() -> None:
    assert set(re.findall(r'<symbol id="([^"]+)"', SPRITE.read_text())) == set(names())


def test_every_icon_named_in_the_source_is_one_of_them() -> None:
    asked = {
        (name, path.name)
        for path in [*SOURCE.rglob("*.html"), *SOURCE.rglob("*.py"), *SOURCE.rglob("js/*.js")]
        for pattern in (
            r'{% icon "([\w-]+)"',
            r'\bicon(?:: ClassVar\[str\])? ?= ?"([\w-]+)"',
            r'"icon": "([\w-]+)"',
            r'\bicon\("([\w-]+)"\)',
        )
        for name in re.findall(pattern, path.read_text())
    }
    assert {(name, where) for name, where in asked if name not in names()} == set()
    assert len({name for name, _where in asked}) > 50


def test_an_icon_is_hidden_from_screen_readers_unless_it_has_a_label() -> None:
    assert re.fullmatch(r'<svg class="i" aria-hidden="true"><use href="[^"]+/vendor/icons\.svg#phone"/></svg>', icon("phone"))
    shown = Template('{% load icons %}{% icon "phone" label=said %}').render(Context({"said": 'Call <"Zoë">'}))
    assert 'role="img" aria-label="Call &lt;&quot;Zoë&quot;&gt;"' in shown


def test_an_unknown_name_is_refused_while_debugging_and_a_circle_otherwise() -> None:
    _address.cache_clear()
    assert icon("no-such-icon").endswith('#circle"/></svg>')
    _address.cache_clear()
    with override_settings(DEBUG=True), pytest.raises(UnknownIconError):
        icon("no-such-icon")
    _address.cache_clear()


@pytest.mark.parametrize(
    ("name", "shown"), [("Alice Chen", "AC"), ("张伟", "张"), ("Élodie", "É"), ("Anna Maria von Berg", "AB"), ("ada", "A"), ("", "?")]
)
def test_initials_are_what_a_person_is_known_by(name: str, shown: str) -> None:
    assert initials(name) == shown


def test_a_person_has_the_same_colour_on_every_page() -> None:
    assert [av(key) for key in (0, 11, 12, "13", "a7")] == ["av-0", "av-11", "av-0", "av-1", av("a7")]
