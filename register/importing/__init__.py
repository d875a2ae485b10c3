"""The register from a CSV file: ``reading`` turns lines into typed rows, ``storing`` puts them into the tables."""
