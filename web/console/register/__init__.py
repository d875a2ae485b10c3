"""The register's pages: people, permissions, carers, placements, organisations, keys; what is due."""
