"""Tables of the staff: who may sign in, what they may see, which keys machines use, what was done."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models

from valence.terms import Role


class Person(AbstractBaseUser):
    """A member of staff. `regions` counts only where `all_regions` is false."""

    name = models.CharField(max_length=150, unique=True)
    full_name = models.CharField(max_length=150, blank=True)
    email = models.EmailField(blank=True)
    role = models.CharField(max_length=20, choices=[(role.value, role.value) for role in Role])
    all_regions = models.BooleanField(default=True)
    regions = models.JSONField(default=list)
    is_active = models.BooleanField(default=True)
    theme = models.CharField(max_length=5, blank=True)
    shortcuts = models.BooleanField(default=True)
    language = models.CharField(max_length=10, blank=True)

    USERNAME_FIELD = "name"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = BaseUserManager()


class SignInFailure(models.Model):
    """How often in a row a name was tried with a wrong password, whether an account has it or not."""

    name = models.CharField(max_length=150, unique=True)
    failures = models.IntegerField()
    last_failed_at = models.DateTimeField()


class ApiKey(models.Model):
    """A machine's key. Only its hash is kept; `scopes` are words such as `write`, `read`, `erase`."""

    name = models.CharField(max_length=100, unique=True)
    key_hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)


class AuditEntry(models.Model):
    """One thing that was done, chained to the one before: `entry_hash` covers all columns and `previous_hash`."""

    at = models.DateTimeField()
    who = models.CharField(max_length=150)
    what = models.CharField(max_length=60)
    about = models.CharField(max_length=300)
    previous_hash = models.CharField(max_length=64)
    entry_hash = models.CharField(max_length=64)
