"""The tricks: a module each. PLANNED are those that the detector was built for, STRESS others, reported apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from valence.demo.tricks.kinds import begging, bonus, filling, inviting, stress
from valence.demo.tricks.record import Record

Plant = Callable[[Record, int, float, np.random.Generator], Record]

PLANNED: Mapping[str, Plant] = {
    "begging": begging.plant,
    "filling_in": filling.plant,
    "inviting": inviting.plant,
    "bonus": bonus.plant,
}
STRESS: Mapping[str, Plant] = {
    "begging_by_one_point": stress.by_one_point,
    "begging_reworded": stress.reworded,
    "filling_in_unhurried": stress.unhurried,
    "filling_in_on_the_tablet": stress.on_the_tablet,
    "inviting_with_facts_left_out": stress.facts_left_out,
    "week_end": stress.week_end,
}
