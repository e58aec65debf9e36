import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("valence", "0003_channels"),
    ]

    operations = [
        migrations.CreateModel(
            name="AskingPolicy",
            fields=[
                ("number", models.IntegerField(default=1, primary_key=True, serialize=False)),
                ("said", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="Preference",
            fields=[
                (
                    "customer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="valence.customer",
                    ),
                ),
                ("channel", models.CharField(blank=True, max_length=10)),
            ],
        ),
        migrations.CreateModel(
            name="Trigger",
            fields=[
                ("slug", models.SlugField(max_length=60, primary_key=True, serialize=False)),
                ("said", models.BinaryField()),
                ("active", models.BooleanField(default=False)),
                ("since", models.DateTimeField(null=True)),
                ("made_at", models.DateTimeField()),
                ("by", models.CharField(max_length=150)),
                (
                    "survey",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="valence.survey"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("purpose", models.CharField(max_length=12)),
                ("channel", models.CharField(blank=True, max_length=10)),
                ("basis", models.CharField(max_length=20)),
                ("since", models.DateTimeField()),
                ("source", models.CharField(blank=True, max_length=60)),
                ("withdrawn", models.BooleanField(default=False)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="valence.customer"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("customer", "purpose", "channel", "since", "withdrawn"), name="one_word_a_moment"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Candidate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(max_length=300)),
                ("customer_key", models.BigIntegerField(db_index=True)),
                ("occurred_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("about", models.JSONField(default=dict)),
                ("unhappy", models.BooleanField(default=False)),
                ("team_id", models.CharField(blank=True, max_length=200)),
                ("segment", models.CharField(blank=True, max_length=200)),
                ("why", models.CharField(blank=True, max_length=20)),
                ("detail", models.CharField(blank=True, max_length=120)),
                ("channel", models.CharField(blank=True, max_length=10)),
                ("at", models.DateTimeField(null=True)),
                ("invitation", models.CharField(blank=True, max_length=26)),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "trigger",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="valence.trigger"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("why", "")), fields=["due_at"], name="candidates_to_decide"),
                    models.Index(fields=["trigger", "due_at"], name="candidates_of_a_trigger"),
                ],
                "constraints": [models.UniqueConstraint(fields=("trigger", "ref"), name="one_candidate_a_moment")],
            },
        ),
    ]
