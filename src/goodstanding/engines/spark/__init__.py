"""The engine for facts that one machine cannot hold: DuckDB's SQL said in Spark's words, the same kernel, the same integers."""

from goodstanding.engines.spark.engine import LOCAL, SparkEngine

__all__ = ["LOCAL", "SparkEngine"]
