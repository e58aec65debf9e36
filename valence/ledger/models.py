"""Tables of what was worked out, by model: states, risks, losses, hand-offs, what was read in texts, jobs."""

from __future__ import annotations

from django.db import models

from valence.customers.models import Customer


class BondModel(models.Model):
    """A trained model of the bond with the figures it had on held-out time. At most one is in use.

    `habits`: what was learned with it of what usually follows what.
    """

    version = models.CharField(max_length=40, primary_key=True)
    trained_at = models.DateTimeField()
    known_until = models.DateTimeField()
    pack = models.CharField(max_length=60)
    parameters = models.BinaryField()
    habits = models.BinaryField(default=bytes)
    figures = models.JSONField(default=dict)
    in_use = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["in_use"], condition=models.Q(in_use=True), name="one_model_in_use")
        ]


class BondState(models.Model):
    """A customer's decayed sums at a moment (days since 1970), folded as interactions arrive.

    `newer`: interactions were folded in since the customer's risk was worked out.
    """

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, primary_key=True, related_name="+")
    model = models.CharField(max_length=40)
    at = models.FloatField()
    sums = models.BinaryField()
    newer = models.BooleanField(default=False, db_index=True)


class Risk(models.Model):
    """How likely a present customer is to leave by choice, as of one moment. Ranges are 95 % likely ranges."""

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, primary_key=True, related_name="+")
    model = models.CharField(max_length=40)
    as_of = models.DateTimeField()
    bond = models.FloatField()
    bond_low = models.FloatField()
    bond_high = models.FloatField()
    bond_30d_ago = models.FloatField(null=True)
    p_leave_30d = models.FloatField()
    p_low_30d = models.FloatField()
    p_high_30d = models.FloatField()
    p_leave_60d = models.FloatField()
    p_low_60d = models.FloatField()
    p_high_60d = models.FloatField()
    p_leave_90d = models.FloatField()
    p_low_90d = models.FloatField()
    p_high_90d = models.FloatField()
    p_clean_60d = models.FloatField()
    value_at_risk = models.FloatField()
    likely_to_leave = models.BooleanField(default=False, db_index=True)
    became_likely_at = models.DateTimeField(null=True)
    act_by = models.DateTimeField(null=True)
    why = models.CharField(max_length=200, blank=True)
    why_source = models.CharField(max_length=100, blank=True)
    why_interaction_id = models.CharField(max_length=200, blank=True)
    why_department = models.CharField(max_length=100, blank=True)
    root_department = models.CharField(max_length=100, blank=True)
    last_contact_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["-value_at_risk"], name="risk_by_value")]


class Scoring(models.Model):
    """What the stored results were worked out from: one row.

    `stale_since` is set while interactions lie in store that the results do not show yet.
    """

    as_of = models.DateTimeField()
    model = models.CharField(max_length=40)
    scored_at = models.DateTimeField()
    customers = models.BigIntegerField(default=0)
    stale_since = models.DateTimeField(null=True)


class Loss(models.Model):
    """A customer who left by choice: how much of it was ours, where it began and where it hurt.

    Those who left without choosing to have no row. An `ours` loss is counted once, at the
    hand-off `began_department` -> `hurt_department`.
    """

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, primary_key=True, related_name="+")
    model = models.CharField(max_length=40)
    left_at = models.DateTimeField(db_index=True)
    attributable = models.FloatField()
    attributable_low = models.FloatField()
    attributable_high = models.FloatField()
    verdict = models.CharField(max_length=12)
    margin = models.FloatField()
    top_department = models.CharField(max_length=100, blank=True)
    top_source = models.CharField(max_length=100, blank=True)
    top_interaction_id = models.CharField(max_length=200, blank=True)
    root_department = models.CharField(max_length=100, blank=True)
    root_source = models.CharField(max_length=100, blank=True)
    root_interaction_id = models.CharField(max_length=200, blank=True)
    began_department = models.CharField(max_length=100, blank=True)
    hurt_department = models.CharField(max_length=100, blank=True)
    began_words = models.CharField(max_length=200, blank=True)
    hurt_words = models.CharField(max_length=200, blank=True)
    competitor_pressure = models.FloatField(null=True)

    class Meta:
        indexes = [models.Index(fields=["verdict", "-left_at"], name="losses_by_verdict_and_time")]


