"""Untrusted SQL on a published version: one SELECT, in a caged process of its own."""
