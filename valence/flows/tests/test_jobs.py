from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django_tasks_db.models import DBTaskResult

from valence import terms
from valence.flows.run import jobs
from valence.ledger.actions import jobs as ledger
from valence.ledger.models import Job
from valence.ledger.queries import jobs as asked

NOW = datetime(2026, 1, 2, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """Replace what a score does; `act` is called with its report."""
    told: dict[str, object] = {"act": lambda report: "All done."}
    monkeypatch.setattr(jobs, "WORK", {"score": lambda arguments, by, now, report: told["act"](report)})
    monkeypatch.setattr(jobs, "SECONDS_BETWEEN_REPORTS", 0.0)
    return told


def done() -> asked.JobRow:
    number = jobs.enqueue(name="score", by="mary", arguments={}, now=NOW)
    jobs.perform.call(number)
    return asked.latest()[0]


def test_work_that_is_done_says_so(work: dict[str, object]) -> None:
    job = done()
    assert (job.state, job.words, job.by) == ("done", "All done.", "mary")


def test_the_same_work_waits_only_once(work: dict[str, object]) -> None:
    first = jobs.enqueue(name="score", by="mary", arguments={}, now=NOW)
    assert jobs.enqueue(name="score", by="ticker", arguments={}, now=NOW) == first


def test_work_that_nobody_knows_is_not_taken(work: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="no work named"):
        jobs.enqueue(name="dance", by="mary", arguments={}, now=NOW)


def test_work_that_fails_gives_a_reference_and_no_secret(work: dict[str, object]) -> None:
    def fails(report: object) -> str:
        raise RuntimeError("SELECT name FROM person")

    work["act"] = fails
    job = done()
    assert (job.state, job.words) == ("failed", "Something unexpected failed.")
    assert job.reference


def test_work_stops_at_a_safe_point_when_asked(work: dict[str, object]) -> None:
    def long(report: jobs.Report) -> str:
        ledger.ask_to_stop(number=asked.latest()[0].pk, now=NOW)
        report(terms.Progress(done=1, total=9, words="One of nine"))
        raise AssertionError("it went on")

    work["act"] = long
    job = done()
    assert (job.state, job.done, job.total) == ("stopped", 1, 9)


def test_work_that_only_waits_is_stopped_at_once(work: dict[str, object]) -> None:
    number = jobs.enqueue(name="score", by="mary", arguments={}, now=NOW)
    ledger.ask_to_stop(number=number, now=NOW)
    jobs.perform.call(number)
    assert asked.latest()[0].state == "stopped"


def test_work_that_a_process_left_is_begun_once_more_and_then_given_up(work: dict[str, object]) -> None:
    number = jobs.enqueue(name="score", by="mary", arguments={}, now=NOW)
    ledger.begin(number=number, now=NOW)
    assert ledger.take_up(now=NOW, names=jobs.WORK) == [number]
    ledger.begin(number=number, now=NOW)
    assert ledger.take_up(now=NOW, names=jobs.WORK) == []
    assert asked.latest()[0].state == "failed"


def test_an_ending_process_puts_its_work_back(work: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    def ends(report: jobs.Report) -> str:
        monkeypatch.setattr(jobs._Process, "is_ending", True)
        report(terms.Progress(done=1, total=9, words="One of nine"))
        return "never"

    work["act"] = ends
    with pytest.raises(jobs.Ending):
        done()
    assert asked.latest()[0].state == "waiting"


def test_what_is_fed_in_does_not_wait_behind_a_training() -> None:
    jobs.enqueue(name="train", by="ticker", arguments={}, now=NOW)
    assert (jobs.is_any(lane="thinking"), jobs.is_any(lane="default")) == (True, False)
    jobs.enqueue(name="feed", by="ticker", arguments={"name": "crm"}, now=NOW)
    assert jobs.is_any(lane="default")
    queues = dict(DBTaskResult.objects.values_list("args_kwargs__args__0", "queue_name"))
    names = dict(Job.objects.values_list("pk", "name"))
    assert {names[number]: queue for number, queue in queues.items()} == {"train": "thinking", "feed": "default"}
    assert ledger.take_up(now=NOW, names=["feed"]) == [number for number, name in names.items() if name == "feed"]
