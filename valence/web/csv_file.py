"""Lists as CSV files, sent as they are read, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence

from django.http import StreamingHttpResponse

BLOCK = 500
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


class _Line:
    """A file of one line: what was written last is what write() returns."""

    def write(self, text: str) -> str:
        return text


def response(*, filename: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """Return a download of rows; memory does not grow with their number."""
    answer = StreamingHttpResponse(lines(heads=heads, rows=rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{filename}"'
    answer["Cache-Control"] = "no-store"
    return answer


def lines(*, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield a CSV file in blocks of some hundred lines."""
    writer = csv.writer(_Line())
    block = [writer.writerow(heads)]
    for row in rows:
        block.append(writer.writerow([neutral(value) for value in row]))
        if len(block) >= BLOCK:
            yield "".join(block)
            block = []
    yield "".join(block)


def neutral(value: object) -> object:
    """Return a value that no spreadsheet runs: text that begins like a formula gets a leading apostrophe.

    Reversible: texts that begin with an apostrophe get one more. Numbers stay as they are.
    """
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith((*DANGEROUS, "'")):
        return f"'{value}"
    return value
