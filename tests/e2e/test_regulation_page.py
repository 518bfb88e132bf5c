"""What a person sees of the regulation: a document, its search, its links, the way there from a refusal."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import AXE, FACES, Start, Visit
from tests.e2e.test_first_picture import PICTURE_MS, axe

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def article(page: Page, id: str) -> Locator:
    return page.locator(f'[data-article="{id}"]')


def opened(visit: Visit, address: str = "/regulation") -> Page:
    visit.open(address)
    expect(visit.page.get_by_test_id("regulation-page")).to_be_visible(timeout=PICTURE_MS)
    return visit.page


def test_it_reads_as_a_document(start: Start) -> None:
    """From the menu: every article of every edition once, the decree beside the measures."""
    visit = start()
    visit.open("/storage")
    page = visit.page
    page.get_by_role("link", name="法规").click()
    expect(page.get_by_role("heading", name="法规", exact=True)).to_be_visible(timeout=PICTURE_MS)
    told = page.request.get(f"{visit.demo.url}/api/v1/regulation").json()
    ids = sorted(one["id"] for edition in told["editions"] for one in edition["articles"])
    assert (
        sorted(page.eval_on_selector_all("[data-article]", "all => all.map(x => x.dataset.article)")) == ids
    )
    retention = article(page, "28")
    expect(retention).to_contain_text("第二十八条")
    expect(retention.locator('[data-duty="R28.1"]')).to_contain_text("30 天")
    left, right = left_of(page, "28"), left_of(page, "CTL32")
    assert left < right


def left_of(page: Page, id: str) -> float:
    return float(article(page, id).evaluate("place => place.getBoundingClientRect().left"))


def test_search_by_article_code_and_words(start: Start) -> None:
    page = opened(start())
    box = page.get_by_label("查找法规")
    box.fill("二十八")
    expect(article(page, "28")).to_be_visible()
    expect(article(page, "1")).to_have_count(0)
    box.fill("N17")
    expect(article(page, "N17")).to_be_visible()
    expect(page).to_have_url(re.compile("q=N17"))
    box.fill("R22.1")
    expect(article(page, "22").locator("mark").first).to_have_text("R22.1")
    page.keyboard.press("Enter")
    expect(article(page, "22")).to_be_focused()
    box.fill("没有这样的词")
    expect(page.get_by_role("heading", name=re.compile("没有找到"))).to_be_visible()
    page.get_by_role("button", name="清除查找").click()
    expect(article(page, "1")).to_be_visible()


def test_a_deep_link_goes_to_the_duty_and_marks_it(start: Start) -> None:
    page = opened(start("en"), "/regulation/22#R22.1")
    duty = page.locator('[data-duty="R22.1"]')
    expect(duty).to_have_attribute("aria-current", "location")
    expect(duty).to_be_in_viewport()
    expect(duty).to_be_focused()
    page.get_by_role("navigation", name="Contents").get_by_role("link").filter(has_text="36").last.click()
    expect(page).to_have_url(re.compile("/regulation/36$"))
    expect(article(page, "36")).to_be_in_viewport()
    page.go_back()
    expect(duty).to_be_in_viewport()


def test_an_unknown_article_is_said_plainly(start: Start) -> None:
    page = opened(start(), "/regulation/99")
    expect(page.get_by_role("alert")).to_contain_text("没有“99”这一条")
    page.get_by_role("link", name="回到开头").click()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_signing_in_leads_to_the_duty_that_was_asked_for(start: Start) -> None:
    visit = start("en", signed_in=False)
    page = visit.page
    visit.open("/regulation/22#R22.1")
    page.locator("input[autocomplete=username]").fill("operator")
    page.locator("input[autocomplete=current-password]").fill(visit.demo.password)
    page.keyboard.press("Enter")
    expect(page.locator('[data-duty="R22.1"]')).to_be_in_viewport(timeout=PICTURE_MS)


def test_the_term_of_a_camera_leads_to_its_article(start: Start) -> None:
    visit = start()
    page = visit.page
    visit.open("/storage/retention")
    row = page.locator("tr[data-camera]").first
    row.get_by_role("link", name="第二十八条第二款").click(timeout=PICTURE_MS)
    expect(page).to_have_url(re.compile(r"/regulation/28#R28\.\d$"))
    expect(page.locator("[data-duty][aria-current]")).to_be_in_viewport()


def test_a_refusal_leads_to_its_article_in_another_tab(start: Start) -> None:
    """A term shorter than the law's is refused; the dialog stays as it was filled in."""
    visit = start()
    page = visit.page
    visit.open("/storage/retention")
    row = page.locator("tr[data-camera]", has_text="cam06")
    row.get_by_role("button", name="修改类别").click(timeout=PICTURE_MS)
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("其他法律另有规定").click()
    dialog.get_by_label("天数").fill("7")
    dialog.get_by_label("依据").fill("某标准")
    dialog.get_by_label("理由").fill("试一试")
    dialog.get_by_role("button", name="保存").click()
    ground = dialog.get_by_role("alert").get_by_role("link")
    expect(ground).to_have_text(re.compile("第二十八条"))
    with page.context.expect_page() as opening:
        ground.click()
    law = opening.value
    expect(law.locator("[data-duty][aria-current]")).to_be_in_viewport(timeout=PICTURE_MS)
    expect(law).to_have_url(re.compile(r"/regulation/28#R28\.\d+$"))
    expect(dialog.get_by_label("理由")).to_have_value("试一试")


