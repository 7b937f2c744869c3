"""A plain interpreter of PMML models: each model is walked as the standard's text says, element by element.

It is what the engine is compared with, so it shares nothing with it and is written to be read beside the
standard (PMML 4.4, one file a chapter), not to be fast. Where the standard leaves a choice, docs/pmml.md says which.
"""
