"""Tables of the cases: what a person takes care of, what is tried and changed because of it, who is told."""

from __future__ import annotations

from django.db import models

from valence.alerts.models import Alert
from valence.customers.models import Customer
from valence.people.models import Person


class Playbook(models.Model):
    """What works in a situation. Versions never change; the highest number of a name is in force."""

    name = models.CharField(max_length=60)
    number = models.IntegerField()
    said = models.JSONField()
    by = models.CharField(max_length=150, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "number"], name="one_playbook_a_version")]


class Case(models.Model):
    """Something that somebody has to put right with a customer. It always has an owner.

    `state`: new, active, waiting, closed. `recovery`: waiting, recovered, not_recovered, cannot_say; `told_at`: when
    the customer heard how it ended. `reason`: what the first alert's interaction was about. `draft`: a reply that
    was begun, sealed with the person's key. `granted`: money given so far; `asked_grant`: an amount that waits for
    somebody who may grant it. A customer has at most one case that is not closed.
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=120)
    state = models.CharField(max_length=10, default="new")
    severity = models.IntegerField()
    department = models.CharField(max_length=100, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    playbook = models.ForeignKey(Playbook, on_delete=models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    occurred_at = models.DateTimeField()
    due_at = models.DateTimeField()
    first_act_at = models.DateTimeField(null=True)
    level = models.IntegerField(default=0)
    snoozed_until = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_why = models.CharField(max_length=20, blank=True)
    priority = models.FloatField(default=0)
    why = models.JSONField(default=list)
    bond_before = models.FloatField(null=True)
    value = models.FloatField(null=True)
    granted = models.FloatField(default=0)
    asked_grant = models.FloatField(null=True)
    recovery = models.CharField(max_length=15, default="waiting")
    evidence = models.JSONField(default=list)
    checked_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    draft = models.BinaryField(default=bytes)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer"], condition=~models.Q(state="closed"), name="one_open_case_a_customer"
            )
        ]
        indexes = [
            # Each holds what lists narrow and count by: a row that is not shown is never fetched.
            models.Index(
                fields=["owner", "state", "-priority", "snoozed_until", "due_at", "severity", "recovery"],
                name="cases_by_owner",
            ),
            models.Index(fields=["state", "-priority", "due_at", "severity", "customer"], name="cases_by_priority"),
            models.Index(fields=["state", "due_at", "severity", "customer"], name="cases_by_due"),
            models.Index(fields=["state", "closed_at", "recovery", "severity", "customer"], name="cases_by_end"),
        ]


class CaseAlert(models.Model):
    """An alert that led to a case, or joined it while it was open. An alert belongs to one case."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    alert = models.OneToOneField(Alert, on_delete=models.CASCADE, related_name="+")


class Task(models.Model):
    """A step of a case."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    place = models.IntegerField()
    words = models.CharField(max_length=300)
    detail = models.CharField(max_length=300, blank=True)
    act = models.CharField(max_length=20, blank=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "place"], name="one_step_a_place")]


class Happening(models.Model):
    """One line of a case's timeline; `words` hold nothing personal. `sealed`: a note or reply, by the person's key."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    who = models.CharField(max_length=150, blank=True)
    what = models.CharField(max_length=20)
    words = models.CharField(max_length=300)
    sealed = models.BinaryField(default=bytes)

    class Meta:
        indexes = [models.Index(fields=["case", "at"], name="happenings_by_case")]


