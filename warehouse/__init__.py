"""The operational store, the published warehouse, and the words both use."""
