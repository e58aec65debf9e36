"""One peer ranks who leaves and names who lost them: `python losses.py PEER FOLDER [EXPLAINED]`.

FOLDER is what `valence simulate` wrote. Every peer sees the same table: for each customer and month what happened in
the 30 and 90 days before, by department, how much of it went wrong, how long people waited, tenure and value; and
whether the customer left by choice within 30 days. It learns from the first two thirds of the months and ranks the
last third. For each loss (of EXPLAINED drawn ones) the department with the largest share of the risk is named and held
against the truth. Prints one JSON line; seconds are those of the processor.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

DAY = 86_400.0
WINDOWS = (30, 90)
STEP = 30


def main() -> None:
    """Learn, rank, name, and say how well and how long."""
    peer, folder = sys.argv[1], Path(sys.argv[2])
    explained = int(sys.argv[3]) if len(sys.argv) > 3 else 200
    people, events, truth = _read(folder)
    begin = time.process_time()
    print(json.dumps(PEERS[peer](people, events, truth, explained, begin)))


def lightgbm(people: Any, events: Any, truth: Any, explained: int, begin: float) -> dict[str, Any]:
    """Boosted trees, and permutation Shapley values for each loss (the model's margin, 100 background rows)."""
    import lightgbm as gbm
    import shap

    table = _table(people, events)
    names = [name for name in table.columns if name not in ("customer", "at", "left", "tenure_end")]
    early = table["at"] < table["at"].quantile(2 / 3)
    data = gbm.Dataset(table.loc[early, names], table.loc[early, "left"])
    options = {"objective": "binary", "verbose": -1, "num_threads": 1, "learning_rate": 0.05, "num_leaves": 31}
    model = gbm.train(options, data, 200)
    trained = time.process_time()
    late = table[~early]
    area = _area(model.predict(late[names]), late["left"].to_numpy())
    last = _last_before_loss(table, truth).head(explained)
    background = table.loc[early, names].sample(100, random_state=1)

    def margin(rows: Any) -> Any:
        return model.predict(rows, raw_score=True)

    blaming = time.process_time()
    values = shap.PermutationExplainer(margin, background)(last[names]).values
    blamed = time.process_time()
    return _said(begin, trained, blamed - blaming, area, _right(values, names, last, truth), len(last))


def cox(people: Any, events: Any, truth: Any, explained: int, begin: float) -> dict[str, Any]:
    """lifelines' time-varying Cox; a department's share is its columns' part of the linear risk."""
    from lifelines import CoxTimeVaryingFitter

    table = _table(people, events)
    names = [name for name in table.columns if name not in ("customer", "at", "left", "tenure_end", "tenure")]
    early = table["at"] < table["at"].quantile(2 / 3)
    known = table[early].assign(start=table["tenure"], stop=table["tenure_end"])
    names = [name for name in names if known[name].std() > 0]  # lifelines divides by it
    fitter = CoxTimeVaryingFitter(penalizer=0.1)
    columns = ["customer", "start", "stop", "left", *names]
    fitter.fit(known[columns], id_col="customer", event_col="left", start_col="start", stop_col="stop")
    trained = time.process_time()
    late = table[~early]
    area = _area(fitter.predict_log_partial_hazard(late[names]).to_numpy(), late["left"].to_numpy())
    last = _last_before_loss(table, truth).head(explained)
    blaming = time.process_time()
    values = (last[names] - table.loc[early, names].mean()).to_numpy() * fitter.params_.loc[names].to_numpy()
    blamed = time.process_time()
    return _said(begin, trained, blamed - blaming, area, _right(values, names, last, truth), len(last))


def markov(people: Any, events: Any, truth: Any, explained: int, begin: float) -> dict[str, Any]:
    """ChannelAttribution's Markov removal: departments are channels, leaving is the conversion; it ranks nobody."""
    import ChannelAttribution

    ways = events.sort_values("at").groupby("customer")["department"].agg(" > ".join).rename("path").reset_index()
    ways["left"] = ways["customer"].isin(truth["customer"]).astype(int)
    ways["stayed"] = 1 - ways["left"]
    counted = ways.groupby("path", as_index=False)[["left", "stayed"]].sum()
    found = ChannelAttribution.markov_model(
        counted, "path", "left", var_null="stayed", order=1, out_more=True, verbose=False
    )
    removal = found["removal_effects"].set_index("channel_name")["removal_effect"]
    trained = time.process_time()
    met = events.merge(truth, on="customer")
    met = met[met["at"] <= met["left_at"]].assign(effect=lambda rows: rows["department"].map(removal))
    named = met.sort_values("effect").groupby("customer")["department"].last()
    right = truth[truth["top"].notna() & truth["customer"].isin(named.index)]
    hits = float((right["customer"].map(named) == right["top"]).mean())
    return _said(begin, trained, time.process_time() - trained, None, hits, len(right))


def _read(folder: Path) -> tuple[Any, Any, Any]:
    people = pd.read_csv(
        folder / "customers.csv", usecols=["customer_id", "joined_at", "left_at", "left_kind", "monthly_value"]
    )
    events = pd.read_csv(
        folder / "interactions.csv", usecols=["customer_id", "occurred_at", "department", "facts", "wait_minutes"]
    )
    truth = pd.read_csv(folder / "truth" / "losses.csv", usecols=["customer_id", "left_at", "top_department"])
    for table in (people, events, truth):
        table.rename(columns={"customer_id": "customer"}, inplace=True)
    people["joined"], people["gone"] = _days(people["joined_at"]), _days(people["left_at"])
    events["at"] = _days(events["occurred_at"])
    truth["left_at"] = _days(truth["left_at"])
    events = events[events["department"].notna()]
    return people, events, truth.rename(columns={"top_department": "top"})


def _days(said: Any) -> Any:
    return (pd.to_datetime(said, utc=True) - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(days=1)


def _table(people: Any, events: Any) -> Any:
    """Return a row for each customer and month while a customer: what went before, and whether it was the last."""
    first, last = events["at"].min() + max(WINDOWS), events["at"].max()
    parts = [_month(people, events, at) for at in np.arange(first, last - STEP, STEP)]
    return pd.concat(parts, ignore_index=True).fillna(0.0)


def _month(people: Any, events: Any, at: float) -> Any:
    there = people[(people["joined"] < at) & ~(people["gone"] <= at)]
    row = pd.DataFrame({"customer": there["customer"], "at": at, "tenure": at - there["joined"]})
    row["tenure_end"] = np.minimum(at + STEP, there["gone"].fillna(np.inf)) - there["joined"]
    row["left"] = ((there["gone"] <= at + STEP) & (there["left_kind"] == "voluntary")).astype(float)
    row["value"] = there["monthly_value"]
    for days in WINDOWS:
        seen = events[(events["at"] <= at) & (events["at"] > at - days)]
        wrong = seen["facts"].notna() & (seen["facts"] != "")
        for name, rows in (("met", seen), ("wrong", seen[wrong])):
            counted = rows.pivot_table(index="customer", columns="department", values="at", aggfunc="size")
            counted.columns = [f"{name}_{days}|{department}" for department in counted.columns]
            row = row.merge(counted, left_on="customer", right_index=True, how="left")
        waited = seen.pivot_table(index="customer", columns="department", values="wait_minutes", aggfunc="sum")
        waited.columns = [f"waited_{days}|{department}" for department in waited.columns]
        row = row.merge(waited, left_on="customer", right_index=True, how="left")
    return row


def _last_before_loss(table: Any, truth: Any) -> Any:
    """Return the last row of each customer whose loss has a true first department, in drawn order."""
    lost = truth[truth["top"].notna()]
    rows = table.merge(lost, on="customer")
    rows = rows[rows["at"] <= rows["left_at"]].sort_values("at").groupby("customer").tail(1)
    return rows.sample(frac=1.0, random_state=1)


def _right(values: Any, names: list[str], last: Any, truth: Any) -> float:
    """Return how often the department with the largest sum of shares is the true one."""
    owner = [name.partition("|")[2] for name in names]
    sums = pd.DataFrame(values, columns=owner).T.groupby(level=0).sum().T.drop(columns=[""], errors="ignore")
    return float((sums.idxmax(axis=1).to_numpy() == last["top"].to_numpy()).mean())


def _area(guess: Any, came: Any) -> float:
    ranks = pd.Series(guess).rank().to_numpy()
    yes, no = came.sum(), (1 - came).sum()
    return float((ranks[came == 1].sum() - yes * (yes + 1) / 2) / (yes * no)) if yes and no else float("nan")


def _said(begin: float, trained: float, blame: float, area: float | None, right: float, number: int) -> dict[str, Any]:
    return {
        "train_seconds": trained - begin,
        "blame_seconds": blame,
        "losses": number,
        "skill": None if area is None else round(2 * area - 1, 4),
        "right": round(right, 4),
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


PEERS: Mapping[str, Callable[..., dict[str, Any]]] = {
    "LightGBM and permutation Shapley": lightgbm,
    "lifelines CoxTimeVarying": cox,
    "ChannelAttribution Markov removal": markov,
}

if __name__ == "__main__":
    main()
