"""How long the parts of each joint last."""
