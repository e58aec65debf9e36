"""Tables of the inbox: what was acknowledged and waits for the log, and what was ever seen."""

from __future__ import annotations

from django.db import models


class InboxRow(models.Model):
    """An acknowledged interaction, in order of arrival. Deleted once it lies safely in the log.

    There are never many, so a customer's are found by looking at all: an index would cost every arrival more.
    `row_hash`, `content_hash`, `revision` become the row's entry in Seen when it leaves: many at once in the order
    of the index cost a fraction of one by one. `row_hash` is empty where the entry was made at once.
    """

    seq = models.BigAutoField(primary_key=True)
    customer_key = models.BigIntegerField()
    received_at = models.DateTimeField()
    row_hash = models.BinaryField(null=True, unique=True, max_length=16)
    content_hash = models.BinaryField(max_length=16)
    revision = models.IntegerField(default=0)
    payload = models.BinaryField()


class Seen(models.Model):
    """Every row that was ever admitted and left the inbox: a hash of source and id, a hash of its content, for ever.

    The entry of an interaction speaks of its highest revision; lower ones keep an entry of their own, so that
    each stored row has exactly one, here or in the inbox. `customer_key` is 0 once the row was erased.
    """

    row_hash = models.BinaryField(primary_key=True, max_length=16)
    content_hash = models.BinaryField(max_length=16)
    revision = models.IntegerField(default=0)
    customer_key = models.BigIntegerField()


class Follower(models.Model):
    """How far a reader of the inbox has come. `log`: up to where rows were moved to the log and deleted here."""

    name = models.CharField(max_length=40, primary_key=True)
    watermark = models.BigIntegerField(default=0)


class Portion(models.Model):
    """What an import brought in one transaction, so that it can be taken out again (docs/decisions/010-undo.md).

    `batch`: the import's number, 0 for what came over HTTP. `stored`: the `seq` of its rows as pairs of first and
    last, 8 bytes each. `repeated`: of rows that were there already and that it sent again, the hash (16 bytes) and the
    last `seq` before (8 bytes). `lost`: hashes of interactions of which another content came first, and whose refused
    record is kept no more. Over HTTP only what repeats is noted.
    """

    batch = models.BigIntegerField(db_index=True)
    at = models.DateTimeField()
    stored = models.BinaryField(default=bytes)
    repeated = models.BinaryField(default=bytes)
    lost = models.BinaryField(default=bytes)


class Going(models.Model):
    """Rows about which an undo has decided: `leaving` go from the log next, `staying` others sent as well.

    All three are arrays of 8-byte numbers; `customers` are the keys of those whose rows are leaving.
    """

    batch = models.BigIntegerField(db_index=True)
    leaving = models.BinaryField(default=bytes)
    staying = models.BinaryField(default=bytes)
    customers = models.BinaryField(default=bytes)
