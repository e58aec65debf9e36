"""What nobody asked for: themes that grow against their season, clusters, what only we are praised for."""

from __future__ import annotations

from valence.text.discovery.clusters import Cluster, clusters, quotes_of
from valence.text.discovery.growing import Growing, growing
from valence.text.discovery.praise import OnlyOurs, Praise, only_ours

__all__ = ["Cluster", "Growing", "OnlyOurs", "Praise", "clusters", "growing", "only_ours", "quotes_of"]
