"""Anybody's grasps, read from files or made up, and held up to the same test."""
