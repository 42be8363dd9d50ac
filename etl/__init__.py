"""From image folders and their metadata to the operational store."""
