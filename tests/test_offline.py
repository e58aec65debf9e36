"""Nothing is asked of any other machine: not by the code, not by a page."""

import re
from pathlib import Path

import httpx
import pytest
from lxml import html

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("page", ["/", "/customers/", "/losses/", "/handoffs/", "/model/", "/data/"])
def test_a_page_loads_everything_from_its_own_server(signed_in: httpx.Client, page: str):
    tree = html.fromstring(signed_in.get(page).text)
    loaded = tree.xpath("//script/@src | //link[@rel!='canonical']/@href | //img/@src")
    assert [address for address in loaded if re.match(r"(https?:)?//", address)] == []


def test_a_page_may_only_load_from_its_own_server(signed_in: httpx.Client):
    policy = signed_in.get("/").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "http" not in policy
    assert "unsafe" not in policy


def test_no_code_names_another_host():
    named = re.compile(
        rb"https?://(?!127\.0\.0\.1|localhost|www\.w3\.org|www\.xes-standard\.org|(?:[a-z]+\.)?example\.)[a-z0-9.-]+\.[a-z]{2,}"
    )
    places = [
        path
        for path in (ROOT / "valence").rglob("*")
        if path.suffix in {".py", ".html", ".ts", ".js", ".css", ".toml"} and not {"built", "tests"} & set(path.parts)
    ]
    assert [(path.name, found) for path in places if (found := named.findall(path.read_bytes()))] == []
