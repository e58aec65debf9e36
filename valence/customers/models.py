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

    class Meta:
        # Who may see a customer is asked for every row that is counted by region: from the index alone.
        # Whom we only met are few among millions, and every list of customers says how many.
        indexes = [
            models.Index(fields=["key", "region"], name="customers_key_and_region"),
            models.Index(fields=["-updated_at", "key"], name="customers_met", condition=models.Q(joined_at=None)),
        ]


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


class Said(models.Model):
    """What was said about a customer, as it was sent, encrypted: what is known follows from these records in order.

    `batch`: the import that brought it, 0 for what came over HTTP or by hand. `whole`: a customer's record, else
    personal values that came with an interaction. `content`: keyed hash of what was said. `again`: the imports (4
    bytes each) that said just the same after it, so that any of them can be undone (docs/decisions/010-undo.md).
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    batch = models.BigIntegerField()
    at = models.DateTimeField()
    whole = models.BooleanField()
    content = models.BinaryField(max_length=16)
    again = models.BinaryField(default=bytes)
    sealed = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["batch", "id"], name="said_by_batch")]


class Tombstone(models.Model):
    """Somebody who was erased: a keyed hash that keeps a replay from reviving them."""

    id_hash = models.BinaryField(primary_key=True, max_length=16)
    erased_at = models.DateTimeField()
    certificate = models.CharField(max_length=64)


class Counter(models.Model):
    """How often something about the customers changed, so that what other processes keep in memory is dropped."""

    name = models.CharField(max_length=20, primary_key=True)
    value = models.BigIntegerField(default=0)


class Link(models.Model):
    """Two keys that may name one person, or two customers of one account or household: who says so, and why.

    `state`: suggested, confirmed, refused (not the same), undone; each step is in LinkChange. One row a pair, a < b.
    `evidence`: what they share, `|` between: email, phone, name ...; never the values.
    """

    a = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    b = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    relation = models.CharField(max_length=12)
    state = models.CharField(max_length=12)
    evidence = models.CharField(max_length=100, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    confidence = models.FloatField()
    suggested_by = models.CharField(max_length=150)
    suggested_at = models.DateTimeField()
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["a", "b"], name="one_link_a_pair"),
            models.CheckConstraint(condition=models.Q(a__lt=models.F("b")), name="link_in_order"),
        ]
        indexes = [models.Index(fields=["state", "-confidence"], name="links_by_state")]


class LinkChange(models.Model):
    """A step of a link: what it became, who did it, when and why. Never changed, never deleted but by erasing."""

    link = models.ForeignKey(Link, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    who = models.CharField(max_length=150)
    state = models.CharField(max_length=12)
    relation = models.CharField(max_length=12)
    why = models.CharField(max_length=300, blank=True)


class LinkSaid(models.Model):
    """What a source or the evidence said of two keys, in order: without people's decisions, links follow from it.

    `batch`: the import that said it, 0 for everything else. `b` is the key of the other id, which `system` knows.
    `taught`: it changed a link then. With this any import of identities can be undone (docs/decisions/010-undo.md).
    """

    a = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    b = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    batch = models.BigIntegerField(default=0, db_index=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    relation = models.CharField(max_length=12)
    evidence = models.CharField(max_length=100, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    confidence = models.FloatField()
    decided = models.BooleanField()
    guessed = models.BooleanField()
    system = models.CharField(max_length=60, blank=True)
    taught = models.BooleanField()


class MergedCustomer(models.Model):
    """A customer whom several keys name, under the key of the line that joined first, with what all lines say together.

    Worked out from the confirmed links and the customers' own rows, which stay as they are. `merged` is the one
    backward name in these tables: lists reach the values of a merged customer through it in one question.
    """

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, primary_key=True, related_name="merged")
    joined_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)
    left_kind = models.CharField(max_length=20, blank=True)
    left_reason = models.CharField(max_length=200, blank=True)
    segment = models.CharField(max_length=200, blank=True)
    plan = models.CharField(max_length=200, blank=True)
    region = models.CharField(max_length=200, blank=True)
    location_id = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=35, blank=True)
    monthly_value = models.FloatField(null=True)
    switched_from = models.CharField(max_length=200, blank=True)


class MergedKey(models.Model):
    """A key of a merged customer, the one under which they are read among them."""

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, primary_key=True, related_name="+")
    merged = models.ForeignKey(MergedCustomer, on_delete=models.CASCADE, related_name="+")


class Membership(models.Model):
    """A customer's account or household, as a keyed hash of its number: several lines that each stay or leave."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12)
    group_hash = models.BinaryField(max_length=16, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "kind"], name="one_group_a_kind")]


class IdSystem(models.Model):
    """The system that knows a key's id, where a file of identities named it."""

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, primary_key=True, related_name="+")
    system = models.CharField(max_length=60)


class Consent(models.Model):
    """A word about being written to: for what, on which channel ("": all), on which basis, since when, told by what.

    Only ever added: the newest word of a purpose and channel counts, the others prove what held before.
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=12)
    channel = models.CharField(max_length=10, blank=True)
    basis = models.CharField(max_length=20)
    since = models.DateTimeField()
    source = models.CharField(max_length=60, blank=True)
    withdrawn = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "purpose", "channel", "since", "withdrawn"], name="one_word_a_moment"
            )
        ]


class Preference(models.Model):
    """The channel on which a customer wants to be written to."""

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, primary_key=True, related_name="+")
    channel = models.CharField(max_length=10, blank=True)


class Trait(models.Model):
    """What can show that two keys name one person, as a keyed hash: the e-mail, phone, name, birth date, address."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12)
    value_hash = models.BinaryField(max_length=16)

    class Meta:
        indexes = [models.Index(fields=["kind", "value_hash"], name="traits_by_value")]
