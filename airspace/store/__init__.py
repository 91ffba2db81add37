"""PostgreSQL: migrations, writer, statistics, outbox."""
