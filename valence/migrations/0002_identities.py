from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("valence", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name='IdSystem',
            fields=[
                ('customer', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='valence.customer')),
                ('system', models.CharField(max_length=60)),
            ],
        ),
        migrations.CreateModel(
            name='MergedCustomer',
            fields=[
                ('customer', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='merged', serialize=False, to='valence.customer')),
                ('joined_at', models.DateTimeField(null=True)),
                ('left_at', models.DateTimeField(null=True)),
                ('left_kind', models.CharField(blank=True, max_length=20)),
                ('left_reason', models.CharField(blank=True, max_length=200)),
                ('segment', models.CharField(blank=True, max_length=200)),
                ('plan', models.CharField(blank=True, max_length=200)),
                ('region', models.CharField(blank=True, max_length=200)),
                ('location_id', models.CharField(blank=True, max_length=200)),
                ('language', models.CharField(blank=True, max_length=35)),
                ('monthly_value', models.FloatField(null=True)),
                ('switched_from', models.CharField(blank=True, max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name='Link',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('relation', models.CharField(max_length=12)),
                ('state', models.CharField(max_length=12)),
                ('evidence', models.CharField(blank=True, max_length=100)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('confidence', models.FloatField()),
                ('suggested_by', models.CharField(max_length=150)),
                ('suggested_at', models.DateTimeField()),
                ('decided_by', models.CharField(blank=True, max_length=150)),
                ('decided_at', models.DateTimeField(null=True)),
                ('a', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='valence.customer')),
                ('b', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='valence.customer')),
            ],
        ),
        migrations.CreateModel(
            name='LinkChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('who', models.CharField(max_length=150)),
                ('state', models.CharField(max_length=12)),
                ('relation', models.CharField(max_length=12)),
                ('why', models.CharField(blank=True, max_length=300)),
                ('link', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='valence.link')),
            ],
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=12)),
                ('group_hash', models.BinaryField(db_index=True, max_length=16)),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='valence.customer')),
            ],
        ),
        migrations.CreateModel(
            name='MergedKey',
            fields=[
                ('customer', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='valence.customer')),
                ('merged', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='valence.mergedcustomer')),
            ],
        ),
        migrations.CreateModel(
            name='Trait',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=12)),
                ('value_hash', models.BinaryField(max_length=16)),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='valence.customer')),
            ],
        ),
        migrations.AddIndex(
            model_name='link',
            index=models.Index(fields=['state', '-confidence'], name='links_by_state'),
        ),
        migrations.AddConstraint(
            model_name='link',
            constraint=models.UniqueConstraint(fields=('a', 'b'), name='one_link_a_pair'),
        ),
        migrations.AddConstraint(
            model_name='link',
            constraint=models.CheckConstraint(condition=models.Q(('a__lt', models.F('b'))), name='link_in_order'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.UniqueConstraint(fields=('customer', 'kind'), name='one_group_a_kind'),
        ),
        migrations.AddIndex(
            model_name='trait',
            index=models.Index(fields=['kind', 'value_hash'], name='traits_by_value'),
        ),
    ]
