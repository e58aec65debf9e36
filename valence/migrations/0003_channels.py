from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('valence', '0002_text'),
    ]

    operations = [
        migrations.CreateModel(
            name='Incoming',
            fields=[
                ('provider_hash', models.BinaryField(max_length=16, primary_key=True, serialize=False)),
                ('came_at', models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name='Poster',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=16, unique=True)),
                ('survey', models.CharField(db_index=True, max_length=60)),
                ('name', models.CharField(max_length=100)),
                ('location_id', models.CharField(blank=True, max_length=200)),
                ('department', models.CharField(blank=True, max_length=60)),
                ('kind', models.CharField(blank=True, max_length=60)),
                ('made_at', models.DateTimeField()),
                ('by', models.CharField(max_length=150)),
                ('closed_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Site',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=26, unique=True)),
                ('survey', models.CharField(db_index=True, max_length=60)),
                ('name', models.CharField(max_length=100)),
                ('origins', models.JSONField(default=list)),
                ('made_at', models.DateTimeField()),
                ('by', models.CharField(max_length=150)),
                ('closed_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Outgoing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=26, unique=True)),
                ('kind', models.CharField(max_length=10)),
                ('purpose', models.CharField(max_length=12)),
                ('reference', models.CharField(max_length=64)),
                ('customer_key', models.BigIntegerField(db_index=True, null=True)),
                ('content', models.BinaryField(default=bytes)),
                ('state', models.CharField(default='queued', max_length=10)),
                ('why', models.CharField(blank=True, max_length=20)),
                ('tries', models.IntegerField(default=0)),
                ('queued_at', models.DateTimeField(db_index=True)),
                ('next_try_at', models.DateTimeField()),
                ('until', models.DateTimeField(null=True)),
                ('changed_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(null=True)),
                ('to_hash', models.BinaryField(db_index=True, max_length=16, null=True)),
                ('sent_as', models.BinaryField(db_index=True, max_length=16, null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['state', 'kind', 'next_try_at'], name='messages_that_wait')],
                'constraints': [models.UniqueConstraint(fields=('purpose', 'reference', 'kind'), name='one_message_a_reference')],
            },
        ),
        migrations.CreateModel(
            name='Shown',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.CharField(max_length=26)),
                ('day', models.DateField()),
                ('what', models.CharField(max_length=10)),
                ('count', models.BigIntegerField(default=0)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('place', 'day', 'what'), name='one_count_a_day')],
            },
        ),
        migrations.CreateModel(
            name='Unreachable',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=10)),
                ('address_hash', models.BinaryField(max_length=16)),
                ('customer_key', models.BigIntegerField(db_index=True, null=True)),
                ('why', models.CharField(max_length=20)),
                ('since', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('kind', 'address_hash'), name='one_word_an_address')],
            },
        ),
    ]
