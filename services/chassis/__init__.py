"""What every service stands on: Kafka, PostgreSQL, S3, HTTP, sessions, telemetry."""
