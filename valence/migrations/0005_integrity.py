from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("valence", "0004_asking")]
    operations = []