class Share(models.Model):
    """One interaction's share in a loss. `effect` is on the log-hazard when the customer decided."""

    loss = models.ForeignKey(Loss, on_delete=models.CASCADE, related_name="+")
    source = models.CharField(max_length=100)
    interaction_id = models.CharField(max_length=200)
    occurred_at = models.DateTimeField()
    kind = models.CharField(max_length=100)
    department = models.CharField(max_length=100)
    words = models.CharField(max_length=200)
    effect = models.FloatField()
    effect_low = models.FloatField()
    effect_high = models.FloatField()
    p_would_have_stayed = models.FloatField()
    p_low = models.FloatField()
    p_high = models.FloatField()
    root_source = models.CharField(max_length=100, blank=True)
    root_interaction_id = models.CharField(max_length=200, blank=True)
    root_department = models.CharField(max_length=100, blank=True)


class HandoffCount(models.Model):
    """How often one department's interaction led to another's in a week (Monday), by the customer's region."""

    week = models.DateField()
    region = models.CharField(max_length=200, blank=True)
    cause_department = models.CharField(max_length=100)
    effect_department = models.CharField(max_length=100)
    links = models.IntegerField()
    inferred = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["week"], name="handoffs_by_week")]


class WeekCount(models.Model):
    """How many interactions in a week (Monday) carried a fact (or, for "", any), by region, kind and department."""

    week = models.DateField()
    region = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=100)
    department = models.CharField(max_length=100, blank=True)
    fact = models.CharField(max_length=100, blank=True)
    interactions = models.IntegerField()
    customers = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["week"], name="counts_by_week")]


class OpenPromise(models.Model):
    """A promise that was made to a customer. `state`: open, overdue, kept, broken or unsaid, followed as rows arrive.

    `how`: recorded, appointment, text or case. `settled_..`: the interaction that kept or broke it, and of which
    department. `told_at`: when the customer was told how it stands.
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    source = models.CharField(max_length=100)
    interaction_id = models.CharField(max_length=200)
    department = models.CharField(max_length=100, blank=True)
    words = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, db_index=True)
    state = models.CharField(max_length=10, db_index=True)
    settled_at = models.DateTimeField(null=True)
    how = models.CharField(max_length=12, default="recorded")
    settled_source = models.CharField(max_length=100, blank=True, default="")
    settled_interaction_id = models.CharField(max_length=200, blank=True, default="")
    settled_department = models.CharField(max_length=100, blank=True, default="")
    told_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "due_at"], name="promises_by_state_and_due")]


class PromiseMark(models.Model):
    """Something arrived that may change a customer's promises. `done_at`: worked out, while a score was being made."""

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, primary_key=True, related_name="+")
    at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, db_index=True)


class UnknownWord(models.Model):
    """A kind, fact or department that the pack does not know, and how often it was met."""

    column = models.CharField(max_length=20)
    word = models.CharField(max_length=200)
    interactions = models.BigIntegerField()
    customers = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["column", "word"], name="one_row_a_word")]


class Job(models.Model):
    """A long piece of work, as people see it: what it is, how far it is, how it ended."""

    name = models.CharField(max_length=60)
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=12, default="waiting")
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    words = models.CharField(max_length=300, blank=True)
    by = models.CharField(max_length=150, blank=True)
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    reference = models.CharField(max_length=20, blank=True)
    stop_asked = models.BooleanField(default=False)


