"""Tables of the sources: imports, what was refused and why, how fresh each source is."""

from __future__ import annotations

from django.db import models


class Import(models.Model):
    """One file that was brought in. `resume_at` is the record number up to which everything is safe.

    `made_up`: it belongs to the demonstration. `undone`: what an undo removed and gave back, in figures. `noted`: which
    of its columns became what, and counts of what was left out or taken otherwise than it stood there.
    """

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
    made_up = models.BooleanField(default=False)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=150, blank=True, default="")
    undone = models.JSONField(default=dict)
    noted = models.JSONField(default=dict)


class RefusedRecord(models.Model):
    """A record that was refused, encrypted with the master key, kept for 30 days.

    `id_hash` is the keyed hash of the customer it speaks of, so that erasing that customer finds it. `after` is the
    inbox's last `seq` by then: whether an interaction that contradicts it came before it.
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
    after = models.BigIntegerField(default=0)


class SourceDay(models.Model):
    """How many records a source gave on a day they were received, and how recent they were.

    `batch`: the import that brought them, 0 for what came over HTTP; an undone import takes its rows with it.
    """

    source = models.CharField(max_length=100)
    day = models.DateField()
    batch = models.BigIntegerField(default=0)
    records = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)
    last_occurred_at = models.DateTimeField(null=True)
    last_received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "day", "batch"], name="one_row_a_source_day_and_batch")
        ]


class Feed(models.Model):
    """What is remembered of a feed between its runs; how it is set up stands in HOME/feeds/NAME.toml.

    `cursor` is how far everything is safe, `seen` are digests of rows in the window that is read again. `pending` is
    the piece that was read and is not yet all in: a crash leaves it to be finished first.
    """

    name = models.CharField(max_length=60, unique=True)
    paused = models.BooleanField(default=False)
    cursor = models.JSONField(default=dict)
    seen = models.BinaryField(default=b"")
    pending = models.JSONField(null=True)
    failures = models.IntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    succeeded_at = models.DateTimeField(null=True)


class FeedRun(models.Model):
    """One run of a feed and what it brought. Without `ended_at` it is running, or broke off with its process."""

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=20)
    words = models.CharField(max_length=500, blank=True)
    by = models.CharField(max_length=150)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    files = models.IntegerField(default=0)
    created = models.BigIntegerField(default=0)
    duplicate = models.BigIntegerField(default=0)
    revised = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["feed", "-started_at"], name="runs_of_a_feed")]


class FeedFile(models.Model):
    """A file or object that a feed met: `stamp` is its size and time, so that a changed one is met again.

    `state` is `in`, `same` (its content came before, under another name) or `aside` (it cannot be brought in: `why`).
    """

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=1000)
    stamp = models.CharField(max_length=100)
    content_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=10)
    why = models.CharField(max_length=500, blank=True)
    import_number = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["feed", "name", "stamp"], name="a_version_of_a_file_once")]
        indexes = [models.Index(fields=["feed", "state", "-at"], name="files_of_a_feed")]


class SourceDetail(models.Model):
    """What a source's records of a day looked like, added up at intake: a row a day, whatever its volume.

    `hours` are arrivals by hour, `delays` records by how long after they happened they came, `reasons` refusals by
    reason, `looks` a sample's words, empty columns and amounts. `batch` is the import it came with, 0 for the API, so
    that an import can be taken back.
    """

    source = models.CharField(max_length=100)
    day = models.DateField()
    batch = models.BigIntegerField(default=0)
    created = models.BigIntegerField(default=0)
    duplicate = models.BigIntegerField(default=0)
    revised = models.BigIntegerField(default=0)
    sums = models.BinaryField(default=b"")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "day", "batch"], name="one_detail_a_source_day_and_batch")
        ]
