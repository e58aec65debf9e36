"""The addresses of the API alone."""

from django.urls import path

from valence.api.routes import api

urlpatterns = [path("api/v1/", api.urls)]
