"""The durable runtime: one update, one transaction, nothing lost, nothing silently twice."""
