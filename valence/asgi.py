"""The ASGI application: lean intake in front, Django behind."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "valence.settings")
application = get_asgi_application()
