"""Every table, so that Django finds it. The tables themselves sit in the folder that owns them."""

from valence.alerts.models import *  # noqa: F403
from valence.cases.models import *  # noqa: F403
from valence.channels.models import *  # noqa: F403
from valence.customers.models import *  # noqa: F403
from valence.interactions.models import *  # noqa: F403
from valence.ledger.models import *  # noqa: F403
from valence.people.models import *  # noqa: F403
from valence.sources.models import *  # noqa: F403
from valence.surveys.models import *  # noqa: F403
