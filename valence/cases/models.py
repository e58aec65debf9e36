"""Tables of the cases: what a person takes care of, step by step, and everything that happened in it."""

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
            models.Index(fields=["owner", "state", "-priority"], name="cases_by_owner"),
            models.Index(fields=["state", "-priority"], name="cases_by_priority"),
            models.Index(fields=["state", "due_at"], name="cases_by_due"),
            models.Index(fields=["recovery", "closed_at"], name="cases_by_recovery"),
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
