"""The one session with a Spark cluster that a process has."""

from __future__ import annotations

import os
import sys
import threading
from typing import Any

from valence.interactions import engines

SETTINGS = {
    # Times are UTC inside Valence. What DuckDB answers with nothing (a division by zero) is no error here either.
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "false",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    # Pages of Spark's own would be a door that nobody guards.
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    # The log names its files: to look for them is no work for the cluster.
    "spark.sql.sources.parallelPartitionDiscovery.threshold": "100000",
    # As many as the log has buckets; Spark puts small ones together.
    "spark.sql.shuffle.partitions": "64",
}
_opening = threading.Lock()


def session() -> Any:
    """Return this process's session with the cluster that `VALENCE_ENGINE` names, opened at the first call.

    Memory, cores and whatever else a cluster wants said are Spark's own settings: `spark-defaults.conf` in the folder
    that SPARK_CONF_DIR names. Raises ValueError where Spark is not installed.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise ValueError("VALENCE_ENGINE: Spark is not installed; pip install 'valence[spark]', and Java 17") from None
    with _opening:
        known = SparkSession.getActiveSession()
        if known is not None:
            return known
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        builder = SparkSession.builder.master(engines.address()).appName("valence")
        for name, value in SETTINGS.items():
            builder = builder.config(name, value)
        opened = builder.getOrCreate()
        opened.sparkContext.setLogLevel("ERROR")
        return opened


def is_sparks(problem: BaseException) -> bool:
    """Say whether Spark, or the bridge to it, raised an error."""
    return type(problem).__module__.startswith(("pyspark", "py4j"))
