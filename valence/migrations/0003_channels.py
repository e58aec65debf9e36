from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("valence", "0002_text")]
    operations = []