class CasePromise(models.Model):
    """What a reply of a case promised; `interaction_id` is that of the promise in the log."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    interaction_id = models.CharField(max_length=200, unique=True)
    words = models.CharField(max_length=200)
    due_at = models.DateTimeField()
    kept_at = models.DateTimeField(null=True)
    broken_at = models.DateTimeField(null=True)


class Trial(models.Model):
    """Alternatives to a playbook that are given at random, within limits; `arms`: names, the one in force first.

    `state`: running, ended (nothing changes), taken (an alternative was put in force by somebody). `stopped`: arms
    that were shown to harm. `held_out`: the share of those allowed whom nobody goes to.
    """

    playbook = models.CharField(max_length=60)
    arms = models.JSONField()
    aim = models.CharField(max_length=20)
    floor = models.FloatField()
    share = models.FloatField()
    held_out = models.FloatField(default=0)
    window_days = models.IntegerField()
    stopped = models.JSONField(default=list)
    state = models.CharField(max_length=10, default="running")
    by = models.CharField(max_length=150)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["playbook"], condition=models.Q(state="running"), name="one_running_trial_a_playbook"
            )
        ]


class Assignment(models.Model):
    """What a customer of a trial was given, and how likely each was then; how it ended, once its day has come.

    `arm`: the name of a playbook, "" for who was held out. A customer stays with what they were given.
    """

    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.SET_NULL, null=True, related_name="+")
    arm = models.CharField(max_length=60, blank=True)
    chances = models.JSONField()
    about = models.JSONField(default=dict)
    at = models.DateTimeField()
    reads_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    recovered = models.BooleanField(null=True)
    stayed = models.BooleanField(null=True)
    score = models.FloatField(null=True)
    cost = models.FloatField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["trial", "customer"], name="one_part_in_a_trial")]
        indexes = [models.Index(fields=["read_at", "reads_at"], name="assignments_to_read")]


class Initiative(models.Model):
    """Something that is changed because customers said so. `words`: what they said, in short; `theme`: of the pack.

    `change`: what was changed, by language, as it is told and published. `measure`: what is counted, as a table;
    `baseline`, `target`: its figure before and wanted. `state`: open, done, dropped. `telling_from`: when those
    who said it began to be told. `published_at`: for everybody.
    """

    title = models.CharField(max_length=120)
    words = models.TextField(blank=True)
    department = models.CharField(max_length=100, blank=True)
    theme = models.CharField(max_length=100, blank=True)
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    measure = models.JSONField(default=dict)
    baseline = models.FloatField(null=True)
    target = models.FloatField(null=True)
    due_date = models.DateField(null=True)
    change = models.JSONField(default=dict)
    state = models.CharField(max_length=10, default="open", db_index=True)
    made_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    telling_from = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)


class Voice(models.Model):
    """A customer who said what an initiative is about, by a case or by an answer; told once when it is done.

    `source`, `interaction_id`: where they said it. `state`: waiting, told, cannot (with `why`).
    """

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.SET_NULL, null=True, related_name="+")
    source = models.CharField(max_length=100, blank=True)
    interaction_id = models.CharField(max_length=200, blank=True)
    said_at = models.DateTimeField()
    state = models.CharField(max_length=10, default="waiting")
    why = models.CharField(max_length=100, blank=True)
    channel = models.CharField(max_length=10, blank=True)
    told_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["initiative", "customer"], name="one_voice_a_customer")]
        indexes = [models.Index(fields=["initiative", "state"], name="voices_by_state")]


class Digest(models.Model):
    """When somebody wants to hear by e-mail what waits for them. `weekdays`: 0 for Monday; `minute`: of their day.

    `sent_for`: the last day for which it was queued. Who has no row gets none.
    """

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True, related_name="+")
    weekdays = models.JSONField(default=list)
    minute = models.IntegerField(default=480)
    zone = models.CharField(max_length=60)
    sent_for = models.DateField(null=True)


class BadEncounter(models.Model):
    """An encounter after which one customer waits to hear from us: why it was bad, and what is recorded since.

    All of them are written anew after each score. `occurred_at`: when it hurt. `times`: leaving was so many times as
    likely just after. `reached_at`: when we did something about it. `rule`: one that was on and says it; `offered`:
    one that was off and would have.
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    source = models.CharField(max_length=100)
    interaction_id = models.CharField(max_length=200)
    occurred_at = models.DateTimeField(db_index=True)
    kind = models.CharField(max_length=100)
    department = models.CharField(max_length=100, blank=True)
    facts = models.CharField(max_length=500, blank=True)
    scale = models.CharField(max_length=20, blank=True)
    score = models.FloatField(null=True)
    weakened = models.BooleanField(default=False)
    lowest_score = models.BooleanField(default=False)
    bad_comment = models.BooleanField(default=False)
    broken_promise = models.BooleanField(default=False)
    times = models.FloatField(null=True)
    reached_at = models.DateTimeField(null=True)
    rule = models.CharField(max_length=60, blank=True)
    offered = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "interaction_id"], name="one_bad_encounter_each")]
        indexes = [models.Index(fields=["-times", "-occurred_at"], name="worst_encounters_first")]
