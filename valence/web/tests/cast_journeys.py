"""The cast's journeys: what happened to the first customer who left, and to the first who is likely to."""

from __future__ import annotations

from datetime import datetime, timedelta

from valence import interactions, packs, terms
from valence.bond import marks, model
from valence.ledger.models import BondModel, Loss, Share
from valence.web.tests import cast as the_cast

# days before the end, id, kind, department, facts, more
STORY: tuple[tuple[float, str, str, str, str, dict[str, object]], ...] = (
    (110, "offer", "campaign", "marketing", "", {"channel": "email"}),
    (103, "order", "order", "sales", "fee_not_mentioned", {"channel": "phone", "amount": 46.0}),
    (95, "install", "visit", "field", "late|left_mess", {"duration_minutes": 90.0, "caused_by": "crm:order"}),
    (92, "call-1", "contact", "care", "unresolved", {"channel": "phone", "wait_minutes": 18.0, "reason": "fault"}),
    (87, "call-2", "contact", "care", "repeat", {"channel": "phone", "reason": "fault", "caused_by": "crm:call-1"}),
    (85, "revisit", "visit", "field", "on_time|fixed_first_time", {"caused_by": "crm:call-2"}),
    (62, "i-0", "bill", "billing", "", {"amount": 125.0, "expected_amount": 46.0}),
    (58, "call-3", "contact", "care", "explained", {"channel": "phone", "reason": "bill", "caused_by": "crm:i-0"}),
    (58, "promise", "promise", "care", "", {"promise": "made", "reason": "credit", "promised_at": 48.0}),
    (46, "broken", "promise", "billing", "promise_broken", {"promise": "broken", "reason": "credit"}),
    (23, "answer", "feedback", "care", "", {"score": 2.0, "scale": "nps", "text": "Nobody told me about the fee."}),
    (10, "leave", "app", "digital", "", {"touchpoint": "cancellation"}),
)


def tell(cast: the_cast.Cast, *, now: datetime = the_cast.NOON) -> None:
    """Admit the journeys, and let the model in use be one that can be read."""
    left = Loss.objects.get(customer_id=cast.gone[0]).left_at
    rows = [*_journey(cast.gone[0], end=left), *_journey(cast.present[0], end=now, prefix="ines-")]
    interactions.inbox.admit(interactions=rows, now=now)
    pack = packs.load()
    journeys = interactions.as_journeys(interactions=rows)
    known = marks.vocabulary(pack=pack, counts=marks.count_words(journeys=journeys))
    made = model.Model.from_pack(pack=pack, marks=known, known_until=terms.days(now))
    BondModel.objects.filter(in_use=True).update(parameters=made.to_bytes())
    share = Share.objects.filter(loss_id=cast.gone[0])
    share.update(root_source="crm", root_interaction_id="order", occurred_at=left - timedelta(days=62))
    Loss.objects.filter(customer_id=cast.gone[0]).update(root_source="crm", root_interaction_id="order")


def _journey(key: int, *, end: datetime, prefix: str = "") -> list[terms.Interaction]:
    return [_interaction(key, end=end, row=row, prefix=prefix) for row in STORY]


def _interaction(
    key: int, *, end: datetime, row: tuple[float, str, str, str, str, dict[str, object]], prefix: str
) -> terms.Interaction:
    before, name, kind, department, facts, more = row
    at = end - timedelta(days=before)
    more = (
        {**more, "caused_by": str(more["caused_by"]).replace("crm:", f"crm:{prefix}")} if "caused_by" in more else more
    )
    promised = more.get("promised_at")
    given = {**more, "promised_at": end - timedelta(days=float(str(promised)))} if promised else more
    return terms.Interaction(
        source="crm",
        interaction_id=f"{prefix}{name}",
        customer_key=key,
        occurred_at=at,
        recorded_at=at,
        kind=kind,
        department=department,
        facts=facts,
        **given,  # type: ignore[arg-type]
    )
