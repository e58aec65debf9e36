"""Comments in the same words from different customers of one team."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from valence.insights import say as words
from valence.insights.integrity import contrast
from valence.insights.integrity.expected import Expected
from valence.insights.integrity.finding import Finding, Trick
from valence.insights.integrity.moments import Moments, Rows
from valence.terms import Codes, Floats

NAME = "twins"
WEIGHT = 1.0
TRICKS = (Trick.FILLING_IN,)
LEAST_LETTERS = 20
LEAST_EXPECTED = 0.1


def find(*, moments: Moments, expected: Expected) -> Finding | None:
    """Return how many comments repeat another of the team; None without comments long enough to tell.

    What many people write anywhere is expected to come twice, the more so in a team with many comments: how often each
    sentence is written in the other teams, by happy and by unhappy customers, says how often it would repeat here.
    """
    long = np.array([len(text) >= LEAST_LETTERS for text in expected.plain], bool)
    rows = expected.rows[long]
    if not len(rows):
        return None
    _, sentence = np.unique(expected.plain[long].astype(str), return_inverse=True)
    team, teams = moments.team[rows], len(moments.teams)
    key = team.astype(np.int64) * (int(sentence.max()) + 1) + sentence
    _, first, place, times = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
    repeats = np.zeros(len(moments), bool)
    repeats[rows[times[place] > 1]] = True
    extra = contrast.sums(times - 1, team[first], teams)
    of = contrast.sums(np.ones(len(team)), team, teams)
    is_top = moments.score[rows] == moments.scale.most
    foretold = sum(_foretold(team[one], sentence[one], teams) for one in (is_top, ~is_top))
    z = contrast.of_rare(count=extra, expected=np.where(of > 0, foretold + LEAST_EXPECTED, 0.0))
    return Finding(z=z, seen=moments.per_team(repeats), of=of, usual=foretold / np.maximum(of, 1), rows=repeats)


def _foretold(team: Codes, sentence: Rows, teams: int) -> Floats:
    """Return how many repetitions (t,) are expected of teams whose customers write as those of the others do.

    A sentence that falls to a team with a mean of m is there m - 1 + exp(-m) times more than once.
    """
    number = contrast.sums(np.ones(len(team)), team, teams)
    _, sentence = np.unique(sentence, return_inverse=True)
    ours = sparse.coo_matrix((np.ones(len(team)), (team, sentence))).tocsr()
    ours.resize(teams, int(sentence.max(initial=0)) + 1)
    all_teams = np.asarray(ours.sum(axis=0)).ravel()
    often = np.flatnonzero(all_teams > 1)
    others = all_teams[often][None, :] - ours[:, often].toarray()
    mean = others * (number / np.maximum(number.sum() - number, 1))[:, None]
    return np.asarray((mean - 1 + np.exp(-mean)).sum(axis=1))


def say(*, seen: float, of: float, usual: float) -> str:
    """Return what was found about one team, as a clause."""
    return f"{seen:.0f} of {of:.0f} comments repeat another word for word; usual is {words.percent(usual)}"
