"""What every page must stand: axe finds nothing, and nothing is wider than the screen."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def check(page: Page) -> None:
    """Fails where the page breaks a WCAG 2.2 AA rule that axe knows, or scrolls sideways.

    Of a page that a click leads to wait for something it says first, or the page before it is looked at.
    """
    page.wait_for_load_state("load")
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]})
    assert found.violations_count == 0, (page.url, found.generate_report())
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over <= 0, (page.url, over)
