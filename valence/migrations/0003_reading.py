"""Changes of tables that are not released yet; folded into the first migration before a release."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("valence", "0002_ask")]
    operations = [
        migrations.CreateModel(
            name="Annotation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("row_hash", models.BinaryField(max_length=16, unique=True)),
                ("source", models.CharField(max_length=100)),
                ("interaction_id", models.CharField(max_length=200)),
                ("revision", models.IntegerField(default=0)),
                ("occurred_at", models.DateTimeField(db_index=True)),
                ("read_at", models.DateTimeField()),
                ("kind", models.CharField(max_length=100)),
                ("department", models.CharField(blank=True, max_length=100)),
                ("channel", models.CharField(blank=True, max_length=100)),
                ("team_id", models.CharField(blank=True, max_length=200)),
                ("location_id", models.CharField(blank=True, max_length=200)),
                ("score", models.FloatField(null=True)),
                ("scale", models.CharField(blank=True, max_length=10)),
                ("language", models.CharField(max_length=12)),
                ("tone", models.CharField(max_length=12)),
                ("tone_value", models.FloatField(default=0.0)),
                ("text", models.TextField()),
                ("found", models.BinaryField()),
                ("themes_by", models.CharField(max_length=200)),
                ("tone_by", models.CharField(max_length=200)),
                ("corrected", models.BooleanField(default=False)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="valence.customer"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Meaning",
            fields=[
                (
                    "annotation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="meaning",
                        serialize=False,
                        to="valence.annotation",
                    ),
                ),
                ("encoder", models.CharField(max_length=80)),
                ("vector", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="Unread",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("row_hash", models.BinaryField(max_length=16, unique=True)),
                ("revision", models.IntegerField(default=0)),
                ("payload", models.BinaryField()),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="valence.customer"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Correction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("row_hash", models.BinaryField(max_length=16)),
                ("part", models.CharField(max_length=8)),
                ("said", models.CharField(blank=True, max_length=500)),
                ("was", models.CharField(blank=True, max_length=500)),
                ("text", models.TextField()),
                ("language", models.CharField(max_length=12)),
                ("by", models.CharField(max_length=150)),
                ("at", models.DateTimeField()),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="valence.customer"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("row_hash", "part"), name="one_correction_a_part")],
            },
        ),
        migrations.CreateModel(
            name="Mention",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("part", models.CharField(max_length=8)),
                ("name", models.CharField(max_length=60)),
                ("tone", models.CharField(blank=True, max_length=12)),
                ("tone_value", models.FloatField(default=0.0)),
                ("confidence", models.FloatField(default=0.0)),
                ("about", models.CharField(blank=True, max_length=100)),
                (
                    "annotation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="mentions", to="valence.annotation"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["part", "name", "annotation"], name="mention_by_name")],
            },
        ),
    ]