def test_it_is_asked_for_again_by_its_tag(start: Start) -> None:
    visit = start()
    answer = visit.page.request.get(f"{visit.demo.url}/api/v1/regulation")
    again = visit.page.request.get(answer.url, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status, again.body()) == (304, b"")


def test_on_a_narrow_screen_it_stands_in_one_column(start: Start) -> None:
    visit = start("en")
    visit.page.set_viewport_size({"width": 390, "height": 844})
    page = opened(visit, "/regulation/28#R28.1")
    expect(page.locator('[data-duty="R28.1"]')).to_be_in_viewport()
    widths = page.evaluate(
        "[document.documentElement.scrollWidth, document.querySelector('.law-document').scrollWidth]"
    )
    assert max(widths) <= 390
    page.locator(".law-side summary").click()
    page.get_by_role("navigation", name="Contents").get_by_role("link").first.click()
    expect(article(page, "1")).to_be_in_viewport()
    expect(page.get_by_role("navigation", name="Contents")).to_be_hidden()


def test_on_paper_there_is_the_document_and_nothing_else(start: Start) -> None:
    page = opened(start())
    page.emulate_media(media="print")
    for gone in (".top", ".law-side"):
        expect(page.locator(gone)).to_be_hidden()
    heights = page.evaluate(
        "[document.documentElement.scrollHeight, document.querySelector('.law-document').scrollHeight]"
    )
    assert heights[0] >= heights[1] > 5000
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert colour == "rgb(255, 255, 255)"


@FACES
def test_axe_finds_nothing(start: Start, language: str, theme: str) -> None:
    """WCAG 2.2 A and AA: the document, a marked duty, a search, an empty one, a narrow screen."""
    if not AXE.exists():
        pytest.skip("axe-core is not installed: npm --prefix web ci")
    visit = start(language, theme)
    found = {"document": axe(opened(visit))}
    for address in ("?q=28", "?q=nothing-of-this"):
        found[address] = axe(opened(visit, f"/regulation{address}"))
    found["lost"] = axe(opened(visit, "/regulation/99"), ".law-lost")
    found["marked"] = axe(opened(visit, "/regulation/28#R28.1"), '[data-article="28"]')
    visit.page.set_viewport_size({"width": 390, "height": 844})
    found["narrow"] = axe(opened(visit, "/regulation/22#R22.1"), "header", ".law-side", '[data-article="22"]')
    assert {where: faults for where, faults in found.items() if faults} == {}
