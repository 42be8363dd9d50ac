"""The server: the camera page, its answers, and the facts they leave."""
