"""The menu: its sections, the pages beside one another in each, and who may see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from valence.people import rules


@dataclass(frozen=True)
class NavItem:
    """A page in the navigation and who may see it."""

    section: str
    words: str
    icon: str
    act: rules.Act
    below: bool = False
    opens: str = ""

    @property
    def page(self) -> str:
        """The page that it opens: the section's own, or the first beside it that somebody may see."""
        return self.opens or self.section


NAV = (
    NavItem("today", "Today", "sun", rules.Act.LOOK),
    NavItem("customers", "Customers", "person", rules.Act.LOOK),
    NavItem("losses", "Losses", "leave", rules.Act.LOOK),
    NavItem("handoffs", "Journeys", "path", rules.Act.LOOK),
    NavItem("answers", "Feedback", "message", rules.Act.LOOK),
    NavItem("cases", "Cases", "inbox", rules.Act.CASES),
    NavItem("surveys", "Surveys", "inbox", rules.Act.SEE_SURVEYS),
    NavItem("model", "Model", "sliders", rules.Act.SEE_MODEL, below=True),
    NavItem("data", "Data", "store", rules.Act.SEE_DATA, below=True),
    NavItem("settings", "Settings", "gear", rules.Act.SETTINGS, below=True),
)

# What a phone shows at its bottom.
TABS = ("today", "customers", "cases", "losses", "handoffs")

# The pages of one section, as tabs above each of them. A section with one page has none.
BESIDE: Mapping[str, tuple[NavItem, ...]] = {
    "losses": (
        NavItem("losses", "Losses", "leave", rules.Act.LOOK),
        NavItem("fit", "Fit", "person", rules.Act.LOOK),
        NavItem("win_back", "Win back", "path", rules.Act.CASES),
    ),
    "handoffs": (
        NavItem("handoffs", "Hand-offs", "path", rules.Act.LOOK),
        NavItem("interactions", "Interactions", "list", rules.Act.LOOK),
        NavItem("plans", "Plans", "check", rules.Act.LOOK),
        NavItem("expectations", "Expectations", "clock", rules.Act.LOOK),
    ),
    "answers": (
        NavItem("answers", "Answers", "message", rules.Act.LOOK),
        NavItem("scores", "Scores", "bars", rules.Act.LOOK),
        NavItem("comments", "Comments", "message", rules.Act.LOOK),
        NavItem("themes", "Themes", "bars", rules.Act.LOOK),
        NavItem("growing", "New and growing", "bars", rules.Act.LOOK),
        NavItem("digest", "Digest", "list", rules.Act.LOOK),
        NavItem("integrity", "Integrity", "check", rules.Act.SEE_INTEGRITY),
    ),
    "surveys": (
        NavItem("surveys", "Surveys", "inbox", rules.Act.SEE_SURVEYS),
        NavItem("triggers", "Whom and when", "clock", rules.Act.SEE_SURVEYS),
        NavItem("places", "Places", "flag", rules.Act.CHANGE_SURVEYS),
        NavItem("sending", "Sending", "upload", rules.Act.SEE_SURVEYS),
    ),
    "cases": (
        NavItem("cases", "Cases", "inbox", rules.Act.CASES),
        NavItem("promises", "Promises", "clock", rules.Act.LOOK),
        NavItem("bad_encounters", "Bad encounters", "flag", rules.Act.CASES),
        NavItem("spots", "Places", "flag", rules.Act.CASES),
        NavItem("standards", "Standards", "bars", rules.Act.CASES),
        NavItem("initiatives", "Initiatives", "check", rules.Act.CASES),
        NavItem("alert_rules", "Rules", "flag", rules.Act.RULES),
        NavItem("playbooks", "Playbooks", "list", rules.Act.RULES),
        NavItem("duties", "Who takes what", "person", rules.Act.RULES),
    ),
    "model": (
        NavItem("model", "Model", "sliders", rules.Act.SEE_MODEL),
        NavItem("pack", "Pack", "list", rules.Act.CHANGE_MODEL),
    ),
    "data": (
        NavItem("data", "Sources", "store", rules.Act.SEE_DATA),
        NavItem("import", "Import", "upload", rules.Act.IMPORT),
        NavItem("feeds", "Feeds", "inbox", rules.Act.SEE_DATA),
        NavItem("quality", "Quality", "bars", rules.Act.SEE_QUALITY),
        NavItem("readiness", "Readiness", "check", rules.Act.SEE_QUALITY),
        NavItem("identities", "Identities", "link", rules.Act.IMPORT),
        NavItem("words", "Words to map", "list", rules.Act.SEE_DATA),
    ),
    "settings": (
        NavItem("settings", "Staff", "person", rules.Act.SETTINGS),
        NavItem("keys", "API keys", "link", rules.Act.SETTINGS),
        NavItem("receivers", "Receivers", "bell", rules.Act.SETTINGS),
        NavItem("scoring_limits", "Limits of scoring", "check", rules.Act.SETTINGS),
        NavItem("audit", "Record of acts", "list", rules.Act.SETTINGS),
        NavItem("organisation", "Organisation", "gear", rules.Act.SETTINGS),
        NavItem("started", "Getting started", "flag", rules.Act.SETTINGS),
    ),
}
