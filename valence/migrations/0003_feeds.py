from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("valence", "0002_identities")]
    operations: list[migrations.operations.base.Operation] = [
        migrations.CreateModel(
            name='Feed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, unique=True)),
                ('paused', models.BooleanField(default=False)),
                ('cursor', models.JSONField(default=dict)),
                ('seen', models.BinaryField(default=b'')),
                ('pending', models.JSONField(null=True)),
                ('failures', models.IntegerField(default=0)),
                ('next_at', models.DateTimeField(null=True)),
                ('succeeded_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='SourceDetail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(max_length=100)),
                ('day', models.DateField()),
                ('batch', models.BigIntegerField(default=0)),
                ('created', models.BigIntegerField(default=0)),
                ('duplicate', models.BigIntegerField(default=0)),
                ('revised', models.BigIntegerField(default=0)),
                ('sums', models.BinaryField(default=b'')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('source', 'day', 'batch'), name='one_detail_a_source_day_and_batch')],
            },
        ),
        migrations.CreateModel(
            name='FeedFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=1000)),
                ('stamp', models.CharField(max_length=100)),
                ('content_hash', models.CharField(max_length=64)),
                ('state', models.CharField(max_length=10)),
                ('why', models.CharField(blank=True, max_length=500)),
                ('import_number', models.BigIntegerField(null=True)),
                ('at', models.DateTimeField()),
                ('feed', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='valence.feed')),
            ],
            options={
                'indexes': [models.Index(fields=['feed', 'state', '-at'], name='files_of_a_feed')],
                'constraints': [models.UniqueConstraint(fields=('feed', 'name', 'stamp'), name='a_version_of_a_file_once')],
            },
        ),
        migrations.CreateModel(
            name='FeedRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(max_length=20)),
                ('words', models.CharField(blank=True, max_length=500)),
                ('by', models.CharField(max_length=150)),
                ('started_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('files', models.IntegerField(default=0)),
                ('created', models.BigIntegerField(default=0)),
                ('duplicate', models.BigIntegerField(default=0)),
                ('revised', models.BigIntegerField(default=0)),
                ('refused', models.BigIntegerField(default=0)),
                ('feed', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='valence.feed')),
            ],
            options={
                'indexes': [models.Index(fields=['feed', '-started_at'], name='runs_of_a_feed')],
            },
        ),
    ]
