"""Tables of the surveys: what is asked, in which version, of whom, and what was answered so far."""

from __future__ import annotations

from django.db import models


class Survey(models.Model):
    """A survey under a name that stays. `draft` is what is being written (JSON), asked by nobody yet."""

    slug = models.SlugField(primary_key=True, max_length=60)
    state = models.CharField(max_length=10, default="draft")
    draft = models.BinaryField()
    made_at = models.DateTimeField()
    by = models.CharField(max_length=150)


class Version(models.Model):
    """A survey as it was asked from `made_at` on (JSON). Never changed: invitations name it."""

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="+")
    number = models.IntegerField()
    definition = models.BinaryField()
    made_at = models.DateTimeField()
    by = models.CharField(max_length=150)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["survey", "number"], name="one_version_a_number")]


class Invitation(models.Model):
    """One person asked once. The token itself is nowhere: only its hash. No column names a person.

    about: the interaction that it asks about, as far as the contract's words go (no text). known: what the record
    says, for logic. customer_key is empty where nobody knows who answers (a poster's code).
    """

    number = models.CharField(max_length=26, unique=True)
    token_hash = models.BinaryField(max_length=32, unique=True)
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    customer_key = models.BigIntegerField(null=True, db_index=True)
    channel = models.CharField(max_length=10)
    language = models.CharField(max_length=35)
    about = models.JSONField(default=dict)
    known = models.JSONField(default=dict)
    asked_at = models.DateTimeField(db_index=True)
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    end = models.CharField(max_length=10, blank=True)

    class Meta:
        indexes = [models.Index(fields=["ended_at", "ends_at"], name="invitations_that_are_open")]


class Begun(models.Model):
    """What an invitation was answered so far, encrypted with the key of the person; gone once it is an interaction."""

    invitation = models.OneToOneField(Invitation, on_delete=models.CASCADE, primary_key=True, related_name="+")
    sealed = models.BinaryField()
    begun_at = models.DateTimeField(db_index=True)
    saved_at = models.DateTimeField()
    saves = models.IntegerField(default=1)


class Trigger(models.Model):
    """After which interactions a survey is asked (JSON of asking.Trigger), while `active`."""

    slug = models.SlugField(primary_key=True, max_length=60)
    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="+")
    said = models.BinaryField()
    active = models.BooleanField(default=False)
    since = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    by = models.CharField(max_length=150)


class Candidate(models.Model):
    """An interaction that a trigger matched, and, once it was due, what was decided about it and why.

    ref: `source:id` of the interaction. about: its fields as far as the contract's words go, no text. why is empty
    while nothing is decided. No column names a person.
    """

    trigger = models.ForeignKey(Trigger, on_delete=models.CASCADE, related_name="+")
    ref = models.CharField(max_length=300)
    customer_key = models.BigIntegerField(db_index=True)
    occurred_at = models.DateTimeField()
    due_at = models.DateTimeField()
    about = models.JSONField(default=dict)
    unhappy = models.BooleanField(default=False)
    team_id = models.CharField(max_length=200, blank=True)
    segment = models.CharField(max_length=200, blank=True)
    why = models.CharField(max_length=20, blank=True)
    detail = models.CharField(max_length=120, blank=True)
    channel = models.CharField(max_length=10, blank=True)
    at = models.DateTimeField(null=True)
    invitation = models.CharField(max_length=26, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["trigger", "ref"], name="one_candidate_a_moment")]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(why=""), name="candidates_to_decide"),
            models.Index(fields=["trigger", "due_at"], name="candidates_of_a_trigger"),
        ]


class AskingPolicy(models.Model):
    """What holds for all surveys together (JSON of asking.Policy): one row, number 1."""

    number = models.IntegerField(primary_key=True, default=1)
    said = models.BinaryField()
