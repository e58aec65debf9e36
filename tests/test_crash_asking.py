"""Kill asking and sending at any moment: nobody is asked twice, nobody is forgotten, and every decision has its reason.

`VALENCE_KILLS=20` sets how often (4 by default). A process decides and sends as fast as it can, to a mail server that
really speaks SMTP, and is killed again and again; the last one is let finish.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import environment
from valence.channels.tests.servers import MailServer

KILLS = int(os.environ.get("VALENCE_KILLS", "4"))
PEOPLE = 150

SCRIPT = """
import json, os, random, signal, sys, time
from collections import Counter
from datetime import UTC, datetime, time as clock, timedelta
import django
django.setup()
from django.core.management import call_command
from django.db import connections
call_command("migrate", verbosity=0, skip_checks=True)
from valence.channels import actions as channels, queries
from valence.channels.values import Purpose
from valence.flows.ask import asking, sending; from valence.flows.gather import ingest
from valence.intake import customers, interactions, objects
from valence.surveys import actions, actions_asking, queries_asking, templates
from valence.surveys.asking import Policy, Trigger

KILLS, PEOPLE = int(sys.argv[1]), int(sys.argv[2])
NOW = datetime.now(UTC)
asking.AT_ONCE = 10


def records(known, sent):
    return objects.side_by_side(objects=sent, known=known, numbers=range(1, len(sent) + 1))


def prepare():
    actions.put_draft(slug="visit", survey=templates.load(name="visit"), by="test", now=NOW)
    actions.launch(slug="visit", by="test", now=NOW)
    trigger = Trigger(survey_id="visit", slug="visits", name="Visits", when={"kind": frozenset({"visit"})})
    actions_asking.put_trigger(trigger=trigger, by="test", now=NOW)
    actions_asking.switch(slug="visits", active=True, now=NOW)
    actions_asking.put_policy(policy=Policy(quiet_from=clock.max, quiet_until=clock.min))
    people = [{"customer_id": f"c{n}", "joined_at": "2020-01-01T00:00:00Z", "email": f"p{n}@example.org"}
              for n in range(PEOPLE)]
    ingest.take_customers(records=records(customers.KNOWN, people), desk=ingest.Desk(), now=NOW)
    at = (NOW - timedelta(hours=3)).isoformat()
    visits = [{"interaction_id": f"v{n}", "source": "field", "customer_id": f"c{n}", "occurred_at": at,
               "kind": "visit", "facts": "late"} for n in range(PEOPLE)]
    ingest.take_interactions(records=records(interactions.KNOWN, visits), desk=ingest.Desk(), now=NOW)


def work(until_done):
    while True:
        now = datetime.now(UTC)
        asking.ask_due(now=now)
        sending.send_due(now=now)
        if until_done and not queries_asking.waiting() and not queries.is_any_due(now=now):
            return


prepare()
for _ in range(KILLS):
    connections.close_all()
    child = os.fork()
    if not child:
        work(until_done=False)
    time.sleep(random.uniform(0.05, 0.8))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
work(until_done=True)
channels.give_up_broken_off(now=datetime.now(UTC) + timedelta(minutes=11))
decided = queries_asking.decisions()
states = queries.states(purpose=Purpose.INVITATION, references=[one.invitation for one in decided])
asked = queries_asking.asked(since=NOW - timedelta(days=1), until=NOW + timedelta(days=1))
print(json.dumps({
    "decided": Counter(one.ref for one in decided), "reasons": Counter(one.why for one in decided),
    "asked": Counter(one.customer_key for one in asked), "states": Counter(states.values()),
}))
"""


@pytest.mark.parametrize("kills", [pytest.param(KILLS, marks=[pytest.mark.slow] if KILLS > 4 else [])])
def test_nobody_is_asked_twice_or_forgotten_by_kill_9(
    tmp_path: Path, kills: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with MailServer() as mail:
        env = environment(home=tmp_path / "home") | {
            "DJANGO_SETTINGS_MODULE": "valence.settings",
            "EMAIL_URL": mail.url,
        }
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, str(kills), str(PEOPLE)],
            env=env,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout)
    received = Counter(one.recipients[0] for one in mail.received)
    assert told["reasons"] == {"asked_unhappy": PEOPLE}
    assert Counter(told["decided"].values()) == {1: PEOPLE}
    assert Counter(told["asked"].values()) == {1: PEOPLE}
    assert max(received.values()) == 1
    unsure = told["states"].get("unsure", 0)
    assert told["states"].get("sent", 0) + unsure == PEOPLE
    assert unsure <= kills
    assert PEOPLE - unsure <= len(received) <= PEOPLE
    with capsys.disabled():
        print(f"\n{kills} kills: {PEOPLE} asked once each, {len(received)} mails, {unsure} where nobody knows")
