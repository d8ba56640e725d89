"""How every part looks to those who need it most: contrast, names, room on a phone, nothing inline."""

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from guanxi.web.specimen.pages import PAGES
from tests.look.conftest import Open

WEB = Path(__file__).parents[2] / "src/guanxi/web"

# Text on ground, as they occur in app.css
PAIRS = [
    *[(ink, ground) for ink in ("ink", "ink-2", "ink-3") for ground in ("bg", "panel", "raised", "sunk")],
    *[(tone, f"{tone}-soft") for tone in ("good", "warn", "bad", "info", "violet", "rose")],
    *[(tone, "panel") for tone in ("good", "warn", "bad", "info", "accent-ink")],
    ("accent-ink", "accent-soft"), ("ink-2", "accent-soft"), ("ink", "accent-soft"), ("ink", "warn-soft"), ("ink-2", "pressed"),
    ("on-accent", "accent"), ("on-accent", "accent-strong"), ("on-inverse", "inverse"),
]  # fmt: skip
CONTRAST = """([ink, ground]) => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const rgb = (token) => {
    const probe = document.body.appendChild(document.createElement('span'));
    probe.style.color = `var(--${token})`;
    canvas.fillStyle = getComputedStyle(probe).color;
    probe.remove();
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const linear = (value) => value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const light = (token) => rgb(token).reduce((sum, value, i) => sum + linear(value / 255) * [0.2126, 0.7152, 0.0722][i], 0);
  const [a, b] = [light(ink), light(ground)].sort((x, y) => y - x);
  return (a + 0.05) / (b + 0.05);
}"""


EVERYONE = [("en", 1440, "light"), ("zh", 375, "dark")]
OTHERS = [("zh", 1440, "dark"), ("en", 375, "light")]
LOOKS = [(name, *look) for name in PAGES for look in EVERYONE + (OTHERS if name in {"list", "board", "detail", "parts"} else [])]


@pytest.mark.parametrize(("name", "language", "width", "theme"), LOOKS)
def test_page_is_usable_by_everyone(open_page: Open, name: str, language: str, width: int, theme: str) -> None:
    page = open_page(name, language, theme, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    told = [
        f"{one['id']} ({one['impact']}): {node['html'][:160]} {node['failureSummary'][:200]}" for one in found for node in one["nodes"][:3]
    ]
    assert told == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_colour_is_readable_on_its_ground(open_page: Open, theme: str) -> None:
    page = open_page("empty", theme=theme)
    weak = {f"{ink} on {ground}": round(page.evaluate(CONTRAST, [ink, ground]), 2) for ink, ground in PAIRS}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 4.5} == {}


def test_focus_is_always_visible(open_page: Open) -> None:
    page = open_page("parts")
    page.keyboard.press("Tab")
    seen: set[str] = set()
    for _step in range(45):
        shown = page.evaluate("""() => {
          const at = document.activeElement;
          const around = [at, at.parentElement, at.closest('label, .card, .compose')].filter(Boolean);
          const ring = around.some((one) => getComputedStyle(one).outlineStyle !== 'none');
          return [`${at.tagName} ${at.className} ${at.textContent.trim().slice(0, 20)}`, ring, at.checkVisibility()];
        }""")
        assert shown[1:] == [True, True], shown[0]
        seen.add(shown[0])
        page.keyboard.press("Tab")
    assert len(seen) > 25


def test_skip_link_leads_to_the_content(open_page: Open) -> None:
    page = open_page("list")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_pages_work_without_scripts_and_show_their_content(specimen: str, browser: object) -> None:
    context = browser.new_context(java_script_enabled=False)  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto(f"{specimen}/list")
    assert page.locator("tbody tr[data-id]").count() == 12
    page.get_by_role("link", name="Fleet telematics renewal").click()
    assert page.get_by_role("heading", name="Northwind Logistics").is_visible()
    context.close()


def test_reduced_motion_stops_what_moves(open_page: Open) -> None:
    page = open_page("parts")
    page.emulate_media(reduced_motion="reduce")
    lasting = page.evaluate("document.getAnimations().filter((one) => one.effect.getComputedTiming().activeDuration > 10).length")
    assert lasting == 0


def test_theme_follows_the_system_when_asked_to(open_page: Open) -> None:
    page = open_page("empty", theme="auto")
    ground = "getComputedStyle(document.querySelector('.main')).backgroundColor"
    page.emulate_media(color_scheme="light")
    light = page.evaluate(ground)
    page.emulate_media(color_scheme="dark")
    assert (light, page.evaluate(ground)) == ("rgb(255, 255, 255)", "rgb(25, 25, 24)")


def test_nothing_inline_in_templates_and_no_rule_outside_a_layer() -> None:
    for template in (WEB / "templates").rglob("*.html"):
        text = template.read_text()
        assert re.findall(r"""\sstyle=|\son[a-z]+=|<style|hx-on""", text) == [], template
        assert re.findall(r"<script(?![^>]*(?:src=|application/json))", text) == [], template
    css = re.sub(r"/\*.*?\*/", "", (WEB / "static/css/app.css").read_text(), flags=re.DOTALL)
    depth, outside = 0, []
    for line in css.splitlines():
        if depth == 0 and line.strip() and not line.startswith(("@layer", "@font-face", "}")):
            outside.append(line)
        depth += line.count("{") - line.count("}")
    assert (depth, outside) == (0, [])
