"""Hands and objects as MJCF, and one hand.toml per hand; package data."""
