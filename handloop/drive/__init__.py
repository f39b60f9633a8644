"""A hand on real or virtual servos, driven from the command line."""
