from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("valence", "0003_feeds")]
    operations: list[migrations.operations.base.Operation] = [
        migrations.CreateModel(
            name="Going",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("batch", models.BigIntegerField(db_index=True)),
                ("leaving", models.BinaryField(default=bytes)),
                ("staying", models.BinaryField(default=bytes)),
                ("customers", models.BinaryField(default=bytes)),
            ],
        ),
        migrations.CreateModel(
            name="Portion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("batch", models.BigIntegerField(db_index=True)),
                ("at", models.DateTimeField()),
                ("stored", models.BinaryField(default=bytes)),
                ("repeated", models.BinaryField(default=bytes)),
                ("lost", models.BinaryField(default=bytes)),
            ],
        ),
        migrations.CreateModel(
            name="Said",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("batch", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("whole", models.BooleanField()),
                ("content", models.BinaryField(max_length=16)),
                ("again", models.BinaryField(default=bytes)),
                ("sealed", models.BinaryField()),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="valence.customer"
                    ),
                ),
            ],
        ),
        migrations.RemoveConstraint(model_name="sourceday", name="one_row_a_source_and_day"),
        migrations.AddField(model_name="import", name="made_up", field=models.BooleanField(default=False)),
        migrations.AddField(model_name="import", name="undone", field=models.JSONField(default=dict)),
        migrations.AddField(model_name="import", name="undone_at", field=models.DateTimeField(null=True)),
        migrations.AddField(
            model_name="import", name="undone_by", field=models.CharField(blank=True, max_length=150, default="")
        ),
        migrations.AddField(model_name="refusedrecord", name="after", field=models.BigIntegerField(default=0)),
        migrations.AddField(model_name="sourceday", name="batch", field=models.BigIntegerField(default=0)),
        migrations.AddConstraint(
            model_name="sourceday",
            constraint=models.UniqueConstraint(
                fields=("source", "day", "batch"), name="one_row_a_source_day_and_batch"
            ),
        ),
    ]
