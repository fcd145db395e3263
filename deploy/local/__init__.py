"""The real Kafka, PostgreSQL and S3 on one machine, with the services on top, under one supervisor.

`make run` and the tests share it: `deploy.local.stack` describes the system as a list of parts,
`deploy.local.supervisor` starts, watches and stops them. All state is kept in one folder,
`.local/` of the checkout for `make run`, so that removing the folder starts from nothing.
"""
