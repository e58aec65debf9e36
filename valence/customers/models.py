"""Tables of the customers. Personal data lies here only, encrypted with a key per person."""

from __future__ import annotations

from django.db import models


class Customer(models.Model):
    """A customer under the surrogate key that the log knows. No column here names a person.

    `joined_at` is empty for someone who was only met in an interaction so far.
    `wrapped_key` is the person's data key, encrypted with the master key; erasing destroys it.
    """

    key = models.BigIntegerField(primary_key=True)
    joined_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True, db_index=True)
    left_kind = models.CharField(max_length=20, blank=True)
    left_reason = models.CharField(max_length=200, blank=True)
    segment = models.CharField(max_length=200, blank=True)
    plan = models.CharField(max_length=200, blank=True)
    region = models.CharField(max_length=200, blank=True, db_index=True)
    location_id = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=35, blank=True)
    monthly_value = models.FloatField(null=True)
    switched_from = models.CharField(max_length=200, blank=True)
    attributes = models.TextField(blank=True)
    wrapped_key = models.BinaryField(null=True)
    updated_at = models.DateTimeField()


class Identity(models.Model):
    """An id by which a company's system knows a customer, as a keyed hash."""

    id_hash = models.BinaryField(primary_key=True, max_length=16)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")


class PersonalRecord(models.Model):
    """Name, e-mail, phone, the company's own id and personal attributes of one person, encrypted."""

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, primary_key=True, related_name="+")
    sealed = models.BinaryField()


class NameToken(models.Model):
    """A keyed hash of a word of a name, an e-mail, a phone or an id: search without plain text."""

    pk = models.CompositePrimaryKey("token_hash", "customer_id")
    token_hash = models.BinaryField(max_length=16)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")


class PersonalText(models.Model):
    """What a person wrote, as written, encrypted; kept only where redaction changed it."""

    row_hash = models.BinaryField(primary_key=True, max_length=16)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    sealed = models.BinaryField()


class ValueChange(models.Model):
    """What a field of a customer became, and since when that is known."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    field = models.CharField(max_length=30)
    value = models.CharField(max_length=200, blank=True)
    known_since = models.DateTimeField()


class Tombstone(models.Model):
    """Somebody who was erased: a keyed hash that keeps a replay from reviving them."""

    id_hash = models.BinaryField(primary_key=True, max_length=16)
    erased_at = models.DateTimeField()
    certificate = models.CharField(max_length=64)


class Counter(models.Model):
    """How often something about the customers changed, so that what other processes keep in memory is dropped."""

    name = models.CharField(max_length=20, primary_key=True)
    value = models.BigIntegerField(default=0)
