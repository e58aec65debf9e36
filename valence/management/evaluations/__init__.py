"""What `valence evaluate` can be asked to measure: a module a subject. Each has SUBJECT, HELP, add_options and act."""

from __future__ import annotations

from types import ModuleType

from valence.management.evaluations import act, integrity, playbooks, scores, text, truth

SUBJECTS: dict[str, ModuleType] = {
    module.SUBJECT: module for module in (truth, text, integrity, scores, playbooks, act)
}
