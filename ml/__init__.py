"""The network: training and evaluation from the warehouse, and the answers of the server."""
