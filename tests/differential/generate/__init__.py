"""Random models, written as PMML text, and random records for them. The same seed makes the same text."""
