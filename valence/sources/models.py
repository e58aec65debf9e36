"""Tables of the sources: imports, what was refused and why, how fresh each source is."""

from __future__ import annotations

from django.db import models


class Import(models.Model):
    """One file that was brought in. `resume_at` is the record number up to which everything is safe."""

    kind = models.CharField(max_length=20)
    record_kind = models.CharField(max_length=20)
    filename = models.CharField(max_length=255)
    path = models.CharField(max_length=1000)
    file_hash = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict)
    state = models.CharField(max_length=20, default="waiting")
    words = models.CharField(max_length=500, blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=150)
    resume_at = models.BigIntegerField(default=0)
    records_total = models.BigIntegerField(default=0)
    created = models.BigIntegerField(default=0)
    duplicate = models.BigIntegerField(default=0)
    revised = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)


class RefusedRecord(models.Model):
    """A record that was refused, encrypted with the master key, kept for 30 days.

    `id_hash` is the keyed hash of the customer it speaks of, so that erasing that customer finds it.
    """

    batch = models.ForeignKey(Import, null=True, on_delete=models.CASCADE, related_name="+")
    source = models.CharField(max_length=100)
    record_kind = models.CharField(max_length=20)
    number = models.BigIntegerField()
    reason = models.CharField(max_length=40)
    detail = models.CharField(max_length=300)
    sealed = models.BinaryField()
    id_hash = models.BinaryField(max_length=16, null=True, db_index=True)
    refused_at = models.DateTimeField(db_index=True)


class SourceDay(models.Model):
    """How many records a source gave on a day they were received, and how recent they were."""

    source = models.CharField(max_length=100)
    day = models.DateField()
    records = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)
    last_occurred_at = models.DateTimeField(null=True)
    last_received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "day"], name="one_row_a_source_and_day")]
