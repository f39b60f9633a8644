"""Tasks: one file each, with its scene, what happens in it, and what counts as success."""
