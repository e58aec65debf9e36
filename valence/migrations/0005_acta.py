"""Changes of tables that are not released yet; folded into the first migration before a release."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("valence", "0004_readb")]
    operations = [
        migrations.AddField("openpromise", "how", models.CharField(default="recorded", max_length=12)),
        migrations.AddField("openpromise", "settled_source", models.CharField(blank=True, default="", max_length=100)),
        migrations.AddField(
            "openpromise", "settled_interaction_id", models.CharField(blank=True, default="", max_length=200)
        ),
        migrations.AddField(
            "openpromise", "settled_department", models.CharField(blank=True, default="", max_length=100)
        ),
        migrations.AddField("openpromise", "told_at", models.DateTimeField(null=True)),
        migrations.CreateModel(
            name="PromiseMark",
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
                ("at", models.DateTimeField()),
                ("done_at", models.DateTimeField(db_index=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Standard",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60, unique=True)),
                ("state", models.CharField(db_index=True, default="kept", max_length=10)),
                ("version", models.IntegerField(default=1)),
                ("worked_out", models.JSONField(default=dict)),
                ("worked_out_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="PlaceAlarm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("about", models.CharField(max_length=20)),
                ("word", models.CharField(max_length=100)),
                ("zone", models.CharField(max_length=200)),
                ("places", models.JSONField(default=list)),
                ("region", models.CharField(blank=True, max_length=200)),
                ("department", models.CharField(blank=True, max_length=100)),
                ("since_date", models.DateField()),
                ("observed", models.IntegerField()),
                ("expected", models.FloatField()),
                ("chance", models.FloatField()),
                ("raised_at", models.DateTimeField(db_index=True)),
                ("seen_at", models.DateTimeField()),
                ("state", models.CharField(db_index=True, default="new", max_length=10)),
                ("steps", models.JSONField(default=list)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PlaceCase",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.CharField(max_length=100)),
                ("interaction_id", models.CharField(max_length=200)),
                ("place", models.CharField(max_length=200)),
                ("occurred_at", models.DateTimeField()),
                (
                    "alarm",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="valence.placealarm"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="valence.customer"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="StandardCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.IntegerField()),
                ("week", models.DateField()),
                ("region", models.CharField(blank=True, max_length=200)),
                ("department", models.CharField(blank=True, max_length=100)),
                ("place", models.CharField(blank=True, max_length=200)),
                ("met", models.IntegerField()),
                ("counted", models.IntegerField()),
                (
                    "standard",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="valence.standard"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="StandardVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.IntegerField()),
                ("said", models.JSONField()),
                ("why", models.CharField(blank=True, max_length=300)),
                ("by", models.CharField(blank=True, max_length=150)),
                ("made_at", models.DateTimeField()),
                (
                    "standard",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="valence.standard"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BillFinding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.CharField(max_length=100)),
                ("interaction_id", models.CharField(max_length=200)),
                ("occurred_at", models.DateTimeField(db_index=True)),
                ("about", models.CharField(max_length=10)),
                ("billed", models.FloatField()),
                ("told", models.FloatField()),
                ("strength", models.FloatField()),
                ("told_source", models.CharField(blank=True, max_length=100)),
                ("told_interaction_id", models.CharField(blank=True, max_length=200)),
                ("told_at", models.DateTimeField(null=True)),
                ("department", models.CharField(blank=True, max_length=100)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="valence.customer"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("customer", "source", "interaction_id"), name="one_finding_a_bill")
                ],
            },
        ),
        migrations.AddIndex(
            model_name="placealarm",
            index=models.Index(fields=["about", "word", "seen_at"], name="place_alarms_by_word"),
        ),
        migrations.AddConstraint(
            model_name="placecase",
            constraint=models.UniqueConstraint(
                fields=("alarm", "source", "interaction_id"), name="one_place_case_an_interaction"
            ),
        ),
        migrations.AddIndex(
            model_name="standardcount",
            index=models.Index(fields=["standard", "week"], name="standard_counts_by_week"),
        ),
        migrations.AddConstraint(
            model_name="standardversion",
            constraint=models.UniqueConstraint(fields=("standard", "number"), name="one_standard_a_version"),
        ),
    ]
