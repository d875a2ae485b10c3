"""The register's records as resources: what each is made of, and the routes that all of them share."""