class Annotation(models.Model):
    """What was read in the text of one interaction, in its newest revision. Another reading takes a new number.

    `text`: the words that were read, without personal data, at most 20,000 characters; places in `found` are of these.
    `found`: a text.annotation.Annotation as MessagePack. `tone_value` is -1 (bad) to 1 (good). `themes_by`, `tone_by`:
    what told them, by name and version. `corrected`: a person said what is right.
    """

    row_hash = models.BinaryField(max_length=16, unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    source = models.CharField(max_length=100)
    interaction_id = models.CharField(max_length=200)
    revision = models.IntegerField(default=0)
    occurred_at = models.DateTimeField(db_index=True)
    read_at = models.DateTimeField()
    kind = models.CharField(max_length=100)
    department = models.CharField(max_length=100, blank=True)
    channel = models.CharField(max_length=100, blank=True)
    team_id = models.CharField(max_length=200, blank=True)
    location_id = models.CharField(max_length=200, blank=True)
    score = models.FloatField(null=True)
    scale = models.CharField(max_length=10, blank=True)
    language = models.CharField(max_length=12)
    tone = models.CharField(max_length=12)
    tone_value = models.FloatField(default=0.0)
    text = models.TextField()
    found = models.BinaryField()
    themes_by = models.CharField(max_length=200)
    tone_by = models.CharField(max_length=200)
    corrected = models.BooleanField(default=False)


class Mention(models.Model):
    """Something in an annotation, so that it is found and counted. `part`: theme, intent, emotion, promise or person.

    `tone`: of what was said about the theme. `about`: whom or what an intent names.
    """

    annotation = models.ForeignKey(Annotation, on_delete=models.CASCADE, related_name="mentions")
    part = models.CharField(max_length=8)
    name = models.CharField(max_length=60)
    tone = models.CharField(max_length=12, blank=True)
    tone_value = models.FloatField(default=0.0)
    confidence = models.FloatField(default=0.0)
    about = models.CharField(max_length=100, blank=True)

    class Meta:
        indexes = [models.Index(fields=["part", "name", "annotation"], name="mention_by_name")]


class Meaning(models.Model):
    """Where a text stands among others by its meaning: whole numbers from -127 to 127, one byte each."""

    annotation = models.OneToOneField(Annotation, on_delete=models.CASCADE, primary_key=True, related_name="meaning")
    encoder = models.CharField(max_length=80)
    vector = models.BinaryField()


class Unread(models.Model):
    """An interaction whose text waits to be read, as the inbox held it. `payload`: an Interaction as MessagePack."""

    row_hash = models.BinaryField(max_length=16, unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    revision = models.IntegerField(default=0)
    payload = models.BinaryField()


class Correction(models.Model):
    """What a person says is right of one text: the labels that heads learn from, one row a text and part.

    `part`: themes, tone or intents. `said`, `was`: labels with `|` between; a theme may carry its tone
    (`billing:negative`). `text`: the words that were read.
    """

    row_hash = models.BinaryField(max_length=16)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    part = models.CharField(max_length=8)
    said = models.CharField(max_length=500, blank=True)
    was = models.CharField(max_length=500, blank=True)
    text = models.TextField()
    language = models.CharField(max_length=12)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["row_hash", "part"], name="one_correction_a_part")]


class BillFinding(models.Model):
    """A bill that contradicts what the customer was told: what was billed, what was told, where that was said.

    `about`: quote, credit or fee. `strength`: how far beyond what honest bills differ, in their spreads.
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    source = models.CharField(max_length=100)
    interaction_id = models.CharField(max_length=200)
    occurred_at = models.DateTimeField(db_index=True)
    about = models.CharField(max_length=10)
    billed = models.FloatField()
    told = models.FloatField()
    strength = models.FloatField()
    told_source = models.CharField(max_length=100, blank=True)
    told_interaction_id = models.CharField(max_length=200, blank=True)
    told_at = models.DateTimeField(null=True)
    department = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "source", "interaction_id"], name="one_finding_a_bill")
        ]
