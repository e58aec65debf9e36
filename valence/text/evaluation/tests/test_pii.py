from __future__ import annotations

import json
from typing import Any

import pytest

from valence.text.evaluation import asking, counting
from valence.text.evaluation.tasks import pii

TEXT = "I'm Ann Berg, card 4111 1111 1111 1111, in Rome"


def _label(word: str, kind: str) -> dict[str, Any]:
    start = TEXT.index(word)
    return {"start": start, "end": start + len(word), "type": kind}


def _figures(labels: str) -> dict[str, Any]:
    rows = asking.Rows(texts=(TEXT,) * 4, labels=(labels,) * 4)
    return pii.figures(asked=asking.Asked(rows=rows), progress=lambda progress: None)


def test_what_is_gone_counts_by_type_with_its_range() -> None:
    labels = [_label("Ann Berg", "PERSON"), _label("4111 1111 1111 1111", "CREDIT_CARD"), _label("Rome", "GPE")]
    found = _figures(json.dumps(labels))
    assert found["n"] == 4
    assert found["recall_checksummed"]["value"] == 1
    assert found["by_type"]["CREDIT_CARD"]["recall"] == counting.share(part=4, whole=4)
    assert found["by_type"]["CREDIT_CARD"]["precision"]["value"] == 1
    assert 0.4 < found["by_type"]["CREDIT_CARD"]["recall"]["low"] < 0.6
    assert found["micro_f1"]["value"] == 1
    assert found["left_in"] == {"GPE": 4}


def test_what_stays_is_missed_and_what_nobody_labelled_is_wrong() -> None:
    found = _figures(json.dumps([_label("Rome", "PERSON"), _label("Ann Berg", "PHONE_NUMBER")]))
    assert found["by_type"]["PERSON"]["recall"]["value"] == 0
    phone = found["by_type"]["PHONE_NUMBER"]
    assert (phone["recall"]["value"], phone["named_right"]["value"]) == (1, 0)
    assert found["accuracy"]["value"] == 0


@pytest.mark.parametrize("labels", ["food", '[{"start": "a"}]', '{"start": 1}'])
def test_a_label_that_is_no_list_of_places_is_refused(labels: str) -> None:
    with pytest.raises(asking.WrongLabels, match="start"):
        _figures(labels)


def test_a_share_lies_within_its_range() -> None:
    share = counting.share(part=98, whole=100)
    assert share["low"] is not None
    assert share["high"] is not None
    assert share["low"] < 0.98 < share["high"] <= 1
    assert counting.share(part=0, whole=0)["value"] is None
