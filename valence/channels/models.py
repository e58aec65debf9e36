"""Tables of the channels: what waits to leave or left, which addresses do not answer, what came in."""

from __future__ import annotations

from django.db import models


class Outgoing(models.Model):
    """A message. No column names a person: the address is read when it leaves, what it says is sealed until then.

    to_hash: keyed hash of the address it left for, so that a reply finds it. sent_as: keyed hash of the provider's
    own name for it. owner: how `content` is sealed is bound to `number`.
    """

    number = models.CharField(max_length=26, unique=True)
    kind = models.CharField(max_length=10)
    purpose = models.CharField(max_length=12)
    reference = models.CharField(max_length=64)
    customer_key = models.BigIntegerField(null=True, db_index=True)
    content = models.BinaryField(default=bytes)
    state = models.CharField(max_length=10, default="queued")
    why = models.CharField(max_length=20, blank=True)
    tries = models.IntegerField(default=0)
    queued_at = models.DateTimeField(db_index=True)
    next_try_at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    to_hash = models.BinaryField(max_length=16, null=True, db_index=True)
    sent_as = models.BinaryField(max_length=16, null=True, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["purpose", "reference", "kind"], name="one_message_a_reference"),
        ]
        indexes = [models.Index(fields=["state", "kind", "next_try_at"], name="messages_that_wait")]


class Unreachable(models.Model):
    """An address that is not written to again, as a keyed hash: it does not exist, or its owner said stop."""

    kind = models.CharField(max_length=10)
    address_hash = models.BinaryField(max_length=16)
    customer_key = models.BigIntegerField(null=True, db_index=True)
    why = models.CharField(max_length=20)
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "address_hash"], name="one_word_an_address")]


class Incoming(models.Model):
    """A message that came in, by a keyed hash of the provider's name for it: the same one again changes nothing."""

    provider_hash = models.BinaryField(max_length=16, primary_key=True)
    came_at = models.DateTimeField(db_index=True)


class Poster(models.Model):
    """A code on paper where nobody knows who answers: a survey, and the place where it hangs."""

    code = models.CharField(max_length=16, unique=True)
    survey = models.CharField(max_length=60, db_index=True)
    name = models.CharField(max_length=100)
    location_id = models.CharField(max_length=200, blank=True)
    department = models.CharField(max_length=60, blank=True)
    kind = models.CharField(max_length=60, blank=True)
    made_at = models.DateTimeField()
    by = models.CharField(max_length=150)
    closed_at = models.DateTimeField(null=True)


class Site(models.Model):
    """A place on web pages where the widget asks: a survey, and the origins that may show it.

    key: names it, and is public. secret: with it a company's server says who is signed in; derived, stored nowhere.
    """

    key = models.CharField(max_length=26, unique=True)
    survey = models.CharField(max_length=60, db_index=True)
    name = models.CharField(max_length=100)
    origins = models.JSONField(default=list)
    made_at = models.DateTimeField()
    by = models.CharField(max_length=150)
    closed_at = models.DateTimeField(null=True)


class Shown(models.Model):
    """How often the widget was shown, begun and declined, or a poster opened, on a day: counts, nobody's traces."""

    place = models.CharField(max_length=26)
    day = models.DateField()
    what = models.CharField(max_length=10)
    count = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["place", "day", "what"], name="one_count_a_day")]
