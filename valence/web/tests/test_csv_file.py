"""Promises of downloads: nothing in them runs in a spreadsheet, and their size does not fill the memory."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponseBase
from django.test import RequestFactory

from valence.web import csv_file, streaming


@pytest.mark.parametrize("text", ["=1+1", "+49", "-2", "@sum", "\tx", "'quoted"])
def test_what_looks_like_a_formula_is_made_text_and_can_be_undone(text: str) -> None:
    neutral = csv_file.neutral(text)
    assert neutral == f"'{text}"
    assert str(neutral)[1:] == text


def test_numbers_keep_their_sign_and_unknown_is_empty() -> None:
    assert csv_file.neutral(-2.5) == -2.5
    assert csv_file.neutral(None) == ""


def test_a_download_has_its_heads_and_every_row() -> None:
    text = "".join(csv_file.lines(heads=("a", "b"), rows=((n, f"row {n}") for n in range(1_234))))
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == ["a", "b"]
    assert len(rows) == 1_235


def test_rows_are_made_only_when_they_are_sent() -> None:
    made = 0

    def rows() -> Iterator[tuple[int]]:
        nonlocal made
        for number in range(100_000):
            made += 1
            yield (number,)

    pieces = csv_file.lines(heads=("n",), rows=rows())
    next(pieces)
    assert made <= csv_file.BLOCK


def test_an_asgi_server_gets_the_download_piece_by_piece() -> None:
    scope = {"type": "http", "method": "GET", "path": "/x", "headers": [], "query_string": b""}

    def answer(request: HttpRequest) -> HttpResponseBase:
        return csv_file.response(filename="x.csv", heads=("n",), rows=((n,) for n in range(1_000)))

    response = streaming.stream_in_threads(answer)(ASGIRequest(scope, io.BytesIO()))
    assert response.is_async  # type: ignore[attr-defined]

    async def read() -> bytes:
        return b"".join([piece async for piece in response.streaming_content])  # type: ignore[attr-defined]

    with ThreadPoolExecutor() as threads:  # a loop of its own: the browser of other tests keeps one in this thread
        assert threads.submit(asyncio.run, read()).result().count(b"\r\n") == 1_001
    plain = streaming.stream_in_threads(answer)(RequestFactory().get("/x"))
    assert not plain.is_async  # type: ignore[attr-defined]
