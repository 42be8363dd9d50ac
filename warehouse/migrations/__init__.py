"""The operational store's schema, step by step."""
