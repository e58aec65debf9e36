"""Tables of the rules, the alerts they raised, and who is there to take them."""

from __future__ import annotations

from django.db import models

from valence.customers.models import Customer
from valence.people.models import Person


class Rule(models.Model):
    """A rule that somebody can switch on. `version`: the one in force. `checked_at`: when it was last run dry."""

    name = models.CharField(max_length=60, unique=True)
    state = models.CharField(max_length=10, default="off", db_index=True)
    version = models.IntegerField(default=1)
    snoozed_until = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    checked = models.JSONField(null=True)


class RuleVersion(models.Model):
    """What a rule said, each time it was changed. Versions never change."""

    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="+")
    number = models.IntegerField()
    said = models.JSONField()
    by = models.CharField(max_length=150, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "number"], name="one_rule_a_version")]


class Alert(models.Model):
    """A rule fired for a customer. `once` names what it fired for: the same is never raised twice.

    `state`: new, opened (a case came of it), joined (to a case that was open), held (over what a person can take in
    a day), dismissed. `reasons`: in words, nothing personal. `seen_at`: when somebody acted on it.
    """

    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, related_name="+")
    version = models.IntegerField()
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    once = models.CharField(max_length=100)
    title = models.CharField(max_length=120)
    severity = models.IntegerField()
    department = models.CharField(max_length=100, blank=True)
    source = models.CharField(max_length=100, blank=True)
    interaction_id = models.CharField(max_length=200, blank=True)
    occurred_at = models.DateTimeField()
    raised_at = models.DateTimeField(db_index=True)
    reasons = models.JSONField(default=list)
    state = models.CharField(max_length=10, default="new")
    acted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "once"], name="one_alert_for_one_thing")]
        indexes = [
            models.Index(fields=["state", "raised_at"], name="alerts_by_state"),
            models.Index(fields=["customer", "rule"], name="alerts_by_customer"),
        ]


class Duty(models.Model):
    """What a member of staff takes care of. Who has no row takes what nobody else can take, by role.

    `daily_cases`: how many new ones a day; `most_grant`: how much they may grant at once. `stands_in`: who takes what
    is theirs while they are away.
    """

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True, related_name="+")
    departments = models.JSONField(default=list)
    languages = models.JSONField(default=list)
    skills = models.JSONField(default=list)
    daily_cases = models.IntegerField(default=20)
    most_grant = models.FloatField(default=0)
    away_from = models.DateField(null=True)
    away_until = models.DateField(null=True)
    stands_in = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")


class Receiver(models.Model):
    """Where people or machines are told: a kind of alerts/channels, and its settings, sealed with the home's key."""

    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=100, unique=True)
    sealed = models.BinaryField(default=bytes)
    events = models.JSONField(default=list)
    state = models.CharField(max_length=10, default="on", db_index=True)
    failing_since = models.DateTimeField(null=True)
    why = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField()


class Delivery(models.Model):
    """One event for one receiver, kept until it arrived or was given up. `body` holds nothing personal.

    `state`: waiting, done, failed. `event`: a name that the receiver sees again when it is sent again.
    """

    receiver = models.ForeignKey(Receiver, on_delete=models.CASCADE, related_name="+")
    event = models.CharField(max_length=60)
    kind = models.CharField(max_length=40)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, null=True, related_name="+")
    body = models.TextField()
    made_at = models.DateTimeField()
    state = models.CharField(max_length=10, default="waiting")
    tries = models.IntegerField(default=0)
    next_try_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["receiver", "event"], name="one_delivery_an_event")]
        indexes = [models.Index(fields=["state", "next_try_at"], name="deliveries_due")]


class PlaceAlarm(models.Model):
    """Several similar cases close together: what they share, where, since when, against what was to be expected.

    `about`, `word`: what is counted (fact, reason or kind). `places`: where; `region`: theirs, "" for several.
    `chance`: how often calm days show as much. `state`: new, taken, put_right, dismissed, over. `steps`: those of the
    playbook that are done.
    """

    about = models.CharField(max_length=20)
    word = models.CharField(max_length=100)
    zone = models.CharField(max_length=200)
    places = models.JSONField(default=list)
    region = models.CharField(max_length=200, blank=True)
    department = models.CharField(max_length=100, blank=True)
    since_date = models.DateField()
    observed = models.IntegerField()
    expected = models.FloatField()
    chance = models.FloatField()
    raised_at = models.DateTimeField(db_index=True)
    seen_at = models.DateTimeField()
    state = models.CharField(max_length=10, default="new", db_index=True)
    owner = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    steps = models.JSONField(default=list)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["about", "word", "seen_at"], name="place_alarms_by_word")]


class PlaceCase(models.Model):
    """A case of a place alarm: the interaction in which it showed."""

    alarm = models.ForeignKey(PlaceAlarm, on_delete=models.CASCADE, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    source = models.CharField(max_length=100)
    interaction_id = models.CharField(max_length=200)
    place = models.CharField(max_length=200)
    occurred_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["alarm", "source", "interaction_id"], name="one_place_case_an_interaction")
        ]


class Standard(models.Model):
    """A standard: kept, given_up, proposed (from what the bond shows) or refused. `version`: the one in force.

    `worked_out`: what meeting it is worth, and what is advised, as of `worked_out_at`.
    """

    name = models.CharField(max_length=60, unique=True)
    state = models.CharField(max_length=10, default="kept", db_index=True)
    version = models.IntegerField(default=1)
    worked_out = models.JSONField(default=dict)
    worked_out_at = models.DateTimeField(null=True)


class StandardVersion(models.Model):
    """What a standard said, each time it was changed, by whom and why. Versions never change."""

    standard = models.ForeignKey(Standard, on_delete=models.CASCADE, related_name="+")
    number = models.IntegerField()
    said = models.JSONField()
    why = models.CharField(max_length=300, blank=True)
    by = models.CharField(max_length=150, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["standard", "number"], name="one_standard_a_version")]


class StandardCount(models.Model):
    """How often a version of a standard was met in a week (Monday), by the customer's region, department and place."""

    standard = models.ForeignKey(Standard, on_delete=models.CASCADE, related_name="+")
    version = models.IntegerField()
    week = models.DateField()
    region = models.CharField(max_length=200, blank=True)
    department = models.CharField(max_length=100, blank=True)
    place = models.CharField(max_length=200, blank=True)
    met = models.IntegerField()
    counted = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["standard", "week"], name="standard_counts_by_week")]


class PlanRun(models.Model):
    """One run of a plan: where it began, which steps slipped (`|connected:late|billed:missing|`), what came of it.

    All of them are written anew after each score. `is_open`: a step is not due yet. `left_after`: whether the customer
    left by choice within 60 days after the last step was due; None while that is not known.
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    plan = models.CharField(max_length=60)
    source = models.CharField(max_length=100)
    interaction_id = models.CharField(max_length=200)
    begun_at = models.DateTimeField()
    department = models.CharField(max_length=100, blank=True)
    place = models.CharField(max_length=200, blank=True)
    slips = models.CharField(max_length=900, blank=True)
    is_open = models.BooleanField(default=False)
    left_after = models.BooleanField(null=True)

    class Meta:
        indexes = [  # with what slipped: few of the latest did, and the others are not opened to see that
            models.Index(fields=["plan", "begun_at", "slips", "is_open"], name="plan_runs_by_day_with_slips")
        ]
