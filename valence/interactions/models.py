"""Tables of the inbox: what was acknowledged and waits for the log, and what was ever seen."""

from __future__ import annotations

from django.db import models


class InboxRow(models.Model):
    """An acknowledged interaction, in order of arrival. Deleted once it lies safely in the log."""

    seq = models.BigAutoField(primary_key=True)
    customer_key = models.BigIntegerField(db_index=True)
    occurred_at = models.DateTimeField()
    payload = models.BinaryField()


class Seen(models.Model):
    """Every interaction that was ever admitted: a hash of source and id, a hash of its content, for ever."""

    row_hash = models.BinaryField(primary_key=True, max_length=16)
    content_hash = models.BinaryField(max_length=16)
    revision = models.IntegerField(default=0)


class Follower(models.Model):
    """How far a reader of the inbox has come: flush, alerts, links."""

    name = models.CharField(max_length=40, primary_key=True)
    watermark = models.BigIntegerField(default=0)


class Lease(models.Model):
    """Who may do what only one process may do at a time, and until when."""

    name = models.CharField(max_length=40, primary_key=True)
    holder = models.CharField(max_length=100)
    until = models.DateTimeField()
